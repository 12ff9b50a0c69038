package dev.brigade.engine;

import com.google.common.util.concurrent.ThreadFactoryBuilder;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinWorkerThread;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A runner's threads besides those of its bodies, made when first needed: one that watches the clock and never runs user code,
 * and some that run users' callbacks.
 *
 * <p><b>Thread safety</b>: all methods, from any thread.
 */
final class SideThreads {
    private static final Logger LOG = LoggerFactory.getLogger(SideThreads.class);
    private static final long IDLE_SECONDS = 10;
    private static final int MAX_CALLBACK_THREADS = 256;

    private final String prefix;
    private final ScheduledThreadPoolExecutor timer;
    private final ForkJoinPool callbacks;
    private final AtomicInteger callbackThreads = new AtomicInteger();

    SideThreads(String runnerName) {
        prefix = "brigade-" + runnerName + "-";
        // Neither starts a thread before its first task, and both let idle threads go.
        timer = new ScheduledThreadPoolExecutor(1, daemons("timer"));
        timer.setRemoveOnCancelPolicy(true);
        timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        timer.setKeepAliveTime(IDLE_SECONDS, TimeUnit.SECONDS);
        timer.allowCoreThreadTimeOut(true);
        // Grows when callbacks wait for each other's futures, and only then; a burst of callbacks queues.
        callbacks = new ForkJoinPool(
                Math.max(2, Runtime.getRuntime().availableProcessors()),
                pool -> named(ForkJoinPool.defaultForkJoinWorkerThreadFactory.newThread(pool)),
                (thread, failure) -> LOG.warn("a callback on thread {} threw", thread.getName(), failure),
                true,
                0,
                MAX_CALLBACK_THREADS,
                1,
                pool -> true,
                IDLE_SECONDS,
                TimeUnit.SECONDS);
    }

    private ForkJoinWorkerThread named(ForkJoinWorkerThread thread) {
        thread.setName(prefix + "callback-" + callbackThreads.incrementAndGet());
        return thread;
    }

    private ThreadFactory daemons(String role) {
        String format = prefix.replace("%", "%%") + role + "-%d";
        return new ThreadFactoryBuilder().setNameFormat(format).setDaemon(true).build();
    }

    /** Runs {@code action}, which must be short and no user code, after a delay; what is returned calls that off. */
    Runnable after(long delayNanos, Runnable action) {
        try {
            Future<?> timing = timer.schedule(action, delayNanos, TimeUnit.NANOSECONDS);
            return () -> timing.cancel(false);
        } catch (RejectedExecutionException closed) {
            return () -> {};
        }
    }

    /** Where user code that belongs to no body runs; on the calling thread once the runner is closed. */
    Executor callbacks() {
        return action -> {
            try {
                callbacks.execute(action);
            } catch (RejectedExecutionException closed) {
                action.run();
            }
        };
    }

    /** Stops the clock; callbacks already accepted still run. */
    void close() {
        timer.shutdownNow();
        callbacks.shutdown();
    }
}
