package dev.brigade.engine;

import com.google.common.util.concurrent.ThreadFactoryBuilder;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * A runner's threads besides those of its bodies, made when first needed: one that watches the clock and never runs user code,
 * and some that run users' callbacks.
 *
 * <p><b>Thread safety</b>: all methods, from any thread.
 */
final class SideThreads {
    private static final long IDLE_SECONDS = 10;

    private final String prefix;
    private final ScheduledThreadPoolExecutor timer;
    private final ThreadPoolExecutor callbacks;

    SideThreads(String runnerName) {
        prefix = "brigade-" + runnerName + "-";
        // Neither starts a thread before its first task, and both let idle threads go.
        timer = new ScheduledThreadPoolExecutor(1, daemons("timer"));
        timer.setRemoveOnCancelPolicy(true);
        timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        timer.setKeepAliveTime(IDLE_SECONDS, TimeUnit.SECONDS);
        timer.allowCoreThreadTimeOut(true);
        // Unbounded, because a callback may block for as long as it likes and must hold up no other.
        callbacks = new ThreadPoolExecutor(
                0, Integer.MAX_VALUE, IDLE_SECONDS, TimeUnit.SECONDS, new SynchronousQueue<>(), daemons("callback"));
    }

    private ThreadFactory daemons(String role) {
        String format = prefix.replace("%", "%%") + role + "-%d";
        return new ThreadFactoryBuilder().setNameFormat(format).setDaemon(true).build();
    }

    /** Runs it after a delay; what is returned calls that off. */
    Runnable after(long delayNanos, TimedAction action) {
        try {
            return schedule(delayNanos, new TimedAction.Timed(this, action));
        } catch (RejectedExecutionException closed) {
            return () -> {};
        }
    }

    Runnable schedule(long delayNanos, TimedAction.Timed action) {
        Future<?> timing = timer.schedule(action, delayNanos, TimeUnit.NANOSECONDS);
        return () -> timing.cancel(false);
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
