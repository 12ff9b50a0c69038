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
 * A runner's threads besides those of its bodies, made when first needed: one that watches the clock and never runs user code
 * (but when there has been no thread for it for seconds), and some that run users' callbacks.
 *
 * <p><b>Thread safety</b>: all methods, from any thread.
 */
public final class EngineThreads {
    private static final long IDLE_SECONDS = 10;
    private static final long FIRST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    /** So often no thread was to be had, the last pause two and a half seconds: then it is not waited for any more. */
    private static final int MAX_REFUSED = 8;

    private static final Logger LOG = LoggerFactory.getLogger(EngineThreads.class);

    private final ScheduledThreadPoolExecutor timer;
    private final ThreadPoolExecutor callbacks;

    /** Callbacks that no thread could be had for: who takes one out has it run. */
    private final Deque<Runnable> waiting = new ConcurrentLinkedDeque<>();

    /** Whether a look at them is due. */
    private final AtomicBoolean looking = new AtomicBoolean();

    /** How many looks in a row have found no thread. */
    private final AtomicInteger refused = new AtomicInteger();

    public EngineThreads(String runnerName) {
        this(role -> daemons("brigade-" + runnerName + "-" + role));
    }

    /** {@code factories} makes threads for a role. */
    public EngineThreads(Function<String, ThreadFactory> factories) {
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
        return OwnThreads.named(name + "-");
    }

    /** Runs it after a delay; what is returned calls that off. */
    public Runnable after(long delayNanos, TimerAction action) {
        try {
            return schedule(delayNanos, new TimerAction.Timed(this, action));
        } catch (RejectedExecutionException closed) {
            return () -> {};
        }
    }

    Runnable schedule(long delayNanos, TimerAction.Timed action) {
        timer.prestartCoreThread(); // where it throws, nothing is left in the queue
        Future<?> timing = timer.schedule(action, delayNanos, TimeUnit.NANOSECONDS);
        return () -> timing.cancel(false);
    }

    /**
     * Where user code that belongs to no body runs; on the calling thread once the runner is closed. While no thread can be had for
     * it, it waits, for five seconds and then the clock's thread runs it: nobody is to wait for ever. Where none can be had for the
     * clock either, so that nobody would try again, it runs on the calling one.
     */
    public Executor callbacks() {
        return this::hand;
    }

    private void hand(Runnable action) {
        if (!isHanded(action)) {
            waiting.add(action);
            if (!isLookedAfter() && waiting.remove(action)) {
                action.run();
            }
        } else if (refused.get() > 0) {
            refused.set(0); // the next shortage is another one
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

    /** Has the clock look again at what waits, less and less often; false when it has no thread. */
    private boolean isLookedAfter() {
        if (!looking.compareAndSet(false, true)) {
            return true;
        }
        try {
            timer.prestartCoreThread();
            Future<?> ignored = timer.schedule(this::look, FIRST_PAUSE_NANOS << refused.get(), TimeUnit.NANOSECONDS);
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
        looking.set(false); // first: what comes from now on needs another look
        for (Runnable next = waiting.poll(); next != null; next = waiting.poll()) {
            try {
                if (isHanded(next)) {
                    refused.set(0);
                } else if (refused.get() < MAX_REFUSED) {
                    refused.incrementAndGet();
                    waiting.addFirst(next);
                    boolean ignored = isLookedAfter(); // this is the clock's thread, or another look is due
                    return;
                } else {
                    next.run();
                }
            } catch (Throwable e) {
                Callbacks.tell(thrown -> LOG.warn("a callback threw", thrown), e);
            }
        }
    }

    /** Stops the clock; callbacks already accepted still run, those that wait for a thread on this one. */
    public void close() {
        callbacks.shutdown();
        timer.shutdownNow();
        look();
    }
}
