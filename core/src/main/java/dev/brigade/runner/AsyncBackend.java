package dev.brigade.runner;

import dev.brigade.AsyncFunction;
import dev.brigade.Capability;
import dev.brigade.TaskFunction;
import dev.brigade.spi.Attempt;
import dev.brigade.spi.BatchSpec;
import dev.brigade.spi.ExecutionBackend;
import dev.brigade.spi.Session;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.Future;

/** Starts each body on the event loop, and never waits for its stage. */
final class AsyncBackend implements ExecutionBackend {
    private static final Set<Capability> CAPABILITIES =
            Set.copyOf(EnumSet.of(Capability.SHARED_MEMORY, Capability.PROMPT_TIMEOUT));

    private final EventLoop loop;
    private final int limit;

    AsyncBackend(EventLoop loop, int limit) {
        this.loop = loop;
        this.limit = limit;
    }

    @Override
    public Set<Capability> capabilities() {
        return CAPABILITIES;
    }

    @Override
    public int maxConcurrency() {
        return limit;
    }

    @Override
    public void checkMayWait() {
        if (EventLoop.current() == loop) {
            throw new IllegalStateException("thread " + Thread.currentThread().getName()
                    + " is this runner's event loop and must not wait for it: compose stages instead (thenCompose)");
        }
    }

    @Override
    public <I, R> Session<I, R> open(TaskFunction<I, R> function, BatchSpec spec) {
        return input -> attempt -> {
            Future<?> step = loop.schedule(attempt, () -> begin(attempt, function, input), Duration.ZERO);
            return why -> takeBack(attempt, step);
        };
    }

    /** Removes a stopped body from the queue, which would keep it, with all that it has captured, while another body blocks the loop. */
    private static void takeBack(Attempt<?> attempt, Future<?> step) {
        if (step.cancel(false)) {
            attempt.returned(); // ignored if the body has begun
        }
    }

    private static <I, R> void begin(Attempt<R> attempt, TaskFunction<I, R> function, I input) {
        String worker = Thread.currentThread().getName();
        if (function instanceof AsyncFunction<I, R> async) {
            attempt.runAsync(worker, () -> async.start(input));
        } else {
            attempt.run(worker, () -> function.apply(input));
        }
    }

    @Override
    public boolean close(Duration atMost) throws InterruptedException {
        return loop.close(atMost);
    }
}
