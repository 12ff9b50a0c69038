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
import java.util.function.Function;

/**
 * A runner's threads besides those of its bodies, made when first needed: one that watches the clock and never runs user code,
 * and some that run users' callbacks (the clock's only when for seconds there is no thread for them).
 *
 * <p><b>Thread safety</b>: all methods, from any thread.
 */
final class SideThreads {
    private static final long IDLE_SECONDS = 10;
    private static final long NO_THREAD_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private final ScheduledThreadPoolExecutor timer;
    private final ThreadPoolExecutor callbacks;

    SideThreads(String runnerName) {
        this(role -> daemons("brigade-" + runnerName + "-" + role));
    }

    /** {@code factories} makes threads for a role. */
    SideThreads(Function<String, ThreadFactory> factories) {
        // Neither starts a thread before its first task, and both let idle threads go.
        timer = new ScheduledThreadPoolExecutor(1, factories.apply("timer"));
        timer.setRemoveOnCancelPolicy(true);
        timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        timer.setKeepAliveTime(IDLE_SECONDS, TimeUnit.SECONDS);
        timer.allowCoreThreadTimeOut(true);
        // Unbounded, because a callback may block for as long as it likes and must hold up no other.
        callbacks = new ThreadPoolExecutor(
                0,
                Integer.MAX_VALUE,
                IDLE_SECONDS,
                TimeUnit.SECONDS,
                new SynchronousQueue<>(),
                factories.apply("callback"));
    }

    private static ThreadFactory daemons(String name) {
        String format = name.replace("%", "%%") + "-%d";
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

    /**
     * Where user code that belongs to no body runs; on the calling thread once the runner is closed. While no thread is to be
     * had it waits, as nothing may be lost for that; in the end it runs on the clock's thread, or where that is not to be had
     * either, on the calling one.
     */
    Executor callbacks() {
        return action -> {
            try {
                hand(action);
            } catch (OutOfMemoryError noThread) {
                handLater(action);
            }
        };
    }

    private void hand(Runnable action) {
        try {
            callbacks.execute(action);
        } catch (RejectedExecutionException closed) {
            action.run();
        }
    }

    private void handLater(Runnable action) {
        try {
            schedule(NO_THREAD_PAUSE_NANOS, new TimedAction.Timed(this, new HandOver(this, action)));
        } catch (RejectedExecutionException | OutOfMemoryError noTimer) {
            action.run();
        }
    }

    private record HandOver(SideThreads threads, Runnable action) implements TimedAction {
        @Override
        public void run() {
            threads.hand(action);
        }

        @Override
        public void giveUp(Throwable cause) {
            action.run();
        }
    }

    /** Stops the clock; callbacks already accepted still run. */
    void close() {
        timer.shutdownNow();
        callbacks.shutdown();
    }
}
