package dev.brigade.engine;

import com.google.common.util.concurrent.ThreadFactoryBuilder;
import java.util.Deque;
import java.util.concurrent.ConcurrentLinkedDeque;
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
 * and some that run users' callbacks.
 *
 * <p><b>Thread safety</b>: all methods, from any thread.
 */
final class SideThreads {
    private static final long IDLE_SECONDS = 10;
    private static final long NO_THREAD_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private final ScheduledThreadPoolExecutor timer;
    private final ThreadPoolExecutor callbacks;

    /** Callbacks that no thread could be had for: who takes one out has it run. */
    private final Deque<Runnable> waiting = new ConcurrentLinkedDeque<>();

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
     * Where user code that belongs to no body runs; on the calling thread once the runner is closed. While no thread can be had for
     * it, it waits; only where none can be had for the clock either, so that nobody would try again, it runs on the calling one.
     */
    Executor callbacks() {
        return this::hand;
    }

    private void hand(Runnable action) {
        if (!isHanded(action)) {
            waiting.add(action);
            handLater();
        }
    }

    /** False when there is no thread for it. */
    private boolean isHanded(Runnable action) {
        try {
            callbacks.execute(action);
            return true;
        } catch (OutOfMemoryError noThread) {
            return false;
        } catch (RejectedExecutionException closed) {
            // below, as what it throws is its own
        }
        action.run();
        return true;
    }

    private void handLater() {
        try {
            Future<?> ignored = timer.schedule(this::handWaiting, NO_THREAD_PAUSE_NANOS, TimeUnit.NANOSECONDS);
            return;
        } catch (RejectedExecutionException closed) {
            // all that waits is run below
        } catch (OutOfMemoryError noTimer) {
            Runnable oldest = waiting.poll();
            if (oldest != null) {
                oldest.run();
            }
            return;
        }
        handWaiting();
    }

    /** Hands over what waits, each once, as long as there are threads. */
    private void handWaiting() {
        for (Runnable next = waiting.poll(); next != null; next = waiting.poll()) {
            if (!isHanded(next)) {
                waiting.addFirst(next);
                handLater();
                return;
            }
        }
    }

    /** Stops the clock; callbacks already accepted still run, those that wait for a thread on this one. */
    void close() {
        timer.shutdownNow();
        callbacks.shutdown();
        handWaiting();
    }
}
