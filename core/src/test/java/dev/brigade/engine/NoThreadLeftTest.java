package dev.brigade.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.brigade.Capability;
import dev.brigade.Outcome;
import dev.brigade.Outcome.State;
import dev.brigade.RetryPolicy;
import dev.brigade.RunOptions;
import dev.brigade.Task;
import dev.brigade.TaskContext;
import dev.brigade.TaskFunction;
import dev.brigade.TaskFuture;
import dev.brigade.engine.time.EngineThreads;
import dev.brigade.spi.Attempt;
import dev.brigade.spi.AttemptHandle;
import dev.brigade.spi.BatchSpec;
import dev.brigade.spi.ExecutionBackend;
import dev.brigade.spi.PreparedTask;
import dev.brigade.spi.Session;
import dev.brigade.spi.TaskBodies;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests of tasks while the machine has no thread left for the runner's timer or callbacks. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class NoThreadLeftTest {
    private static final RunOptions LIMITED =
            RunOptions.builder().taskTimeout(Duration.ofSeconds(40)).build();

    private final ThreadPerBodyBackend backend = new ThreadPerBodyBackend();
    private volatile boolean refuses = true;
    private volatile boolean onlyTheTimer;
    private final BackendRunner runner = new BackendRunner(
            "short", backend, Duration.ofSeconds(20), new EngineThreads(role -> body -> newThread(role, body)), false);

    private Thread newThread(String role, Runnable body) {
        if (refuses || (onlyTheTimer && role.equals("callback"))) {
            throw new OutOfMemoryError("unable to create native thread, on purpose");
        }
        Thread thread = new Thread(body);
        thread.setDaemon(true);
        return thread;
    }

    @AfterEach
    void goesOn() throws InterruptedException {
        refuses = false;
        assertEquals(
                State.SUCCESS, runner.submit(() -> 1, LIMITED).awaitOutcome().state());
        runner.close();
    }

    @Test
    void aBodyWhoseDeadlineCannotBeSetDoesNotBegin() throws InterruptedException {
        AtomicInteger begun = new AtomicInteger();
        Outcome<Void, Integer> outcome =
                runner.submit(begun::incrementAndGet, LIMITED).awaitOutcome();
        assertEquals(State.FAILED, outcome.state());
        assertInstanceOf(OutOfMemoryError.class, outcome.exception());
        assertEquals(0, begun.get());
    }

    @Test
    void aBodyElsewhereWhoseDeadlineCannotBeSetIsStopped() throws InterruptedException {
        backend.elsewhere = true;
        Outcome<Void, Integer> outcome = runner.submit(() -> 1, LIMITED).awaitOutcome();
        backend.elsewhere = false;
        assertEquals(State.FAILED, outcome.state());
        assertInstanceOf(OutOfMemoryError.class, outcome.exception());
        assertTrue(backend.stopped.await(20, TimeUnit.SECONDS), "it was not stopped");
    }

    @Test
    void aTaskWhoseRetryDelayCannotBeTimedFails() throws InterruptedException {
        RunOptions twice = RunOptions.builder()
                .retry(RetryPolicy.builder()
                        .maxAttempts(2)
                        .delay(Duration.ofMillis(1))
                        .build())
                .build();
        Exception own = new IllegalStateException("its own");
        Task<Integer> fails = () -> {
            throw own;
        };
        Outcome<Void, Integer> outcome = runner.submit(fails, twice).awaitOutcome();
        assertEquals(State.FAILED, outcome.state());
        Throwable failure = assertInstanceOf(OutOfMemoryError.class, outcome.exception());
        assertEquals(List.of(own), Arrays.asList(failure.getSuppressed()));
    }

    @Test
    void aCallWhoseTimeCannotBeLimitedIsRefusedAndLeavesNothing() {
        RunOptions shortCall =
                RunOptions.builder().timeout(Duration.ofSeconds(40)).build();
        assertThrows(OutOfMemoryError.class, () -> runner.submit(() -> 1, shortCall));
        CancellationException cut =
                assertThrows(CancellationException.class, () -> runner.map(List.of(1), n -> n, shortCall));
        assertInstanceOf(OutOfMemoryError.class, cut.getCause());
        assertEquals(0, backend.sessions.get());
    }

    @Test
    void aTimedOutTaskThatMayBeTriedAgainCanBeCancelledThoughNobodyCanBeAsked() throws InterruptedException {
        RunOptions twice = RunOptions.builder()
                .taskTimeout(Duration.ofMillis(50))
                .retry(RetryPolicy.builder().maxAttempts(2).build())
                .build();
        refuses = false;
        onlyTheTimer = true;
        CountDownLatch interrupted = new CountDownLatch(1);
        TaskFuture<Integer> future = runner.submit(() -> waitForInterrupt(new CountDownLatch(1), interrupted), twice);
        assertTrue(interrupted.await(20, TimeUnit.SECONDS), "it was not timed out");
        future.cancel(true);
        assertEquals(State.TIMED_OUT, future.awaitOutcome().state());
        onlyTheTimer = false;
    }

    @Test
    void aBodyIsInterruptedThoughNobodyCanLookWhetherItGoesOn() throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch interrupted = new CountDownLatch(1);
        TaskFuture<Integer> future = runner.submit(() -> waitForInterrupt(begun, interrupted));
        assertTrue(begun.await(20, TimeUnit.SECONDS), "it did not begin");
        assertTrue(future.cancel(true));
        assertTrue(interrupted.await(20, TimeUnit.SECONDS), "it was not interrupted");
    }

    @Test
    void oneThatCannotBeStoppedKeepsNoOtherOfItsCallFromIt() throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(2);
        CountDownLatch interrupted = new CountDownLatch(2);
        backend.stopThrows.set(1);
        TaskFunction<Integer, Integer> oneFails = n -> {
            if (n > 0) {
                return waitForInterrupt(begun, interrupted);
            }
            begun.await();
            throw new IllegalArgumentException("what ends the others");
        };
        assertThrows(ExecutionException.class, () -> runner.map(List.of(0, 1, 2), oneFails));
        assertTrue(interrupted.await(20, TimeUnit.SECONDS), "not both were interrupted");
        assertTrue(backend.stopThrows.get() < 0, "only one was tried");
        // The map does not wait for the bodies that it has stopped; the last of them to end closes the session.
        Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> backend.sessions.get() == 0);
    }

    private static Integer waitForInterrupt(CountDownLatch begun, CountDownLatch interrupted) {
        begun.countDown();
        try {
            new CountDownLatch(1).await(40, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            interrupted.countDown();
        }
        return TaskContext.current().attempt();
    }

    /** Runs each body on a new thread. While {@code elsewhere} is set it runs none: an attempt starts, and goes on until it is stopped. */
    private static final class ThreadPerBodyBackend implements ExecutionBackend {
        private final CountDownLatch stopped = new CountDownLatch(1);
        private final AtomicInteger stopThrows = new AtomicInteger();
        private final AtomicInteger sessions = new AtomicInteger();
        private volatile boolean elsewhere;

        @Override
        public Set<Capability> capabilities() {
            return Set.of(Capability.PARALLEL, Capability.SHARED_MEMORY, Capability.PROMPT_TIMEOUT);
        }

        @Override
        public int maxConcurrency() {
            return 3;
        }

        @Override
        public <I, R> Session<I, R> open(TaskFunction<I, R> function, BatchSpec spec) {
            sessions.incrementAndGet();
            return new Session<>() {
                @Override
                public PreparedTask<R> prepare(I input) {
                    return attempt -> start(attempt, function, input);
                }

                @Override
                public void close() {
                    sessions.decrementAndGet();
                }
            };
        }

        private <I, R> AttemptHandle start(Attempt<R> attempt, TaskFunction<I, R> function, I input) {
            if (elsewhere) {
                attempt.started("elsewhere");
            } else {
                new Thread(() -> TaskBodies.runBlocking(attempt, "thread", function, input)).start();
            }
            return why -> stop(attempt);
        }

        private <R> void stop(Attempt<R> attempt) {
            if (elsewhere) {
                stopped.countDown();
                attempt.ended(null, new InterruptedException());
            } else if (stopThrows.getAndDecrement() > 0) {
                throw new IllegalStateException("cannot be stopped, on purpose");
            }
        }

        @Override
        public boolean close(Duration atMost) {
            return true;
        }
    }
}
