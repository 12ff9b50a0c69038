package dev.brigade.runner;

import dev.brigade.AsyncFunction;
import dev.brigade.Capability;
import dev.brigade.TaskFunction;
import dev.brigade.spi.Attempt;
import dev.brigade.spi.AttemptHandle;
import dev.brigade.spi.BatchSpec;
import dev.brigade.spi.ExecutionBackend;
import dev.brigade.spi.PreparedTask;
import dev.brigade.spi.Session;
import dev.brigade.spi.TaskBodies;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** Hands each body to an executor; the engine keeps their number within the limit. */
final class ThreadBackend implements ExecutionBackend {
    private static final Set<Capability> CAPABILITIES =
            Set.copyOf(EnumSet.of(Capability.PARALLEL, Capability.SHARED_MEMORY, Capability.PROMPT_TIMEOUT));

    /** The owner of the threads. */
    enum Threads {
        /** Threads of this backend's own executor, which is shut down with it. */
        OWN,
        /** As {@code OWN}, and each thread is made for one body. */
        OWN_EACH,
        /** Threads of a caller's executor. */
        CALLERS
    }

    private final ExecutorService executor;
    private final int limit;
    private final Threads threads;

    ThreadBackend(ExecutorService executor, int limit, Threads threads) {
        this.executor = executor;
        this.limit = limit;
        this.threads = threads;
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
    public boolean mayQueue() {
        return threads == Threads.CALLERS;
    }

    @Override
    public Predicate<AttemptHandle> dropped() {
        return HandOver.dropped(executor);
    }

    @Override
    public <I, R> Session<I, R> open(TaskFunction<I, R> function, BatchSpec spec) {
        if (function instanceof AsyncFunction) {
            return input -> attempt -> execute(
                    attempt,
                    () -> TaskBodies.runBlocking(attempt, Thread.currentThread().getName(), function, input));
        }
        return new PlainSession<>(this, function);
    }

    private AttemptHandle execute(Attempt<?> attempt, Runnable body) {
        if (threads == Threads.CALLERS) {
            return new HandOver(attempt, body, executor).bring();
        }
        executor.execute(body);
        return AttemptHandle.UNSTOPPABLE;
    }

    /** The session of a function whose bodies end when their call returns. */
    private record PlainSession<I, R>(ThreadBackend backend, TaskFunction<I, R> function) implements Session<I, R> {
        @Override
        public PreparedTask<R> prepare(I input) {
            return new Body<>(this, input);
        }

        @Override
        public boolean takesTurns() {
            return backend.threads != Threads.OWN_EACH;
        }
    }

    /** The body for one input. */
    private static final class Body<I, R> implements PreparedTask<R>, Callable<R> {
        private final PlainSession<I, R> session;
        private final I input;

        Body(PlainSession<I, R> session, I input) {
            this.session = session;
            this.input = input;
        }

        @Override
        public AttemptHandle start(Attempt<R> attempt) {
            return session.backend.execute(attempt, () -> run(attempt));
        }

        @Override
        public void run(Attempt<R> attempt) {
            attempt.run(Thread.currentThread().getName(), this);
        }

        @Override
        public R call() throws Exception {
            return session.function.apply(input);
        }
    }

    @Override
    public boolean close(Duration atMost) throws InterruptedException {
        if (threads == Threads.CALLERS) {
            return true;
        }
        executor.shutdown(); // bodies that still run have been interrupted already
        return executor.awaitTermination(atMost.toNanos(), TimeUnit.NANOSECONDS);
    }
}
