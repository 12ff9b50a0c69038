package dev.brigade.engine.view;

import dev.brigade.RunOptions;
import dev.brigade.Task;
import dev.brigade.engine.core.RunnerCore;
import dev.brigade.engine.core.SubmittedTask;
import java.util.Objects;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/** A command of an {@link ExecutorView} on its way; never transported, although every task could be. */
@SuppressWarnings("serial") // in-process runners serialize nothing
final class ViewCommand implements Task<Void>, SubmittedTask.Follower {
    final transient Runnable runnable;

    /** Not transient, so that a strict runner refuses what no other process could run. */
    private final ExecutorView view;

    /** What the runnable runs, where a completion service has wrapped that; else null. */
    private final transient @Nullable ViewFuture<?> wrapped;

    /** Whether its future is cancelled when its time is up, though its body goes on. */
    private final transient boolean timed;

    /** Set once, before anybody else knows of this. */
    private transient @Nullable SubmittedTask<Void> submission;

    /** Guarded by the view. */
    transient Stage stage = Stage.WAITING;

    /** Whether the body begins; all but the first are final. */
    enum Stage {
        /** It may. */
        WAITING,
        /** It has begun. */
        BEGUN,
        /** It never will: {@code shutdownNow} has given it back. */
        GIVEN_BACK,
        /** It never will. */
        DROPPED
    }

    ViewCommand(ExecutorView view, Runnable runnable, RunOptions options, @Nullable ViewFuture<?> wrapped) {
        this.view = view;
        this.runnable = runnable;
        this.wrapped = wrapped;
        timed = options.timeout().isPresent();
    }

    /** Makes what starts it; the backend may refuse. */
    void prepare(RunnerCore engine, RunOptions options) {
        submission = new SubmittedTask<>(engine, this, options, this);
        if (runnable instanceof ViewFuture<?> future) {
            future.carriedBy(this);
        } else if (wrapped != null) {
            wrapped.wrappedBy(this);
        }
    }

    boolean isOf(ExecutorView other) {
        return view == other;
    }

    private SubmittedTask<Void> submission() {
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

    /** Its outcome is decided, though its body may go on; one that has not begun never will. */
    @Override
    public void hasSettled() {
        Stage before = view.drop(this);
        if (runnable instanceof ViewFuture<?> future) {
            if (timed || before == Stage.WAITING) {
                future.cancel(false); // or who waits for it would wait for ever
            }
        } else if (before == Stage.WAITING) {
            cancelUsers();
        }
        if (before != Stage.BEGUN) {
            view.gone(this);
        }
    }

    private void cancelUsers() {
        if (wrapped != null) {
            wrapped.cancel(false);
        }
        if (runnable instanceof Future<?> users) {
            view.engine.threads.callbacks().execute(() -> users.cancel(false));
        }
    }

    @Override
    public void mayRun() {
        view.changed();
    }

    @Override
    @SuppressWarnings("NullAway") // the one value of Void
    public Void call() {
        boolean begins = view.begins(this);
        view.changed();
        if (!begins) {
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
