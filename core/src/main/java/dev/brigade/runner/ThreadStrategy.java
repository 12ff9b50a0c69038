package dev.brigade.runner;

import dev.brigade.Capability;
import dev.brigade.TaskFunction;
import dev.brigade.engine.Bodies;
import dev.brigade.engine.CallSpec;
import dev.brigade.engine.Strategy;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Hands each body to an executor; the engine sees to it that no more are there than the limit. */
final class ThreadStrategy implements Strategy {
    private static final Set<Capability> CAPABILITIES =
            Set.copyOf(EnumSet.of(Capability.PARALLEL, Capability.SHARED_MEMORY, Capability.PROMPT_TIMEOUT));

    private final ExecutorService executor;
    private final int limit;

    /** Whether the executor is this strategy's own, to be shut down with it. */
    private final boolean owned;

    ThreadStrategy(ExecutorService executor, int limit, boolean owned) {
        this.executor = executor;
        this.limit = limit;
        this.owned = owned;
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
        return !owned;
    }

    @Override
    public <I, R> Lane<I, R> open(TaskFunction<I, R> function, CallSpec spec) {
        return input -> attempt -> {
            Runnable body =
                    () -> Bodies.runBlocking(attempt, Thread.currentThread().getName(), function, input);
            if (owned) {
                executor.execute(body);
            } else {
                new HandOver(attempt, body).to(executor);
            }
            return Running.UNSTOPPABLE;
        };
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

        void to(ExecutorService executor) {
            bringer = Thread.currentThread();
            executor.execute(this);
            bringer = null;
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
        if (!owned) {
            return true;
        }
        executor.shutdownNow();
        return executor.awaitTermination(atMost.toNanos(), TimeUnit.NANOSECONDS);
    }
}
