package dev.brigade.process.worker;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The items that a worker has been given and not yet begun, and the one that runs.
 *
 * <p>Design note: the lock ({@code this}) guards all fields, and what must be one step with them: telling the parent that an item
 * is given back, before the body thread can begin the one behind it; interrupting the body thread, only while the item runs.
 *
 * <pre>
 * an item:  queued -> running -> finished
 *           queued -> given back            (cancel, recall, retire)
 * </pre>
 */
public final class TaskInbox {
    private static final int LOW_SHARE = 4;

    private final ArrayDeque<QueuedTask> queue = new ArrayDeque<>();
    private final IntConsumer giveBack;
    private @Nullable QueuedTask current;
    private @Nullable Thread body;
    private boolean retired;

    /** The most that was queued since the queue was last called low. */
    private int most;

    /** Makes an empty inbox; {@code giveBack} tells the parent, is quick, and is called with the lock held. */
    public TaskInbox(IntConsumer giveBack) {
        this.giveBack = giveBack;
    }

    /** Adds an item; gives it back at once when the worker has retired. */
    public synchronized void offer(QueuedTask item) {
        if (retired) {
            giveBack.accept(item.id());
            return;
        }
        queue.add(item);
        most = Math.max(most, queue.size());
        notifyAll();
    }

    /** Waits for an item and makes it the one that runs, on the calling thread; null when the worker has retired. */
    public synchronized @Nullable QueuedTask take() {
        while (queue.isEmpty() && !retired) {
            waitQuietly();
        }
        current = queue.poll();
        body = Thread.currentThread();
        return current;
    }

    @SuppressWarnings("WaitNotInLoop") // the only caller loops
    private void waitQuietly() {
        try {
            wait();
        } catch (InterruptedException forgotten) {
            // Nobody but a task that kept the thread interrupts it between items; that is not the next item's business.
        }
    }

    /** The running item has ended: no interrupt meant for it reaches the next. On the body's thread. */
    @SuppressWarnings("ReturnValueIgnored") // clearing the flag is the point
    synchronized void finish() {
        current = null;
        Thread.interrupted();
    }

    /** Whether hardly anything is left, or a quarter of what was queued when this was last so. On the body's thread. */
    synchronized boolean isLow() {
        int left = queue.size();
        boolean low = left <= Math.max(1, most / LOW_SHARE);
        most = low ? left : most;
        return low;
    }

    /**
     * Gives an item back, if it is still queued.
     *
     * @return the item, when it runs now; null otherwise
     */
    public synchronized @Nullable QueuedTask withdraw(int id) {
        QueuedTask running = current;
        if (running != null && running.id() == id) {
            return running;
        }
        for (Iterator<QueuedTask> i = queue.descendingIterator(); i.hasNext(); ) {
            if (i.next().id() == id) {
                i.remove();
                giveBack.accept(id);
                return null;
            }
        }
        return null;
    }

    /** Interrupts the body, if it still runs that item. */
    synchronized void interrupt(int id) {
        QueuedTask running = current;
        Thread thread = body;
        if (running != null && running.id() == id && thread != null) {
            running.context().interrupt(thread);
        }
    }

    /** The thread that runs that item now; null when it has ended. */
    synchronized @Nullable Thread threadOf(int id) {
        QueuedTask running = current;
        return running != null && running.id() == id ? body : null;
    }

    /** The item that runs; null when none does. */
    synchronized @Nullable QueuedTask current() {
        return current;
    }

    /** Gives everything back that is queued, and takes nothing more. */
    public synchronized void retire() {
        retired = true;
        List<QueuedTask> left = new ArrayList<>(queue);
        queue.clear();
        left.forEach(item -> giveBack.accept(item.id()));
        notifyAll();
    }
}
