package dev.brigade.engine.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.brigade.Capability;
import dev.brigade.Outcome;
import dev.brigade.Outcome.State;
import dev.brigade.RetryPolicy;
import dev.brigade.RunOptions;
import dev.brigade.Runner;
import dev.brigade.TaskFunction;
import dev.brigade.TaskFuture;
import dev.brigade.TaskTimeoutException;
import dev.brigade.engine.BackendRunner;
import dev.brigade.spi.AttemptHandle;
import dev.brigade.spi.BatchSpec;
import dev.brigade.spi.ExecutionBackend;
import dev.brigade.spi.PreparedTask;
import dev.brigade.spi.Session;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Tests of deadlines that race with other events, since a cancelled timer may already be about to act. The test makes each deadline expire.
 */
@Timeout(60)
class DeadlineRaceTest {
    private static final long WAIT_SECONDS = 20;

    private final ManualBackend backend = new ManualBackend();
    private final List<Throwable> asked = new CopyOnWriteArrayList<>();
    private final CountDownLatch asking = new CountDownLatch(1);
    private final CountDownLatch answer = new CountDownLatch(1);

    @Test
    void aDeadlineThatComesWhileAFailureIsDecodedIsItsEnd() throws Exception {
        CountDownLatch decoding = new CountDownLatch(1);
        CountDownLatch late = new CountDownLatch(1);
        answer.countDown();
        try (Runner runner = runner()) {
            TaskFuture<Integer> future = runner.submit(() -> 1, twice());
            TaskAttempt<?, Object> first = backend.next();
            first.endedEncoded(
                    () -> {
                        decoding.countDown();
                        await(late);
                        throw new IllegalStateException("test");
                    },
                    true);
            await(decoding);
            expire(first);
            backend.room = 1;
            late.countDown();
            backend.next().ended(2, null);
            assertEquals(2, future.get(WAIT_SECONDS, TimeUnit.SECONDS));
            assertEquals(2, future.awaitOutcome().attempts());
            assertEquals(1, asked.size());
            assertInstanceOf(TaskTimeoutException.class, asked.get(0));
        }
    }

    @Test
    void theDeadlineOfAnAttemptThatWasGivenBackIsNotThatOfTheNext() throws Exception {
        try (Runner runner = runner()) {
            TaskFuture<Integer> future = runner.submit(() -> 1, twice());
            TaskAttempt<?, Object> first = backend.next();
            backend.room = 1;
            first.returned();
            TaskAttempt<?, Object> again = backend.next();
            expire(first);
            assertFalse(again.isCancelled());
            again.ended(1, null);
            Outcome<Void, Integer> outcome = future.awaitOutcome();
            assertEquals(State.SUCCESS, outcome.state(), outcome::toString);
            assertEquals(1, again.number());
            assertEquals(1, outcome.attempts());
        }
    }

    @Test
    void anAttemptThatWasGivenBackDoesNotCount() throws Exception {
        answer.countDown();
        try (Runner runner = runner()) {
            TaskFuture<Integer> future = runner.submit(() -> 1, twice());
            TaskAttempt<?, Object> first = backend.next();
            backend.room = 1;
            first.ended(null, new IllegalStateException("test"));
            TaskAttempt<?, Object> second = backend.next();
            assertEquals(2, second.number());
            backend.room = 1;
            second.returned();
            TaskAttempt<?, Object> again = backend.next();
            assertEquals(2, again.number());
            again.returned();
            assertTrue(future.cancel(true));
            Outcome<Void, Integer> outcome = future.awaitOutcome();
            assertEquals(State.CANCELLED, outcome.state());
            assertEquals(1, outcome.attempts(), "bodies that began");
        }
    }

    @Test
    void aCancelThatComesTooLateForItsOutcomeEndsTheAttempts() throws Exception {
        try (Runner runner = runner()) {
            TaskFuture<Integer> future = runner.submit(() -> 1, twice());
            TaskAttempt<?, Object> first = backend.next();
            expire(first);
            first.ended(null, new IllegalStateException("killed"));
            await(asking);
            assertFalse(future.cancel(true), "its deadline has decided");
            backend.room = 1;
            answer.countDown();
            Outcome<Void, Integer> outcome = future.awaitOutcome();
            assertEquals(State.TIMED_OUT, outcome.state(), outcome::toString);
            assertEquals(1, outcome.attempts());
        }
        assertTrue(backend.begun.isEmpty());
    }

    private Runner runner() {
        return new BackendRunner("by-hand", backend, Duration.ofSeconds(10));
    }

    /** Returns options with two attempts, and a deadline that no test reaches. The retry condition waits for {@code answer}. */
    private RunOptions twice() {
        RetryPolicy retry = RetryPolicy.builder()
                .maxAttempts(2)
                .retryIf(failure -> {
                    asked.add(failure);
                    asking.countDown();
                    return awaitQuietly(answer);
                })
                .build();
        return RunOptions.builder()
                .taskTimeout(Duration.ofHours(1))
                .retry(retry)
                .build();
    }

    private static boolean awaitQuietly(CountDownLatch latch) {
        try {
            return latch.await(WAIT_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static <I> void expire(TaskAttempt<I, Object> attempt) {
        attempt.task.timedOut(attempt, false);
    }

    private static void await(CountDownLatch latch) throws InterruptedException {
        assertTrue(latch.await(WAIT_SECONDS, TimeUnit.SECONDS));
    }

    /** Runs no bodies: an attempt starts at once, and ends when the test ends it. Claims that it can kill bodies. */
    private static final class ManualBackend implements ExecutionBackend {
        private final BlockingQueue<TaskAttempt<?, Object>> begun = new LinkedBlockingQueue<>();
        private volatile int room = 1;

        TaskAttempt<?, Object> next() throws InterruptedException {
            return Objects.requireNonNull(begun.poll(WAIT_SECONDS, TimeUnit.SECONDS), "no attempt");
        }

        @Override
        public Set<Capability> capabilities() {
            return Set.of(Capability.PARALLEL, Capability.FORCIBLE_CANCEL);
        }

        @Override
        public int maxConcurrency() {
            return 1;
        }

        @Override
        @SuppressWarnings("unchecked") // the tests end the attempts with values of their type
        public <I, R> Session<I, R> open(TaskFunction<I, R> function, BatchSpec spec) {
            return new Session<>() {
                @Override
                public int room() {
                    return room;
                }

                @Override
                public PreparedTask<R> prepare(I input) {
                    return attempt -> {
                        room = 0; // the test makes room for the next attempt
                        attempt.started("hand");
                        begun.add((TaskAttempt<?, Object>) attempt);
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
}
