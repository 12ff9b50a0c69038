package dev.brigade.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.brigade.Capability;
import dev.brigade.Outcome;
import dev.brigade.Outcome.State;
import dev.brigade.Outcomes;
import dev.brigade.RetryPolicy;
import dev.brigade.RunOptions;
import dev.brigade.TaskContext;
import dev.brigade.TaskFunction;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Rule 14: trying again. */
public interface RetryRules extends Contract {

    private static RunOptions retrying(int maxAttempts, Duration pause) {
        return RunOptions.builder()
                .retry(RetryPolicy.builder()
                        .maxAttempts(maxAttempts)
                        .delay(pause)
                        .build())
                .build();
    }

    @Test
    @Rule(14)
    default void attemptsAreCountedAndNeverOverlap(ContractFixture fixture) {
        FileLatches latches = fixture.latches();
        RunOptions options = retrying(5, Duration.ofMillis(5));
        Outcome<Integer, Integer> outcome = ContractFixture.all(
                        fixture.runner().mapOutcomes(List.of(1), new Work.ThirdTime(latches), options))
                .get(0);
        assertEquals(State.SUCCESS, outcome.state());
        assertEquals(3, outcome.attempts());
        assertEquals(3, outcome.value());
        for (int attempt = 1; attempt <= 3; attempt++) {
            assertEquals(1, latches.count("attempt-" + attempt));
        }
        assertFalse(latches.isRaised("overlap"));
    }

    @Test
    @Rule(14)
    default void theLastFailureIsTheOutcome(ContractFixture fixture) {
        TaskFunction<Integer, Integer> fails = n -> {
            throw new IllegalStateException("attempt " + TaskContext.current().attempt());
        };
        Outcome<Integer, Integer> outcome = ContractFixture.all(
                        fixture.runner().mapOutcomes(List.of(1), fails, retrying(3, Duration.ZERO)))
                .get(0);
        assertEquals(State.FAILED, outcome.state());
        assertEquals(3, outcome.attempts());
        assertEquals("attempt 3", String.valueOf(outcome.exception()).replaceAll(".*: ", ""));
    }

    @Test
    @Rule(14)
    default void onlyWhatThePolicyNamesIsTriedAgain(ContractFixture fixture) {
        RunOptions options = RunOptions.builder()
                .ordered(true)
                .retry(RetryPolicy.builder()
                        .maxAttempts(3)
                        .retryOn(IOException.class)
                        .build())
                .build();
        TaskFunction<Integer, Integer> fails = n -> {
            if (n == 0) {
                throw new IOException("named");
            }
            throw new IllegalStateException("not named");
        };
        List<Integer> attempts =
                ContractFixture.all(fixture.runner().mapOutcomes(List.of(0, 1), fails, options)).stream()
                        .map(Outcome::attempts)
                        .toList();
        assertEquals(List.of(3, 1), attempts);
    }

    @Test
    @Rule(14)
    default void whatThePolicyAbortsOnIsNotTriedAgain(ContractFixture fixture) {
        RunOptions options = RunOptions.builder()
                .ordered(true)
                .retry(RetryPolicy.builder()
                        .maxAttempts(3)
                        .retryOn(IOException.class)
                        .abortOn(FileNotFoundException.class)
                        .build())
                .build();
        TaskFunction<Integer, Integer> fails = n -> {
            throw n == 0 ? new IOException("named") : new FileNotFoundException("aborts");
        };
        List<Integer> attempts =
                ContractFixture.all(fixture.runner().mapOutcomes(List.of(0, 1), fails, options)).stream()
                        .map(Outcome::attempts)
                        .toList();
        assertEquals(List.of(3, 1), attempts);
    }

    /** Returns the outcome of a task that fails in each attempt. */
    private static Outcome<Integer, Integer> failing(ContractFixture fixture, RetryPolicy.Builder policy)
            throws Exception {
        RunOptions options = RunOptions.builder().retry(policy.build()).build();
        TaskFunction<Integer, Integer> fails = n -> {
            throw new IllegalStateException("mine");
        };
        return fixture.result(fixture.call(
                () -> ContractFixture.all(fixture.runner().mapOutcomes(List.of(1), fails, options))
                        .get(0)));
    }

    @Test
    @Rule(14)
    default void noAttemptBeginsAfterTheLongestDuration(ContractFixture fixture) throws Exception {
        RetryPolicy.Builder policy = RetryPolicy.builder().maxAttempts(3);
        policy.delay(Duration.ofMinutes(10)).maxDuration(Duration.ofMinutes(5));
        assertEquals(1, failing(fixture, policy).attempts());
        policy.delay(Duration.ofMillis(1)).maxDuration(Duration.ofDays(1));
        assertEquals(3, failing(fixture, policy).attempts());
    }

    @Test
    @Rule(14)
    default void eachRetryIsTold(ContractFixture fixture) throws Exception {
        Queue<String> told = new ConcurrentLinkedQueue<>();
        RetryPolicy.Builder policy = RetryPolicy.builder()
                .maxAttempts(3)
                .delay(Duration.ofMillis(1))
                .onRetry(event -> told.add(event.attempts() + " "
                        + event.failure().getMessage() + " " + event.delay().toMillis()));
        assertEquals(3, failing(fixture, policy).attempts());
        assertEquals(List.of("1 mine 1", "2 mine 1"), List.copyOf(told));
    }

    @ParameterizedTest
    @EnumSource
    @Rule(14)
    default void aRetryListenerThatThrowsHarmsNothing(ThrownKind kind, ContractFixture fixture) throws Exception {
        RetryPolicy.Builder policy = RetryPolicy.builder().maxAttempts(3).onRetry(event -> {
            throw kind.fire();
        });
        assertEquals(3, failing(fixture, policy).attempts());
    }

    @ParameterizedTest
    @EnumSource
    @Rule(14)
    default void aTestThatThrowsMeansNoRetry(ThrownKind kind, ContractFixture fixture) throws Exception {
        RetryPolicy.Builder policy = RetryPolicy.builder().maxAttempts(3).retryIf(failure -> {
            throw kind.fire();
        });
        Outcome<Integer, Integer> outcome = failing(fixture, policy);
        assertEquals(1, outcome.attempts());
        assertEquals("mine", String.valueOf(outcome.exception()).replaceAll(".*: ", ""));
    }

    @Test
    @Rule(14)
    default void aTimedOutAttemptIsTriedAgain(ContractFixture fixture) throws Exception {
        // A body that ends late makes its time-out final, and on a busy machine any may: each round has more time.
        Outcome<Integer, Integer> outcome = hangingAtFirst(fixture, 50);
        for (int millis = 100;
                !outcome.isSuccess() && millis < fixture.patience().toMillis();
                millis *= 2) {
            assertEquals(State.TIMED_OUT, outcome.state());
            outcome = hangingAtFirst(fixture, millis);
        }
        assertEquals(2, outcome.value(), String.valueOf(outcome));
        assertEquals(2, outcome.attempts());
    }

    /** Returns the outcome of a task that hangs in its first attempt; {@code millis} is its time-out and its retry delay. */
    private static Outcome<Integer, Integer> hangingAtFirst(ContractFixture fixture, int millis) throws Exception {
        FileLatches latches = fixture.latches();
        RunOptions options = retrying(2, Duration.ofMillis(millis)).toBuilder()
                .taskTimeout(Duration.ofMillis(millis))
                .build();
        TaskFunction<Integer, Integer> hangsAtFirst = n -> {
            int attempt = TaskContext.current().attempt();
            if (attempt == 1) {
                latches.await("never");
            }
            return attempt;
        };
        return fixture.result(fixture.call(
                () -> ContractFixture.all(fixture.runner().mapOutcomes(List.of(1), hangsAtFirst, options))
                        .get(0)));
    }

    @Test
    @Rule(14)
    default void aRetryDelayHoldsNoPermitAndACancelEndsIt(ContractFixture fixture) throws Exception {
        RunOptions options = retrying(2, Duration.ofMinutes(10)).toBuilder()
                .maxConcurrency(1)
                .buffer(2)
                .build();
        TaskFunction<Integer, Integer> firstFails = n -> {
            if (n == 0) {
                throw new IllegalStateException("try again in ten minutes");
            }
            return n;
        };
        Future<List<State>> states = fixture.call(() -> {
            Outcomes<Integer, Integer> outcomes = fixture.runner().mapOutcomes(List.of(0, 1), firstFails, options);
            var iterator = outcomes.iterator();
            State second = iterator.next().state();
            outcomes.cancel();
            return List.of(second, iterator.next().state());
        });
        assertEquals(List.of(State.SUCCESS, State.CANCELLED), fixture.result(states));
    }

    @Test
    @Rule(14)
    default void aRetryDelayHoldsItsPlaceInTheWindow(ContractFixture fixture) throws Exception {
        AtomicInteger pulled = new AtomicInteger();
        Iterable<Integer> inputs =
                () -> Stream.of(0, 1).peek(n -> pulled.incrementAndGet()).iterator();
        RunOptions options =
                retrying(2, Duration.ofMinutes(10)).toBuilder().buffer(1).build();
        FileLatches latches = fixture.latches();
        TaskFunction<Integer, Integer> fails = n -> {
            latches.raise("started");
            throw new IllegalStateException("try again in ten minutes");
        };
        Outcomes<Integer, Integer> outcomes = fixture.runner().mapOutcomes(inputs, fails, options);
        Future<State> first = fixture.call(() -> outcomes.iterator().next().state());
        latches.await("started");
        assertFalse(latches.holdsWithin(ContractFixture.A_WHILE, () -> pulled.get() > 1), "the second was pulled");
        outcomes.cancel();
        assertEquals(State.CANCELLED, fixture.result(first));
    }

    @Test
    @Rule(14)
    default void theRetryDelayIsWaitedFor(ContractFixture fixture) throws Exception {
        long beginNanos = System.nanoTime();
        List<Integer> attempts = fixture.runner()
                .map(List.of(1), new Work.ThirdTime(fixture.latches()), retrying(3, Duration.ofMillis(100)));
        long millis = (System.nanoTime() - beginNanos) / 1_000_000;
        assertEquals(List.of(3), attempts);
        assertTrue(millis >= 200, () -> "two pauses of 100 ms took " + millis + " ms");
    }

    @Test
    @Rule(14)
    default void aBodyThatOutlivesTheRetryDelayMakesTheTimeoutFinal(ContractFixture fixture) throws Exception {
        fixture.needsNo(Capability.FORCIBLE_CANCEL);
        Outcome<Step, Integer> outcome = outlivingItsBackOff(fixture, 300);
        // Without PROMPT_TIMEOUT the test cannot see that the retry delay is over: a busy machine may be late with it.
        for (int millis = 600;
                outcome.attempts() > 1 && millis < fixture.patience().toMillis();
                millis *= 2) {
            outcome = outlivingItsBackOff(fixture, millis);
        }
        assertEquals(State.TIMED_OUT, outcome.state());
        assertEquals(1, outcome.attempts());
    }

    /** Returns the outcome of a body that runs until its time-out is final, or {@code millis}. Deadline and delay take 50 ms each. */
    private static Outcome<Step, Integer> outlivingItsBackOff(ContractFixture fixture, int millis) throws Exception {
        FileLatches latches = fixture.latches();
        RunOptions options = retrying(3, Duration.ofMillis(50)).toBuilder()
                .taskTimeout(Duration.ofMillis(50))
                .build();
        String started = "started-" + millis;
        String go = "go-" + millis;
        List<Step> inputs = List.of(Step.of(millis).until(go).stubbornly());
        Future<List<Outcome<Step, Integer>>> all = fixture.call(
                () -> ContractFixture.all(fixture.runner().mapOutcomes(inputs, new Work.Steps(latches), options)));
        latches.await(started);
        if (fixture.runner().capabilities().contains(Capability.PROMPT_TIMEOUT)) {
            var unused = fixture.result(all);
        } else {
            assertFalse(latches.holdsWithin(Duration.ofMillis(millis), () -> latches.count(started) > 1));
        }
        assertEquals(1, latches.count(started), "attempts overlap");
        latches.raise(go);
        return fixture.result(all).get(0);
    }
}
