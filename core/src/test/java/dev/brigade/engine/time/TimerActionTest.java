package dev.brigade.engine.time;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.brigade.Capability;
import dev.brigade.Outcome;
import dev.brigade.Outcomes;
import dev.brigade.RetryPolicy;
import dev.brigade.RunOptions;
import dev.brigade.Runner;
import dev.brigade.TaskFunction;
import dev.brigade.TaskFuture;
import dev.brigade.TaskTimeoutException;
import dev.brigade.engine.BackendRunner;
import dev.brigade.spi.Attempt;
import dev.brigade.spi.AttemptHandle;
import dev.brigade.spi.BatchSpec;
import dev.brigade.spi.ExecutionBackend;
import dev.brigade.spi.Session;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests of tasks whose deadline cannot be acted on at first, because the machine is short of some resource. */
@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class TimerActionTest {
    private static final String SHORTAGE = "no descriptor left to load it";
    private static final RunOptions LIMITED =
            RunOptions.builder().taskTimeout(Duration.ofMillis(20)).build();

    private static final RunOptions BRIEF_CALL =
            RunOptions.builder().timeout(Duration.ofMillis(20)).build();

    /** Longer than a test may take. */
    private static final Duration LONG = Duration.ofMinutes(10);

    /** Runs no bodies: an attempt ends only when it is stopped, and the first {@code refusals} stops throw. */
    private static final class RefusingBackend implements ExecutionBackend {
        private final AtomicInteger refusals;
        private final Set<Capability> capabilities;
        private final AtomicReference<Runnable> whenStarted = new AtomicReference<>(() -> {});

        RefusingBackend(int refusals, Set<Capability> capabilities) {
            this.refusals = new AtomicInteger(refusals);
            this.capabilities = capabilities;
        }

        @Override
        public Set<Capability> capabilities() {
            return capabilities;
        }

        @Override
        public int maxConcurrency() {
            return 2;
        }

        @Override
        public <I, R> Session<I, R> open(TaskFunction<I, R> function, BatchSpec spec) {
            return input -> this::start;
        }

        private <R> AttemptHandle start(Attempt<R> attempt) {
            attempt.started("reluctant");
            whenStarted.get().run();
            return why -> {
                if (refusals.getAndDecrement() > 0) {
                    throw new NoClassDefFoundError(SHORTAGE);
                }
                attempt.ended(null, new InterruptedException());
            };
        }

        @Override
        public boolean close(Duration atMost) {
            return true;
        }
    }

    private static Outcome<Void, Integer> outcome(int refusals, RunOptions options, Capability... capabilities)
            throws InterruptedException {
        ExecutionBackend backend = new RefusingBackend(refusals, Set.of(capabilities));
        try (Runner runner = new BackendRunner("reluctant", backend, Duration.ofMillis(100))) {
            return runner.submit(() -> 1, options).awaitOutcome();
        }
    }

    @Test
    void aBodyThatCannotBeKilledAtItsDeadlineIsKilledALittleLater() throws Exception {
        Outcome<Void, Integer> outcome = outcome(2, LIMITED, Capability.FORCIBLE_CANCEL);
        assertEquals(Outcome.State.TIMED_OUT, outcome.state());
        assertInstanceOf(TaskTimeoutException.class, outcome.exception());
    }

    @Test
    void aBodyThatCannotBeKilledForLongFailsWithTheReason() throws Exception {
        Outcome<Void, Integer> outcome = outcome(TimerAction.Timed.MAX_RUNS, LIMITED, Capability.FORCIBLE_CANCEL);
        assertEquals(Outcome.State.FAILED, outcome.state());
        assertEquals(
                SHORTAGE,
                assertInstanceOf(NoClassDefFoundError.class, outcome.exception())
                        .getMessage());
    }

    @Test
    void aTaskThatCannotBeStoppedAtItsDeadlineIsTriedAgainAllTheSame() throws Exception {
        RunOptions twice = LIMITED.toBuilder()
                .retry(RetryPolicy.builder().maxAttempts(2).build())
                .build();
        Outcome<Void, Integer> outcome = outcome(2, twice);
        assertEquals(Outcome.State.TIMED_OUT, outcome.state());
        assertEquals(2, outcome.attempts());
    }

    @Test
    void theLastAttemptIsStoppedALittleLater() throws Exception {
        RefusingBackend backend = new RefusingBackend(2, Set.of());
        try (Runner runner = new BackendRunner("reluctant", backend, Duration.ofSeconds(20))) {
            assertEquals(
                    Outcome.State.TIMED_OUT,
                    runner.submit(() -> 1, LIMITED).awaitOutcome().state());
        }
        assertEquals(-1, backend.refusals.get());
    }

    /** Closing the runner would stop the task, too, but only after a time that no test waits for. */
    @Test
    void aTaskThatCannotBeStoppedAtTheEndOfItsCallIsStoppedALittleLater() throws Exception {
        RefusingBackend backend = new RefusingBackend(2, Set.of());
        try (Runner runner = new BackendRunner("reluctant", backend, LONG)) {
            assertEquals(
                    Outcome.State.TIMED_OUT,
                    runner.submit(() -> 1, BRIEF_CALL).awaitOutcome().state());
        }
        assertEquals(-1, backend.refusals.get());
    }

    @Test
    void theTasksOfABatchThatCannotBeStoppedAtItsEndAreStoppedALittleLater() {
        RefusingBackend backend = new RefusingBackend(2, Set.of());
        try (Runner runner = new BackendRunner("reluctant", backend, LONG)) {
            assertThrows(
                    CancellationException.class,
                    () -> runner.mapOutcomes(List.of(1, 2), n -> n, BRIEF_CALL).stream()
                            .toList());
        }
        assertEquals(-2, backend.refusals.get());
    }

    @Test
    void aTaskThatIsCancelledWhileItIsStartedAndCannotBeStoppedIsStoppedALittleLater() {
        RefusingBackend backend = new RefusingBackend(2, Set.of());
        try (Runner runner = new BackendRunner("reluctant", backend, LONG)) {
            Outcomes<Integer, Integer> outcomes = runner.mapOutcomes(List.of(1), n -> n);
            backend.whenStarted.set(outcomes::cancel);
            assertEquals(
                    List.of(Outcome.State.CANCELLED),
                    outcomes.stream().map(Outcome::state).toList());
        }
        Awaitility.await().untilAsserted(() -> assertEquals(-1, backend.refusals.get()));
    }

    @Test
    void closingStopsTheOthersWhenOneCannotBeStopped() throws Exception {
        RefusingBackend backend = new RefusingBackend(1, Set.of());
        Runner runner = new BackendRunner("reluctant", backend, Duration.ofMillis(100));
        TaskFuture<Integer> one = runner.submit(() -> 1);
        TaskFuture<Integer> other = runner.submit(() -> 2);
        runner.closeNow();
        assertTrue(backend.refusals.get() < 0, "the other was not tried");
        assertEquals(Outcome.State.CANCELLED, one.awaitOutcome().state());
        assertEquals(Outcome.State.CANCELLED, other.awaitOutcome().state());
    }
}
