package dev.brigade.runner;

import dev.brigade.engine.Strategy;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.RejectedExecutionHandler;
import java.util.concurrent.ThreadPoolExecutor;
import org.jspecify.annotations.Nullable;

/**
 * A body on its way to a user's executor. One that runs its commands on the thread that brings them would run bodies on whatever
 * thread made room, and stop all other starts meanwhile: that body fails instead. One that drops a command tells nobody: that is
 * found out.
 */
final class HandOver implements Runnable, Strategy.Running {
    private final Strategy.Attempt<?> attempt;
    private final Runnable body;
    private final ExecutorService executor;

    /** The thread that is inside {@code execute}; only that thread needs to see it. */
    private @Nullable Thread bringer;

    /** Whether it was in no queue when that was last looked at; for the thread that looks. */
    private boolean missed;

    HandOver(Strategy.Attempt<?> attempt, Runnable body, ExecutorService executor) {
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
    public void stop(Strategy.Stop why) {
        if (executor instanceof ThreadPoolExecutor pool) {
            boolean ignored = pool.remove(this);
        }
        attempt.returned();
    }

    /**
     * A pool that has terminated begins nothing more. Before that, what is in its queue no longer is dropped, unless a thread has
     * just taken it: it must be missed twice.
     */
    @Override
    public boolean isLost() {
        if (executor.isTerminated()) {
            return true;
        }
        boolean missedBefore = missed;
        missed = executor.getClass() == ThreadPoolExecutor.class // a subclass may wrap what it queues
                && mayDrop((ThreadPoolExecutor) executor)
                && !((ThreadPoolExecutor) executor).getQueue().contains(this);
        return missed && missedBefore;
    }

    private static boolean mayDrop(ThreadPoolExecutor pool) {
        RejectedExecutionHandler handler = pool.getRejectedExecutionHandler();
        return pool.isShutdown()
                || handler instanceof ThreadPoolExecutor.DiscardPolicy
                || handler instanceof ThreadPoolExecutor.DiscardOldestPolicy;
    }
}
