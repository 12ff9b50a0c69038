package dev.brigade.runner;

import dev.brigade.spi.Attempt;
import dev.brigade.spi.AttemptHandle;
import dev.brigade.spi.StopMode;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.RejectedExecutionHandler;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A body on its way to a user's executor. If the executor ran it on the thread that brings it, bodies would run on any thread that
 * freed a permit, and stop all other starts meanwhile. Such a body fails instead. An executor that drops a command does not report it:
 * {@link #dropped} finds it.
 */
final class HandOver implements Runnable, AttemptHandle {
    private final Attempt<?> attempt;
    private final Runnable body;
    private final ExecutorService executor;

    /** The thread that is inside {@code execute}; only that thread needs to see this. */
    private @Nullable Thread bringer;

    /** True if a thread has taken this, which is then in no queue. */
    private volatile boolean reached;

    /** True if the last check found this in no queue; used by checks alone. */
    private boolean missed;

    HandOver(Attempt<?> attempt, Runnable body, ExecutorService executor) {
        this.attempt = attempt;
        this.body = body;
        this.executor = executor;
    }

    HandOver bring() {
        bringer = Thread.currentThread();
        executor.execute(this);
        bringer = null;
        return this;
    }

    @Override
    public void run() {
        reached = true;
        if (bringer == Thread.currentThread()) {
            attempt.ended(
                    null,
                    new RejectedExecutionException(
                            "the executor runs commands on the thread that brings them (a direct executor, or a"
                                    + " saturated one that makes its callers run them); use SequentialRunner, or a"
                                    + " limit that the executor's threads and queue can take"));
        } else {
            body.run();
        }
    }

    /** Gives the attempt back, if its body has not begun, and takes this out of the queue, which would keep all that it has captured. */
    @Override
    public void stop(StopMode why) {
        if (!reached && executor instanceof ThreadPoolExecutor pool) {
            boolean ignored = pool.remove(this); // takes time in proportion to the queue's length
        }
        attempt.returned();
    }

    /**
     * Checks once which bodies the executor will never begin. An executor that has terminated begins nothing more. Before that, a body
     * that has left a pool's queue is dropped, unless a thread has just taken it. So it must be missing in two checks in a row. This is a
     * guess by time: a thread that takes longer than that to begin the body finds its attempt failed.
     */
    static Predicate<AttemptHandle> dropped(ExecutorService executor) {
        if (executor.isTerminated()) {
            return started -> true;
        }
        if (executor.getClass() == ThreadPoolExecutor.class && mayDrop((ThreadPoolExecutor) executor)) {
            Set<Object> queued = Collections.newSetFromMap(new IdentityHashMap<>());
            Collections.addAll(
                    queued, ((ThreadPoolExecutor) executor).getQueue().toArray());
            return started -> started instanceof HandOver one && one.isMissedAgain(!queued.contains(one));
        }
        return started ->
                started instanceof HandOver one && one.isMissedAgain(false); // a subclass may wrap what it queues
    }

    private boolean isMissedAgain(boolean missedNow) {
        boolean again = missed && missedNow;
        missed = missedNow;
        return again;
    }

    private static boolean mayDrop(ThreadPoolExecutor pool) {
        RejectedExecutionHandler handler = pool.getRejectedExecutionHandler();
        return pool.isShutdown()
                || handler instanceof ThreadPoolExecutor.DiscardPolicy
                || handler instanceof ThreadPoolExecutor.DiscardOldestPolicy;
    }
}
