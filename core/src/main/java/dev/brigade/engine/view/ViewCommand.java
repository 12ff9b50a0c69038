package dev.brigade.engine.view;

import dev.brigade.RunOptions;
import dev.brigade.Task;
import dev.brigade.engine.core.RunnerCore;
import dev.brigade.engine.core.SubmittedTask;
import java.util.Objects;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/** A command of an {@link ExecutorView}; never transported, although tasks are serializable. */
@SuppressWarnings("serial") // in-process runners serialize nothing, and strict ones refuse this
final class ViewCommand implements Task<Void>, SubmittedTask.Follower {
    final transient Runnable runnable;

    /** Not transient, so that a strict runner refuses the command, which no other process could run. */
    private final ExecutorView view;

    /** The future that the runnable runs, if the runnable is a completion service's wrapper of it; else null. */
    private final transient @Nullable ViewFuture<?> wrapped;

    /** True if the command has a time-out: its future is then cancelled at that time, though the body may go on. */
    private final transient boolean timed;

    /** Set once, before another thread sees this command. */
    private transient @Nullable SubmittedTask<Void> submission;

    /** Guarded by the view's lock. */
    transient Stage stage = Stage.WAITING;

    /** The stages of the body's beginning; all but {@code WAITING} are final. */
    enum Stage {
        /** The body may still begin. */
        WAITING,
        /** The body has begun. */
        BEGUN,
        /** The body never begins: {@code shutdownNow} has returned the runnable to its caller. */
        GIVEN_BACK,
        /** The body never begins: the command settled first. */
        DROPPED
    }

    ViewCommand(ExecutorView view, Runnable runnable, RunOptions options, @Nullable ViewFuture<?> wrapped) {
        this.view = view;
        this.runnable = runnable;
        this.wrapped = wrapped;
        timed = options.timeout().isPresent();
    }

    /** Makes the submission; the backend may refuse it. */
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

    void cancelIfPrepared() {
        SubmittedTask<Void> prepared = submission;
        if (prepared != null) {
            prepared.cancel(false);
        }
    }

    void help(long atMostNanos) throws InterruptedException {
        submission().helpOrCheck(atMostNanos);
    }

    boolean runHereUnlessBegun() {
        return submission().runHereUnlessBegun();
    }

    /** Called when the outcome is decided. The body may go on; if it has not begun, it never will. */
    @Override
    public void hasSettled() {
        Stage before = view.drop(this);
        if (runnable instanceof ViewFuture<?> future) {
            if (timed || before == Stage.WAITING) {
                future.cancel(false); // or a thread that waits for it would wait for ever
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
