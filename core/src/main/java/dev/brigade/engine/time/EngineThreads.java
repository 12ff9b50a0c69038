package dev.brigade.engine.time;

import dev.brigade.threads.Callbacks;
import dev.brigade.threads.OwnThreads;
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
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A runner's threads besides those of its bodies, started when first needed: the timer thread, and threads that run users' callbacks. The
 * timer thread runs user code only if no other thread could be started for seconds.
 *
 * <p><b>Thread safety</b>: all methods, from any thread.
 */
public final class EngineThreads {
    private static final long IDLE_SECONDS = 10;
    private static final long FIRST_DELAY_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    /** Number of failed looks after which the next, 2.56 s later, runs the callbacks on the timer thread if it finds no thread either. */
    private static final int MAX_REFUSED = 8;

    private static final Logger LOG = LoggerFactory.getLogger(EngineThreads.class);

    private final ScheduledThreadPoolExecutor timer;
    private final ThreadPoolExecutor callbacks;

    /** Callbacks for which no thread could be started; the thread that removes one has it run. */
    private final Deque<Runnable> waiting = new ConcurrentLinkedDeque<>();

    /** True if a look at the waiting callbacks is due. */
    private final AtomicBoolean looking = new AtomicBoolean();

    /** Number of looks in a row that have found no thread. */
    private final AtomicInteger refused = new AtomicInteger();

    public EngineThreads(String runnerName) {
        this(role -> daemons("brigade-" + runnerName + "-" + role));
    }

    /** Makes its threads with the factories that {@code factories} returns for their roles. */
    public EngineThreads(Function<String, ThreadFactory> factories) {
        // Neither starts a thread before its first task, and both let idle threads end.
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
        return OwnThreads.named(name + "-");
    }

    /** Runs the action on the timer thread after a delay; the returned runnable cancels that. */
    public Runnable after(long delayNanos, TimerAction action) {
        try {
            return schedule(delayNanos, new TimerAction.Timed(this, action));
        } catch (RejectedExecutionException closed) {
            return () -> {};
        }
    }

    Runnable schedule(long delayNanos, TimerAction.Timed action) {
        timer.prestartCoreThread(); // if this throws, nothing is left in the queue
        Future<?> timing = timer.schedule(action, delayNanos, TimeUnit.NANOSECONDS);
        return () -> timing.cancel(false);
    }

    /**
     * Returns the executor for user code that belongs to no body; once the runner is closed, it runs that code on the calling thread. A
     * callback for which no thread can be started waits. After five seconds the timer thread runs it, so that no callback waits for ever.
     * If the timer has no thread either, no further try would come, and the callback runs on the calling thread.
     */
    public Executor callbacks() {
        return this::hand;
    }

    private void hand(Runnable action) {
        if (!isHanded(action)) {
            waiting.add(action);
            if (!hasLookScheduled() && waiting.remove(action)) {
                action.run();
            }
        } else if (refused.get() > 0) {
            refused.set(0); // the next shortage is another one
        }
    }

    /** Hands the action to a thread, or runs it here once the runner is closed; returns false if no thread could be started for it. */
    private boolean isHanded(Runnable action) {
        try {
            callbacks.execute(action);
            return true;
        } catch (OutOfMemoryError noThread) {
            return false;
        } catch (RejectedExecutionException closed) {
            // run below, outside this try: the action's exceptions are its own
        }
        action.run();
        return true;
    }

    /**
     * Schedules another look at the waiting callbacks, after a delay that doubles with each failed look; returns false if the timer has no
     * thread.
     */
    private boolean hasLookScheduled() {
        if (!looking.compareAndSet(false, true)) {
            return true;
        }
        try {
            timer.prestartCoreThread();
            Future<?> ignored = timer.schedule(this::look, FIRST_DELAY_NANOS << refused.get(), TimeUnit.NANOSECONDS);
            return true;
        } catch (RejectedExecutionException closed) {
            look();
            return true;
        } catch (OutOfMemoryError noTimer) {
            looking.set(false);
            return false;
        }
    }

    private void look() {
        looking.set(false); // first: a callback that comes from now on needs another look
        for (Runnable next = waiting.poll(); next != null; next = waiting.poll()) {
            try {
                if (isHanded(next)) {
                    refused.set(0);
                } else if (refused.get() < MAX_REFUSED) {
                    refused.incrementAndGet();
                    waiting.addFirst(next);
                    boolean ignored = hasLookScheduled(); // true: this is the timer thread, or another look is due
                    return;
                } else {
                    next.run();
                }
            } catch (Throwable e) {
                Callbacks.tell(thrown -> LOG.warn("a callback threw", thrown), e);
            }
        }
    }

    /** Stops the timer. Accepted callbacks still run; this thread runs the callbacks that wait for a thread. */
    public void close() {
        callbacks.shutdown();
        timer.shutdownNow();
        look();
    }
}
