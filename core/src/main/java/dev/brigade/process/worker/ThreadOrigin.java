package dev.brigade.process.worker;

import java.util.concurrent.ForkJoinWorkerThread;
import org.jspecify.annotations.Nullable;

/**
 * The attempt that a thread of a worker belongs to: the attempt that ran when the thread was started.
 *
 * <p>Design note: threads inherit the value, and it is looked up when a thread is created, so an attempt costs nothing. A thread that
 * outlives its attempt still belongs to it, whatever runs then. A fork-join thread works for any thread that asks, so its work probably
 * belongs to the running attempt.
 */
final class ThreadOrigin extends InheritableThreadLocal<@Nullable Object> {
    static final int NO_ATTEMPT = 0;

    /** The value of the body's own thread. */
    private static final Object BODY = new Object();

    private final TaskInbox inbox;

    ThreadOrigin(TaskInbox inbox) {
        this.inbox = inbox;
    }

    /** Marks the calling thread as the thread of the bodies. */
    void markBodyThread() {
        set(BODY);
    }

    @Override
    protected @Nullable Object childValue(@Nullable Object parents) {
        return BODY.equals(parents) ? Integer.valueOf(runningAttempt()) : parents;
    }

    private int runningAttempt() {
        QueuedTask current = inbox.current();
        return current == null ? NO_ATTEMPT : current.id();
    }

    /** Returns the attempt that the calling thread works for; {@value #NO_ATTEMPT} if that attempt is over, or none runs. */
    int attempt() {
        int running = runningAttempt();
        @Nullable Object own = get();
        boolean itsOwn = own == null || BODY.equals(own) || own.equals(running);
        return itsOwn || isShared() ? running : NO_ATTEMPT;
    }

    /** Returns true if {@link #attempt()} is certain, and not only probable. */
    boolean isSure() {
        @Nullable Object own = get();
        return BODY.equals(own) || (own != null && own.equals(runningAttempt()));
    }

    private static boolean isShared() {
        return Thread.currentThread() instanceof ForkJoinWorkerThread;
    }
}
