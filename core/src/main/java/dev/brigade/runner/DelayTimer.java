package dev.brigade.runner;

import dev.brigade.threads.OwnThreads;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * The timer of delays that belong to no event loop, and the few threads that complete them. Event loops use it for their checks.
 *
 * <p>Design note: the JDK's own delays complete on the common pool, which any blocking task of the application holds up. Before JDK 25
 * they start a thread for each delay if that pool has one thread, and their timer keeps its first user's class loader for ever. The
 * threads of this class end when they have nothing to do.
 *
 * <p>A dependent of a delay may block, and may wait for another delay, so the number of threads has no upper bound. If delays
 * are queued and none was completed since the last check of the timer, the check adds a thread. Each further such check in a row adds one
 * thread more than the check before it. A burst of delays adds no thread, because its delays are completed.
 *
 * <p><b>Thread safety</b>: all methods, from any thread, unless they say otherwise.
 */
final class DelayTimer {
    /** The timer of all delays and all loops. */
    static final DelayTimer SHARED = new DelayTimer(OwnThreads::named);

    private static final long IDLE_SECONDS = 5;
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private final int usualThreads = Math.max(4, Runtime.getRuntime().availableProcessors());
    private final ScheduledThreadPoolExecutor clock;
    private final BlockingQueue<Runnable> due = new LinkedBlockingQueue<>();
    private final ThreadPoolExecutor completing;

    /** True if a check is due; like the next two fields, for the timer's thread alone. */
    private boolean looking;

    private long completedBefore;

    /** Number of checks in a row that found that nothing was completed. */
    private int stalledLooks;

    /** Makes a timer; {@code factories} returns the factory of threads whose names have a prefix. */
    DelayTimer(Function<String, ThreadFactory> factories) {
        clock = new ScheduledThreadPoolExecutor(1, factories.apply("brigade-delay-clock-"));
        clock.setRemoveOnCancelPolicy(true);
        clock.setKeepAliveTime(IDLE_SECONDS, TimeUnit.SECONDS);
        clock.allowCoreThreadTimeOut(true);
        completing = new ThreadPoolExecutor(
                usualThreads,
                Integer.MAX_VALUE,
                IDLE_SECONDS,
                TimeUnit.SECONDS,
                due,
                factories.apply("brigade-delay-"));
        completing.allowCoreThreadTimeOut(true);
    }

    /** Runs {@code ring} after a time, on a thread that may run user code. */
    Future<?> schedule(Runnable ring, Duration time) {
        return onClock(() -> hand(ring), time.toNanos());
    }

    /** Runs {@code look} after a time on the timer's own thread: it must be brief, and run no user code. */
    void scheduleBrief(Runnable look, long delayNanos) {
        Future<?> ignored = onClock(look, delayNanos);
    }

    private Future<?> onClock(Runnable task, long delayNanos) {
        clock.prestartCoreThread(); // first: if it throws, nothing is left in the queue
        return clock.schedule(task, delayNanos, TimeUnit.NANOSECONDS);
    }

    /** Runs a task soon, on a thread that may run user code. To be called on the timer's thread only. */
    void hand(Runnable task) {
        due.add(task); // not execute, which loses the task if no thread can be started
        try {
            completing.prestartCoreThread();
        } catch (OutOfMemoryError noThread) {
            // the checks try again
        }
        lookLater();
    }

    private void lookLater() {
        if (!looking) {
            looking = true;
            scheduleBrief(this::look, LOOK_NANOS);
        }
    }

    private void look() {
        looking = false;
        if (due.isEmpty()) {
            stalledLooks = 0;
            if (completing.getCorePoolSize() > usualThreads) {
                completing.setCorePoolSize(usualThreads);
            }
            return;
        }
        long completed = completing.getCompletedTaskCount();
        stalledLooks = completed == completedBefore ? stalledLooks + 1 : 0;
        completedBefore = completed;
        lookLater();
        if (stalledLooks > 0) {
            try {
                completing.setCorePoolSize(Math.max(usualThreads, completing.getPoolSize() + stalledLooks));
                completing.prestartAllCoreThreads();
            } catch (OutOfMemoryError noThread) {
                stalledLooks = 0; // each check asks for one thread, as long as none can be started
            }
        }
    }
}
