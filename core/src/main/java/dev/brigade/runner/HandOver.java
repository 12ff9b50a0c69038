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
 * A body on its way to a user's executor. One that runs its commands on the thread that brings them would run bodies on whatever
 * thread made room, and stop all other starts meanwhile: that body fails instead. One that drops a command tells nobody: that is
 * found out.
 */
final class HandOver implements Runnable, AttemptHandle {
    private final Attempt<?> attempt;
    private final Runnable body;
    private final ExecutorService executor;

    /** The thread that is inside {@code execute}; only that thread needs to see it. */
    private @Nullable Thread bringer;

    /** Whether a thread has come to it: then it is in no queue. */
    private volatile boolean reached;

    /** Whether it was in no queue when that was last looked at; for the thread that looks. */
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

    /** Nobody wants it: where it has not begun its place is free, and it is not to stay in the queue with all that it has captured. */
    @Override
    public void stop(StopMode why) {
        if (!reached && executor instanceof ThreadPoolExecutor pool) {
            boolean ignored = pool.remove(this); // as long as its queue
        }
        attempt.returned();
    }

    /**
     * Looks once at what that executor holds: which of those handed to it never begin. One that has terminated begins nothing
     * more. Before that, what is in a pool's queue no longer is dropped, unless a thread has just taken it: it must be missed in
     * two looks. That is a guess by time: a thread that takes longer than that to begin what it has taken finds it failed.
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
