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
 * The clock of delays that belong to no event loop, and the few threads that complete them.
 *
 * <p>Design note: not the JDK's, which completes on the common pool. Where that has one thread it starts a thread for each delay,
 * and else anybody's blocking task holds it up; its own clock keeps the class loader of its first user for ever. These threads end
 * when they have nothing to do.
 *
 * <p>What depends on a delay may block, and may wait for another delay. So there is no upper bound: while something is queued and
 * nothing has been completed between two looks of the clock, threads are added, in each such look one more. A burst of delays adds
 * none, since it is served.
 *
 * <p><b>Thread safety</b>: all methods, from any thread, unless they say otherwise.
 */
final class DelayTimer {
    /** That of all delays and all loops. */
    static final DelayTimer SHARED = new DelayTimer(OwnThreads::named);

    private static final long IDLE_SECONDS = 5;
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private final int usualThreads = Math.max(4, Runtime.getRuntime().availableProcessors());
    private final ScheduledThreadPoolExecutor clock;
    private final BlockingQueue<Runnable> due = new LinkedBlockingQueue<>();
    private final ThreadPoolExecutor completing;

    /** Whether a look is due; like the next two, for the clock's thread. */
    private boolean looking;

    private long completedBefore;

    /** How many looks in a row have found that nothing was completed. */
    private int stalledLooks;

    /** {@code factories} makes threads for a prefix of their names. */
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

    /** Has it run after that time, on a thread that may run user code. */
    Future<?> schedule(Runnable ring, Duration time) {
        return onClock(() -> hand(ring), time.toNanos());
    }

    /** Has it run after that time on the clock's own thread: it is brief, and runs no user code. */
    void scheduleBrief(Runnable look, long delayNanos) {
        Future<?> ignored = onClock(look, delayNanos);
    }

    private Future<?> onClock(Runnable task, long delayNanos) {
        clock.prestartCoreThread(); // where it throws, nothing is left in the queue
        return clock.schedule(task, delayNanos, TimeUnit.NANOSECONDS);
    }

    /** Has it run soon, on a thread that may run user code. On the clock's thread only. */
    void hand(Runnable task) {
        due.add(task); // not execute: that forgets the task when there is no thread
        try {
            completing.prestartCoreThread();
        } catch (OutOfMemoryError noThread) {
            // the looks try again
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
                stalledLooks = 0; // each look asks for one, as long as there is none
            }
        }
    }
}
