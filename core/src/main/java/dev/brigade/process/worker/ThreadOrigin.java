package dev.brigade.process.worker;

import java.util.concurrent.ForkJoinWorkerThread;
import org.jspecify.annotations.Nullable;

/**
 * Whose a thread of a worker is: of the item during which it was started.
 *
 * <p>Design note: inherited from thread to thread, and looked up when one is created, so that an item costs nothing. A thread that
 * outlives its item stays that item's, whatever runs then. Fork-join threads work for whoever asks, so what they do is probably the
 * running item's.
 */
final class ThreadOrigin extends InheritableThreadLocal<@Nullable Object> {
    static final int NO_ITEM = 0;

    /** The value of the body's own thread. */
    private static final Object BODY = new Object();

    private final TaskInbox inbox;

    ThreadOrigin(TaskInbox inbox) {
        this.inbox = inbox;
    }

    /** The calling thread runs the bodies. */
    void isBody() {
        set(BODY);
    }

    @Override
    protected @Nullable Object childValue(@Nullable Object parents) {
        return BODY.equals(parents) ? Integer.valueOf(runningItem()) : parents;
    }

    private int runningItem() {
        QueuedTask current = inbox.current();
        return current == null ? NO_ITEM : current.id();
    }

    /** The item that the calling thread works for; {@value #NO_ITEM} when that is over, or none. */
    int item() {
        int running = runningItem();
        @Nullable Object own = get();
        boolean itsOwn = own == null || BODY.equals(own) || own.equals(running);
        return itsOwn || isShared() ? running : NO_ITEM;
    }

    /** Whether {@link #item()} is known, and not only probable. */
    boolean isSure() {
        @Nullable Object own = get();
        return BODY.equals(own) || (own != null && own.equals(runningItem()));
    }

    private static boolean isShared() {
        return Thread.currentThread() instanceof ForkJoinWorkerThread;
    }
}
