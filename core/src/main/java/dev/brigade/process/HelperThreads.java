package dev.brigade.process;

import dev.brigade.threads.OwnThreads;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Threads for work that may block: starting processes, reading their output, calling the listener. Idle threads end.
 *
 * <p>Design note: a helper thread may close the pool itself, as the output listener may. It then neither interrupts itself nor waits for
 * its own end. The lock ({@code this}) guards {@code busy} and {@code stopping}.
 */
final class HelperThreads implements Executor {
    private static final long KEEP_ALIVE_MILLIS = 1000;

    private final ThreadPoolExecutor threads;
    private final Set<Thread> busy = new HashSet<>();
    private boolean stopping;

    HelperThreads(String name) {
        threads = new Threads(name);
    }

    private final class Threads extends ThreadPoolExecutor {
        Threads(String name) {
            super(
                    0,
                    Integer.MAX_VALUE,
                    KEEP_ALIVE_MILLIS,
                    TimeUnit.MILLISECONDS,
                    new SynchronousQueue<>(),
                    OwnThreads.named(name + "-"),
                    new ThreadPoolExecutor.AbortPolicy());
        }

        @Override
        protected void beforeExecute(Thread thread, Runnable task) {
            begins(thread);
        }

        @Override
        protected void afterExecute(Runnable task, @Nullable Throwable thrown) {
            ends(Thread.currentThread());
        }
    }

    private synchronized void begins(Thread thread) {
        busy.add(thread);
        if (stopping) {
            thread.interrupt(); // accepted just before
        }
    }

    private synchronized void ends(Thread thread) {
        busy.remove(thread);
        notifyAll();
    }

    /**
     * Has it done on one of the threads.
     *
     * @throws java.util.concurrent.RejectedExecutionException when they have been stopped
     * @throws OutOfMemoryError when the machine has no thread left
     */
    @Override
    public void execute(Runnable task) {
        threads.execute(task);
    }

    /** Interrupts and ends the threads, but the calling one; false when some still run. */
    boolean stop(long withinNanos) throws InterruptedException {
        threads.shutdown();
        long untilNanos = System.nanoTime() + Math.max(1, withinNanos);
        Thread self = Thread.currentThread();
        synchronized (this) {
            stopping = true;
            boolean isOwn = busy.contains(self);
            busy.stream().filter(thread -> thread != self).forEach(Thread::interrupt);
            long leftNanos = untilNanos - System.nanoTime();
            while (busy.size() > (isOwn ? 1 : 0) && leftNanos > 0) {
                TimeUnit.NANOSECONDS.timedWait(this, leftNanos);
                leftNanos = untilNanos - System.nanoTime();
            }
            if (isOwn) {
                return busy.size() == 1;
            }
        }
        return threads.awaitTermination(Math.max(1, untilNanos - System.nanoTime()), TimeUnit.NANOSECONDS);
    }
}
