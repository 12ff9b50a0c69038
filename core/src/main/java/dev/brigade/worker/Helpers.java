package dev.brigade.worker;

import dev.brigade.engine.OwnThreads;
import java.util.concurrent.Executor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Threads for what may block: starting processes, draining their output, the listener. They come and go. */
final class Helpers implements Executor {
    private static final long KEEP_ALIVE_MILLIS = 1000;

    private final ThreadPoolExecutor threads;

    Helpers(String name) {
        threads = new ThreadPoolExecutor(
                0,
                Integer.MAX_VALUE,
                KEEP_ALIVE_MILLIS,
                TimeUnit.MILLISECONDS,
                new SynchronousQueue<>(),
                OwnThreads.named(name + "-"),
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
