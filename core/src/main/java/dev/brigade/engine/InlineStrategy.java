package dev.brigade.engine;

import dev.brigade.Capability;
import dev.brigade.TaskFunction;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;

/**
 * Runs each body on the thread that waits for it, one at a time.
 *
 * <p><b>Thread safety</b>: stateless.
 */
public final class InlineStrategy implements Strategy {

    /** Makes one. */
    public InlineStrategy() {}

    @Override
    public Set<Capability> capabilities() {
        return Set.copyOf(EnumSet.of(Capability.SHARED_MEMORY));
    }

    @Override
    public int limit() {
        return 1;
    }

    @Override
    public boolean inline() {
        return true;
    }

    @Override
    public <I, R> Lane<I, R> open(TaskFunction<I, R> function, CallSpec spec) {
        return input -> attempt -> {
            Bodies.runBlocking(attempt, Thread.currentThread().getName(), function, input);
            return Running.UNSTOPPABLE;
        };
    }

    @Override
    public boolean close(Duration atMost) {
        return true;
    }
}
