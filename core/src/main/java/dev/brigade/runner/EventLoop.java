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
 * One thread that runs steps, now or later, one after the other, and says so when one of them holds it up.
 *
 * <p>Design note: a scheduled executor with one thread is the loop; a thread that dies is replaced by it. That a thread is the
 * loop's is known by its type. A clock outside the loop looks after a step that takes long, since the loop itself cannot. The first
 * step after a pause arms the clock, which goes on looking while each look finds a step: a step costs no timer of its own.
 */
final class EventLoop {
    private static final Logger LOG = LoggerFactory.getLogger(EventLoop.class);

    private static final long IDLE_SECONDS = 10;

    private final ScheduledThreadPoolExecutor loop;
    private final DelayTimer clock;

    /** What is to be done when the loop closes before it has come to it. */
    private final Set<Runnable> whenClosed = ConcurrentHashMap.newKeySet();

    /** Set before {@code whenClosed} is done, and read after it is added to: nothing is left out. */
    private volatile boolean closing;

    private final long thresholdNanos;

    /** The step that the loop is at; null between steps. Written by the loop's thread alone. */
    private volatile @Nullable Step current;

    /** Whether a look is due. Cleared before {@code current} is read, and set after it is written: no step goes unwatched. */
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
                IDLE_SECONDS, TimeUnit.SECONDS); // or a runner that nobody has closed would keep its thread
        loop.allowCoreThreadTimeOut(true);
    }

    /** The loop's thread; knows its loop. */
    private static final class LoopThread extends Thread {
        private final EventLoop owner;

        LoopThread(EventLoop owner, Runnable task, String name) {
            super(null, task, name, 0, false);
            this.owner = owner;
        }
    }

    /** The loop whose thread this is; null on other threads. */
    static @Nullable EventLoop current() {
        return Thread.currentThread() instanceof LoopThread thread ? thread.owner : null;
    }

    /** Runs a step soon; {@code who} names it should it hold the loop up. */
    void execute(Object who, Runnable step) {
        loop.execute(() -> timed(who, step));
    }

    /** As {@link #execute}; on the calling thread once the loop is closed. */
    void executeInAnyCase(Object who, Runnable step) {
        try {
            execute(who, step);
        } catch (RejectedExecutionException closed) {
            step.run();
        }
    }

    /** Has that done, once, should the loop close, by the thread that closes it or this one; what is returned takes it back. */
    Runnable whenClosed(Runnable action) {
        whenClosed.add(action);
        if (closing && whenClosed.remove(action)) {
            action.run();
        }
        return () -> whenClosed.remove(action);
    }

    /** Runs a step later. */
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

    /** Has the clock look after that time, unless it does anyway. The clock keeps no loop that nobody else has. */
    private void watch(long delayNanos) {
        if (!watched.get() && watched.compareAndSet(false, true)) {
            WeakReference<EventLoop> self = new WeakReference<>(this);
            try {
                clock.scheduleBrief(() -> look(self), delayNanos);
            } catch (OutOfMemoryError noThread) {
                watched.set(false); // the next step tries again; this one is to run all the same
            }
        }
    }

    private static void look(WeakReference<EventLoop> looked) {
        EventLoop loop = looked.get();
        if (loop != null) {
            loop.look();
        }
    }

    /** On the clock's thread. A step that has been told of is not looked after any more: its successor arms the clock again. */
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
        clock.hand(() -> tellOf(step)); // a log may block, and the clock is everybody's
    }

    @SuppressWarnings("ReferenceEquality") // the very same step
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
        loop.shutdown(); // what is due still runs, and a body that does has had its interrupt
        return loop.awaitTermination(atMost.toNanos(), TimeUnit.NANOSECONDS);
    }
}
