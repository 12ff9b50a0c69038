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
import java.util.concurrent.TimeUnit;

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
    public <I, R> Lane<I, R> open(TaskFunction<I, R> function, CallSpec spec) {
        return input -> attempt -> {
            executor.execute(
                    () -> Bodies.runBlocking(attempt, Thread.currentThread().getName(), function, input));
            return Running.UNSTOPPABLE;
        };
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
