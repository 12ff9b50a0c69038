package dev.brigade.process.connection;

import dev.brigade.WorkerOutput;
import dev.brigade.threads.Callbacks;
import java.util.ArrayDeque;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings workers' lines to the listener, one at a time and in order, on a thread where the user's code may run.
 *
 * <p>Design note: the lock ({@code this}) guards the queue; the listener is called without it. The channel's thread never waits
 * for a slow listener: what does not fit is dropped and counted. Threads that drain raw output may wait, and do.
 *
 * <pre>
 * idle -> delivering -> idle        ({@code delivering}: some thread runs {@link #deliver})
 * </pre>
 */
public final class OutputDispatcher {
    private static final Logger LOG = LoggerFactory.getLogger(OutputDispatcher.class);
    private static final long MAX_QUEUED_CHARS = 16 * 1024 * 1024;

    private final Consumer<? super WorkerOutput> listener;
    private final Executor executor;
    private final ArrayDeque<WorkerOutput> queue = new ArrayDeque<>();
    private long queuedChars;
    private long dropped;
    private boolean delivering;

    /** The thread that runs {@link #deliver}; null while none does. */
    private @Nullable Thread deliverer;

    public OutputDispatcher(Consumer<? super WorkerOutput> listener, Executor executor) {
        this.listener = listener;
        this.executor = executor;
    }

    /** Queues a line; drops it when too much is queued. Never blocks. */
    void offer(WorkerOutput line) {
        synchronized (this) {
            if (queuedChars > MAX_QUEUED_CHARS) {
                dropped++;
                return;
            }
        }
        add(line);
    }

    /** Queues a line; waits while too much is queued. */
    public void put(WorkerOutput line) {
        synchronized (this) {
            try {
                while (queuedChars > MAX_QUEUED_CHARS) {
                    wait();
                }
            } catch (InterruptedException e) {
                // The pool is closing: one line more does no harm.
                Thread.currentThread().interrupt();
            }
        }
        add(line);
    }

    private void add(WorkerOutput line) {
        boolean start;
        synchronized (this) {
            queue.add(line);
            queuedChars += line.line().length() + 1;
            start = !delivering;
            delivering = true;
        }
        if (start) {
            startDelivery();
        }
    }

    private void startDelivery() {
        try {
            executor.execute(this::deliver);
        } catch (RuntimeException | Error e) {
            // No thread is left for it, as a rule: the next line tries again.
            stopDelivering();
        }
    }

    private void deliver() {
        boolean all = false;
        synchronized (this) {
            deliverer = Thread.currentThread();
        }
        try {
            for (WorkerOutput line = next(); line != null; line = next()) {
                WorkerOutput one = line;
                Callbacks.run(() -> listener.accept(one), t -> LOG.warn("the output listener failed", t));
            }
            all = true;
        } finally {
            if (!all) {
                stopDelivering(); // where there is no memory even to call the listener: the next line tries again
            }
        }
    }

    private synchronized void stopDelivering() {
        delivering = false;
        deliverer = null;
        notifyAll();
    }

    private synchronized @Nullable WorkerOutput next() {
        WorkerOutput line = queue.poll();
        if (line == null) {
            delivering = false;
            deliverer = null;
            reportDropped();
            notifyAll();
            return null;
        }
        queuedChars -= line.line().length() + 1;
        if (queuedChars <= MAX_QUEUED_CHARS / 2) {
            notifyAll();
        }
        return line;
    }

    private void reportDropped() {
        if (dropped > 0) {
            LOG.warn("{} lines of workers' output were dropped: the listener is too slow", dropped);
            dropped = 0;
        }
    }

    /** Waits until all is delivered; not at all on the thread that delivers, where the listener closes the pool. */
    public synchronized void awaitEmpty(long untilNanos) throws InterruptedException {
        while (delivering && deliverer != Thread.currentThread() && untilNanos - System.nanoTime() > 0) {
            wait(10);
        }
    }
}
