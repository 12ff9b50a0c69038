package dev.brigade.worker;

import java.util.concurrent.Executor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Threads for what may block: starting processes, draining their output, the listener. They come and go. */
final class Helpers implements Executor {
    private static final long KEEP_ALIVE_MILLIS = 1000;

    private final AtomicInteger numbers = new AtomicInteger();
    private final ThreadPoolExecutor threads;

    Helpers(String name) {
        threads = new ThreadPoolExecutor(
                0,
                Integer.MAX_VALUE,
                KEEP_ALIVE_MILLIS,
                TimeUnit.MILLISECONDS,
                new SynchronousQueue<>(),
                task -> {
                    Thread thread = new Thread(task, name + "-" + numbers.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                },
                // After the close nothing matters any more.
                new ThreadPoolExecutor.DiscardPolicy());
    }

    @Override
    public void execute(Runnable task) {
        threads.execute(task);
    }

    /** Ends the threads; false when some still run. */
    boolean stop(long withinNanos) throws InterruptedException {
        threads.shutdownNow();
        return threads.awaitTermination(Math.max(1, withinNanos), TimeUnit.NANOSECONDS);
    }
}
