package dev.brigade.process.worker;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The tasks that a worker has been given and has not begun, and the task that runs.
 *
 * <p>Design note: the lock ({@code this}) guards all fields, and makes two steps atomic with them. The parent is told that a task is given
 * back before the body's thread can begin the next one. The body's thread is interrupted only while the task runs.
 *
 * <pre>
 * a task:  queued -> running -> finished
 *          queued -> given back            (cancel, recall, retire)
 * </pre>
 */
public final class TaskInbox {
    private static final int LOW_SHARE = 4;

    private final ArrayDeque<QueuedTask> queue = new ArrayDeque<>();
    private final IntConsumer giveBack;
    private @Nullable QueuedTask current;
    private @Nullable Thread body;
    private boolean retired;

    /** Greatest length of the queue since it was last low. */
    private int most;

    /** Makes an empty inbox; {@code giveBack} tells the parent, is quick, and is called with the lock held. */
    public TaskInbox(IntConsumer giveBack) {
        this.giveBack = giveBack;
    }

    /** Adds a task; gives it back at once if the worker has retired. */
    public synchronized void offer(QueuedTask task) {
        if (retired) {
            giveBack.accept(task.id());
            return;
        }
        queue.add(task);
        most = Math.max(most, queue.size());
        notifyAll();
    }

    /** Waits for a task, which the calling thread then runs; returns null if the worker has retired. */
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
            // Between tasks, only an earlier task that has kept the thread interrupts it. This must not reach the next
            // task.
        }
    }

    /** Ends the running task, so that no interrupt meant for it reaches the next one. Body's thread only. */
    @SuppressWarnings("ReturnValueIgnored") // clearing the flag is the point
    synchronized void finish() {
        current = null;
        Thread.interrupted();
    }

    /**
     * Returns true if at most one task is queued, or a quarter of the most that were queued since this was last true. Body's thread only.
     */
    synchronized boolean isLow() {
        int left = queue.size();
        boolean low = left <= Math.max(1, most / LOW_SHARE);
        most = low ? left : most;
        return low;
    }

    /**
     * Gives a task back, if it is still queued.
     *
     * @return the task if it runs now; else null
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

    /** Interrupts the body's thread, if it still runs that task. */
    synchronized void interrupt(int id) {
        QueuedTask running = current;
        Thread thread = body;
        if (running != null && running.id() == id && thread != null) {
            running.context().interrupt(thread);
        }
    }

    /** Returns the thread that runs that task; null if the task has ended. */
    synchronized @Nullable Thread threadOf(int id) {
        QueuedTask running = current;
        return running != null && running.id() == id ? body : null;
    }

    /** Returns the task that runs; null if none does. */
    synchronized @Nullable QueuedTask current() {
        return current;
    }

    /** Gives back the queued tasks, and each task that is offered from now on. */
    public synchronized void retire() {
        retired = true;
        List<QueuedTask> left = new ArrayList<>(queue);
        queue.clear();
        left.forEach(task -> giveBack.accept(task.id()));
        notifyAll();
    }
}
