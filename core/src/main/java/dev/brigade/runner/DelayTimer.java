package dev.brigade.runner;

import dev.brigade.engine.OwnThreads;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The clock of delays that belong to no event loop, and the few threads that complete them.
 *
 * <p>Design note: not the JDK's, which completes on the common pool. Where that has one thread it starts a thread for each delay,
 * and else anybody's blocking task holds it up; its own clock keeps the class loader of its first user for ever. These threads end
 * when they have nothing to do.
 *
 * <p><b>Thread safety</b>: all methods, from any thread.
 */
final class DelayTimer {
    private static final long IDLE_SECONDS = 5;
    private static final int THREADS = Math.max(4, Runtime.getRuntime().availableProcessors());

    private static final ScheduledThreadPoolExecutor CLOCK =
            new ScheduledThreadPoolExecutor(1, OwnThreads.named("brigade-delay-clock-"));
    private static final ThreadPoolExecutor COMPLETING = new ThreadPoolExecutor(
            THREADS,
            THREADS,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            OwnThreads.named("brigade-delay-"));

    static {
        CLOCK.setRemoveOnCancelPolicy(true);
        CLOCK.setKeepAliveTime(IDLE_SECONDS, TimeUnit.SECONDS);
        CLOCK.allowCoreThreadTimeOut(true);
        COMPLETING.allowCoreThreadTimeOut(true);
    }

    private DelayTimer() {}

    /** Has it run after that time, on a thread that may run user code. */
    static Future<?> schedule(Runnable ring, Duration time) {
        return CLOCK.schedule(() -> COMPLETING.execute(ring), time.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Has it run after that time on the clock's own thread: it is brief, and runs no user code. */
    static void scheduleBrief(Runnable look, long delayNanos) {
        Future<?> ignored = CLOCK.schedule(look, delayNanos, TimeUnit.NANOSECONDS);
    }
}
