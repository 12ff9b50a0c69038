package dev.brigade.runner;

import dev.brigade.AsyncFunction;
import dev.brigade.Capability;
import dev.brigade.TaskFunction;
import dev.brigade.engine.Bodies;
import dev.brigade.engine.CallSpec;
import dev.brigade.engine.Strategy;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Hands each body to an executor; the engine sees to it that no more are there than the limit. */
final class ThreadStrategy implements Strategy {
    private static final Set<Capability> CAPABILITIES =
            Set.copyOf(EnumSet.of(Capability.PARALLEL, Capability.SHARED_MEMORY, Capability.PROMPT_TIMEOUT));

    /** Whose the threads are. */
    enum Threads {
        /** Those of an executor of this strategy's own, to be shut down with it. */
        OWN,
        /** As {@code OWN}, and each made for one body. */
        OWN_EACH,
        /** Those of a caller's executor. */
        CALLERS
    }

    private final ExecutorService executor;
    private final int limit;
    private final Threads threads;

    ThreadStrategy(ExecutorService executor, int limit, Threads threads) {
        this.executor = executor;
        this.limit = limit;
        this.threads = threads;
    }

    @Override
    public Set<Capability> capabilities() {
        return CAPABILITIES;
    }

    @Override
    public int limit() {
        return limit;
    }

    @Override
    public boolean mayQueue() {
        return threads == Threads.CALLERS;
    }

    @Override
    public <I, R> Lane<I, R> open(TaskFunction<I, R> function, CallSpec spec) {
        if (function instanceof AsyncFunction) {
            return input -> attempt -> execute(
                    attempt,
                    () -> Bodies.runBlocking(attempt, Thread.currentThread().getName(), function, input));
        }
        return new PlainLane<>(this, function);
    }

    private Running execute(Attempt<?> attempt, Runnable body) {
        if (threads == Threads.CALLERS) {
            return new HandOver(attempt, body).to(executor);
        }
        executor.execute(body);
        return Running.UNSTOPPABLE;
    }

    /** The lane of a function whose bodies end with their thread's call. */
    private record PlainLane<I, R>(ThreadStrategy strategy, TaskFunction<I, R> function) implements Lane<I, R> {
        @Override
        public Prepared<R> prepare(I input) {
            return new Body<>(this, input);
        }

        @Override
        public boolean takesTurns() {
            return strategy.threads != Threads.OWN_EACH;
        }
    }

    /** One input's body. */
    private static final class Body<I, R> implements Prepared<R>, Callable<R> {
        private final PlainLane<I, R> lane;
        private final I input;

        Body(PlainLane<I, R> lane, I input) {
            this.lane = lane;
            this.input = input;
        }

        @Override
        public Running start(Attempt<R> attempt) {
            return lane.strategy.execute(attempt, () -> run(attempt));
        }

        @Override
        public void run(Attempt<R> attempt) {
            attempt.run(Thread.currentThread().getName(), this);
        }

        @Override
        public R call() throws Exception {
            return lane.function.apply(input);
        }
    }

    /**
     * A body on its way to a user's executor. One that runs its commands on the thread that brings them would run bodies on
     * whatever thread made room, and stop all other starts meanwhile: that body fails instead.
     */
    private static final class HandOver implements Runnable {
        private final Attempt<?> attempt;
        private final Runnable body;

        /** The thread that is inside {@code execute}; only that thread needs to see it. */
        private @Nullable Thread bringer;

        HandOver(Attempt<?> attempt, Runnable body) {
            this.attempt = attempt;
            this.body = body;
        }

        Running to(ExecutorService executor) {
            bringer = Thread.currentThread();
            executor.execute(this);
            bringer = null;
            return executor instanceof ThreadPoolExecutor pool ? why -> takeBack(pool) : Running.UNSTOPPABLE;
        }

        /** Or a body that nobody wants would stay in the queue, with all that it has captured. */
        private void takeBack(ThreadPoolExecutor pool) {
            if (pool.remove(this)) {
                attempt.returned();
            }
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
    }

    @Override
    public boolean close(Duration atMost) throws InterruptedException {
        if (threads == Threads.CALLERS) {
            return true;
        }
        executor.shutdown(); // whatever still runs has had its interrupt
        return executor.awaitTermination(atMost.toNanos(), TimeUnit.NANOSECONDS);
    }
}
