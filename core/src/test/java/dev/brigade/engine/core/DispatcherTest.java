package dev.brigade.engine.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.brigade.Capability;
import dev.brigade.RetryPolicy;
import dev.brigade.RunOptions;
import dev.brigade.Task;
import dev.brigade.TaskContext;
import dev.brigade.TaskFunction;
import dev.brigade.TaskFuture;
import dev.brigade.engine.BackendRunner;
import dev.brigade.spi.AttemptHandle;
import dev.brigade.spi.BatchSpec;
import dev.brigade.spi.ExecutionBackend;
import dev.brigade.spi.PreparedTask;
import dev.brigade.spi.Session;
import dev.brigade.spi.TaskBodies;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

final class DispatcherTest {
    private final CountDownLatch asked = new CountDownLatch(1);
    private final CountDownLatch mayFail = new CountDownLatch(1);
    private final AtomicBoolean first = new AtomicBoolean(true);

    /** True if the backend may fail when it is asked for room. */
    private volatile boolean armed = true;

    /** Throws when it is asked for room for the first time while {@code armed}, as soon as {@code mayFail} lets it. */
    private final class FailsOnce implements ExecutionBackend {
        private final Executor threads = body -> new Thread(body).start();

        @Override
        public Set<Capability> capabilities() {
            return Set.of(Capability.PARALLEL);
        }

        @Override
        public int maxConcurrency() {
            return 8;
        }

        @Override
        public boolean queuesAhead() {
            return true;
        }

        @Override
        public <I, R> Session<I, R> open(TaskFunction<I, R> function, BatchSpec spec) {
            return new Session<>() {
                @Override
                public int room() {
                    if (armed && first.compareAndSet(true, false)) {
                        fail();
                    }
                    return 8;
                }

                @Override
                public PreparedTask<R> prepare(I input) {
                    return attempt -> {
                        threads.execute(() -> TaskBodies.runBlocking(attempt, "test", function, input));
                        return AttemptHandle.UNSTOPPABLE;
                    };
                }
            };
        }

        @Override
        public boolean close(Duration atMost) {
            return true;
        }
    }

    private void fail() {
        asked.countDown();
        try {
            mayFail.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        throw new IllegalStateException("no room to be known");
    }

    /** A round may fail because of another task's start. A task that waits for its next attempt must not fail with it. */
    @Test
    @Timeout(60)
    void aRoundThatFailsWhileATaskResumesLosesNoAttempt() throws Exception {
        armed = false;
        mayFail.countDown();
        try (BackendRunner runner = new BackendRunner("fails-once", new FailsOnce(), Duration.ofSeconds(5))) {
            RunOptions twice =
                    RunOptions.builder().retry(RetryPolicy.ofMaxAttempts(2)).build();
            CountDownLatch submitted = new CountDownLatch(1);
            Task<Integer> secondTime = () -> {
                if (TaskContext.current().attempt() == 1) {
                    submitted.await(); // the submission's round asks for room, too
                    armed = true;
                    throw new IllegalStateException("try again");
                }
                return TaskContext.current().attempt();
            };
            TaskFuture<Integer> future = runner.submit(secondTime, twice);
            submitted.countDown();
            assertEquals(2, future.get(20, TimeUnit.SECONDS));
            assertEquals(0, asked.getCount(), "the round has failed");
        }
    }

    /** The second submission comes while the first one's round is under way, and leaves its request to that round. */
    @Test
    @Timeout(60)
    void aRoundThatFailsLosesNoOtherRequest() throws Exception {
        try (BackendRunner runner = new BackendRunner("fails-once", new FailsOnce(), Duration.ofSeconds(5))) {
            FutureTask<Integer> one =
                    new FutureTask<>(() -> runner.submit(() -> 1).get());
            new Thread(one).start();
            assertTrue(asked.await(20, TimeUnit.SECONDS), "the first is being started");
            TaskFuture<Integer> two = runner.submit(() -> 2);
            mayFail.countDown();
            assertEquals(2, two.get(20, TimeUnit.SECONDS));
            assertThrows(ExecutionException.class, () -> one.get(20, TimeUnit.SECONDS));
        }
    }
}
