package dev.brigade.runner;

import dev.brigade.threads.OwnThreads;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One thread that runs steps, now or later, one after the other, and logs a step that blocks it.
 *
 * <p>Design note: the loop is a scheduled executor with one thread, which the executor replaces if it dies. A thread of the loop is known
 * by its type. The loop cannot check itself for a step that takes long, so a timer outside it does. The first step after an idle time
 * starts the checks, which go on while each finds a step. So a step needs no timer of its own.
 */
final class EventLoop {
    private static final Logger LOG = LoggerFactory.getLogger(EventLoop.class);

    private static final long IDLE_SECONDS = 10;

    private final ScheduledThreadPoolExecutor loop;
    private final DelayTimer clock;

    /** Actions to run if the loop closes before they are taken back. */
    private final Set<Runnable> whenClosed = ConcurrentHashMap.newKeySet();

    /** Set before the actions in {@code whenClosed} run, and read after one is added, so that none is left out. */
    private volatile boolean closing;

    private final long thresholdNanos;

    /** The step that the loop runs; null between steps. Written by the loop's thread alone. */
    private volatile @Nullable Step current;

    /** True if a check is due. Cleared before {@code current} is read, and set after it is written, so that no step goes unchecked. */
    private final AtomicBoolean watched = new AtomicBoolean();

    /** A step that is under way, and its thread. */
    private record Step(Object who, long startNanos, Thread thread) {}

    EventLoop(String name, Duration blockingThreshold) {
        this(name, blockingThreshold, DelayTimer.SHARED);
    }

    EventLoop(String name, Duration blockingThreshold, DelayTimer clock) {
        this.clock = clock;
        thresholdNanos = blockingThreshold.toNanos();
        AtomicInteger count = new AtomicInteger();
        loop = new ScheduledThreadPoolExecutor(
                1,
                task -> OwnThreads.prepared(
                        new LoopThread(this, task, "brigade-" + name + "-" + count.incrementAndGet())));
        loop.setRemoveOnCancelPolicy(true);
        loop.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        loop.setKeepAliveTime(
                IDLE_SECONDS, TimeUnit.SECONDS); // else a runner that is never closed would keep its thread
        loop.allowCoreThreadTimeOut(true);
    }

    /** The loop's thread, with a reference to its loop. */
    private static final class LoopThread extends Thread {
        private final EventLoop owner;

        LoopThread(EventLoop owner, Runnable task, String name) {
            super(null, task, name, 0, false);
            this.owner = owner;
        }
    }

    /** Returns the loop whose thread the calling thread is; null on other threads. */
    static @Nullable EventLoop current() {
        return Thread.currentThread() instanceof LoopThread thread ? thread.owner : null;
    }

    /** Runs a step soon; {@code who} names it in the log if it blocks the loop. */
    void execute(Object who, Runnable step) {
        loop.execute(() -> timed(who, step));
    }

    /** As {@link #execute}, but on the calling thread if the loop is closed. */
    void executeInAnyCase(Object who, Runnable step) {
        try {
            execute(who, step);
        } catch (RejectedExecutionException closed) {
            step.run();
        }
    }

    /** Runs an action once if the loop closes, on the closing thread or the calling one; the returned action takes it back. */
    Runnable whenClosed(Runnable action) {
        whenClosed.add(action);
        if (closing && whenClosed.remove(action)) {
            action.run();
        }
        return () -> whenClosed.remove(action);
    }

    /** Runs a step after a delay. */
    Future<?> schedule(Object who, Runnable step, Duration delay) {
        return loop.schedule(() -> timed(who, step), delay.toNanos(), TimeUnit.NANOSECONDS);
    }

    private void timed(Object who, Runnable step) {
        long startNanos = System.nanoTime();
        current = new Step(who, startNanos, Thread.currentThread());
        try {
            watch(thresholdNanos);
            step.run();
        } catch (RejectedExecutionException e) {
            LOG.debug("a step of {} came after the loop was closed", who, e);
        } finally {
            current = null;
        }
        long tookNanos = System.nanoTime() - startNanos;
        if (tookNanos > thresholdNanos) {
            LOG.warn(
                    "{} blocked the event loop for {} ms (the threshold is {} ms); nothing else ran meanwhile",
                    who,
                    TimeUnit.NANOSECONDS.toMillis(tookNanos),
                    TimeUnit.NANOSECONDS.toMillis(thresholdNanos));
        }
    }

    /** Makes the timer check after a time, unless a check is due. The timer refers to the loop weakly, and so does not keep it alive. */
    private void watch(long delayNanos) {
        if (!watched.get() && watched.compareAndSet(false, true)) {
            WeakReference<EventLoop> self = new WeakReference<>(this);
            try {
                clock.scheduleBrief(() -> look(self), delayNanos);
            } catch (OutOfMemoryError noThread) {
                watched.set(false); // the next step tries again; this one must run all the same
            }
        }
    }

    private static void look(WeakReference<EventLoop> looked) {
        EventLoop loop = looked.get();
        if (loop != null) {
            loop.look();
        }
    }

    /** Runs on the timer's thread. A step that has been logged is not checked again; the next step starts the checks again. */
    private void look() {
        watched.set(false);
        Step step = current;
        if (step == null) {
            return;
        }
        long leftNanos = thresholdNanos - (System.nanoTime() - step.startNanos());
        if (leftNanos > 0) {
            watch(leftNanos);
            return;
        }
        clock.hand(() -> tellOf(step)); // logging may block, and all loops share the timer's thread
    }

    @SuppressWarnings("ReferenceEquality") // the same step, not an equal one
    private void tellOf(Step step) {
        String stack = Stream.of(step.thread().getStackTrace())
                .map(frame -> System.lineSeparator() + "    at " + frame)
                .collect(Collectors.joining());
        if (step == current) { // the stack is that of this step
            LOG.warn(
                    "{} blocks the event loop for longer than {} ms; nothing else runs meanwhile. Its thread is{}",
                    step.who(),
                    TimeUnit.NANOSECONDS.toMillis(thresholdNanos),
                    stack);
        }
    }

    boolean close(Duration atMost) throws InterruptedException {
        closing = true;
        for (Runnable action : List.copyOf(whenClosed)) {
            if (whenClosed.remove(action)) {
                action.run();
            }
        }
        loop.shutdown(); // steps that are due still run, and a running body has been interrupted already
        return loop.awaitTermination(atMost.toNanos(), TimeUnit.NANOSECONDS);
    }
}
