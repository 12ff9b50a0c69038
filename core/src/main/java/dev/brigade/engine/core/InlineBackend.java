package dev.brigade.engine.core;

import dev.brigade.Capability;
import dev.brigade.TaskFunction;
import dev.brigade.spi.AttemptHandle;
import dev.brigade.spi.BatchSpec;
import dev.brigade.spi.ExecutionBackend;
import dev.brigade.spi.Session;
import dev.brigade.spi.TaskBodies;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;

/**
 * Runs each body on the thread that waits for it, one at a time.
 *
 * <p><b>Thread safety</b>: stateless.
 */
public final class InlineBackend implements ExecutionBackend {

    /** Makes an inline backend. */
    public InlineBackend() {}

    @Override
    public Set<Capability> capabilities() {
        return Set.copyOf(EnumSet.of(Capability.SHARED_MEMORY));
    }

    @Override
    public int maxConcurrency() {
        return 1;
    }

    @Override
    public boolean inline() {
        return true;
    }

    @Override
    public <I, R> Session<I, R> open(TaskFunction<I, R> function, BatchSpec spec) {
        return input -> attempt -> {
            TaskBodies.runBlocking(attempt, Thread.currentThread().getName(), function, input);
            return AttemptHandle.UNSTOPPABLE;
        };
    }

    @Override
    public boolean close(Duration atMost) {
        return true;
    }
}
