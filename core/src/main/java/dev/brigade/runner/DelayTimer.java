package dev.brigade.runner;

import com.google.common.util.concurrent.ThreadFactoryBuilder;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
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
            new ScheduledThreadPoolExecutor(1, daemons("brigade-delay-clock-%d"));
    private static final ThreadPoolExecutor COMPLETING = new ThreadPoolExecutor(
            THREADS, THREADS, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), daemons("brigade-delay-%d"));

    static {
        CLOCK.setRemoveOnCancelPolicy(true);
        CLOCK.setKeepAliveTime(IDLE_SECONDS, TimeUnit.SECONDS);
        CLOCK.allowCoreThreadTimeOut(true);
        COMPLETING.allowCoreThreadTimeOut(true);
    }

    private DelayTimer() {}

    /** With the context class loader that the common pool's threads have, not that of whoever comes first. */
    private static ThreadFactory daemons(String format) {
        ThreadFactory inheriting =
                new ThreadFactoryBuilder().setNameFormat(format).setDaemon(true).build();
        return body -> {
            Thread thread = inheriting.newThread(body);
            thread.setContextClassLoader(ClassLoader.getSystemClassLoader());
            return thread;
        };
    }

    /** Has it run after that time, on a thread that may run user code. */
    static Future<?> schedule(Runnable ring, Duration time) {
        return CLOCK.schedule(() -> COMPLETING.execute(ring), time.toNanos(), TimeUnit.NANOSECONDS);
    }
}
