package dev.brigade.engine;

import dev.brigade.RunOptions;
import dev.brigade.Task;
import java.util.Objects;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/** A command of an {@link ExecutorView} on its way; never transported, although every task could be. */
@SuppressWarnings("serial") // in-process runners serialize nothing
final class ViewCommand implements Task<Void> {
    final transient Runnable runnable;

    /** Not transient, so that a strict runner refuses what no other process could run. */
    private final ExecutorView view;

    /** Whether its future is cancelled when its time is up, though its body goes on. */
    private final transient boolean timed;

    /** Set once, before anybody else knows of this. */
    private transient @Nullable Submission<Void> submission;

    /** Guarded by the view, as is the next. */
    transient boolean begun;

    transient boolean unwanted;

    ViewCommand(ExecutorView view, Runnable runnable, RunOptions options) {
        this.view = view;
        this.runnable = runnable;
        timed = options.timeout().isPresent();
    }

    /** Makes what starts it; the strategy may refuse. */
    void prepare(Engine engine, RunOptions options) {
        submission = new Submission<>(engine, this, options, this::settled);
        if (runnable instanceof ViewFuture<?> future) {
            future.carriedBy(this);
        }
    }

    boolean isOf(ExecutorView other) {
        return view == other;
    }

    private Submission<Void> submission() {
        return Objects.requireNonNull(submission);
    }

    void start() {
        submission().start();
    }

    void cancel(boolean mayInterruptIfRunning) {
        submission().cancel(mayInterruptIfRunning);
    }

    void help(long atMostNanos) throws InterruptedException {
        submission().helpOrCheck(atMostNanos);
    }

    boolean runHereUnlessBegun() {
        return submission().runHereUnlessBegun();
    }

    /** Its outcome is decided, though its body may go on: no user code here. */
    private void settled() {
        boolean never = view.hasNotBegun(this);
        if (runnable instanceof ViewFuture<?> future) {
            if (timed || (never && !unwanted)) {
                future.cancel(false); // or who waits for it would wait for ever
            }
        } else if (never && !unwanted && runnable instanceof Future<?> users) {
            view.engine.threads.callbacks().execute(() -> users.cancel(false));
        }
        if (never) {
            view.gone(this);
        }
    }

    @Override
    @SuppressWarnings("NullAway") // the one value of Void
    public Void call() {
        if (!view.begins(this)) {
            return null;
        }
        try {
            runnable.run();
        } catch (Throwable t) {
            Thread self = Thread.currentThread();
            self.getUncaughtExceptionHandler().uncaughtException(self, t);
        } finally {
            view.gone(this);
        }
        return null;
    }
}
