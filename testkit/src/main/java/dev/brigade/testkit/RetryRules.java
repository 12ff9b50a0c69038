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
import java.io.IOException;
import java.time.Duration;
import java.util.List;
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
                        .fixed(pause)
                        .build())
                .build();
    }

    @Test
    @Rule(14)
    default void attemptsAreCountedAndNeverOverlap(ContractFixture bench) {
        FileLatches signals = bench.signals();
        RunOptions options = retrying(5, Duration.ofMillis(5));
        Outcome<Integer, Integer> outcome = ContractFixture.all(
                        bench.runner().mapOutcomes(List.of(1), new Work.ThirdTime(signals), options))
                .get(0);
        assertEquals(State.SUCCESS, outcome.state());
        assertEquals(3, outcome.attempts());
        assertEquals(3, outcome.value());
        for (int attempt = 1; attempt <= 3; attempt++) {
            assertEquals(1, signals.count("attempt-" + attempt));
        }
        assertFalse(signals.isRaised("overlap"));
    }

    @Test
    @Rule(14)
    default void theLastFailureIsTheOutcome(ContractFixture bench) {
        TaskFunction<Integer, Integer> fails = n -> {
            throw new IllegalStateException("attempt " + TaskContext.current().attempt());
        };
        Outcome<Integer, Integer> outcome = ContractFixture.all(
                        bench.runner().mapOutcomes(List.of(1), fails, retrying(3, Duration.ZERO)))
                .get(0);
        assertEquals(State.FAILED, outcome.state());
        assertEquals(3, outcome.attempts());
        assertEquals("attempt 3", String.valueOf(outcome.exception()).replaceAll(".*: ", ""));
    }

    @Test
    @Rule(14)
    default void onlyWhatThePolicyNamesIsTriedAgain(ContractFixture bench) {
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
        List<Integer> attempts = ContractFixture.all(bench.runner().mapOutcomes(List.of(0, 1), fails, options)).stream()
                .map(Outcome::attempts)
                .toList();
        assertEquals(List.of(3, 1), attempts);
    }

    @ParameterizedTest
    @EnumSource
    @Rule(14)
    default void aTestThatThrowsMeansNoRetry(ThrownKind kind, ContractFixture bench) throws Exception {
        RunOptions options = RunOptions.builder()
                .retry(RetryPolicy.builder()
                        .maxAttempts(3)
                        .retryIf(failure -> {
                            throw kind.fire();
                        })
                        .build())
                .build();
        TaskFunction<Integer, Integer> fails = n -> {
            throw new IllegalStateException("mine");
        };
        Future<List<Outcome<Integer, Integer>>> all =
                bench.call(() -> ContractFixture.all(bench.runner().mapOutcomes(List.of(1), fails, options)));
        Outcome<Integer, Integer> outcome = bench.result(all).get(0);
        assertEquals(1, outcome.attempts());
        assertEquals("mine", String.valueOf(outcome.exception()).replaceAll(".*: ", ""));
    }

    @Test
    @Rule(14)
    default void aTimedOutAttemptIsTriedAgain(ContractFixture bench) throws Exception {
        // A body that is slow to end makes its time-out final, and on a busy machine any body may be: with more time
        // then.
        Outcome<Integer, Integer> outcome = hangingAtFirst(bench, 50);
        for (int millis = 100; !outcome.isSuccess() && millis < bench.patience().toMillis(); millis *= 2) {
            assertEquals(State.TIMED_OUT, outcome.state());
            outcome = hangingAtFirst(bench, millis);
        }
        assertEquals(2, outcome.value(), String.valueOf(outcome));
        assertEquals(2, outcome.attempts());
    }

    /** The outcome of a task that hangs when it is tried first, with so much time for each attempt and between them. */
    private static Outcome<Integer, Integer> hangingAtFirst(ContractFixture bench, int millis) throws Exception {
        FileLatches signals = bench.signals();
        RunOptions options = retrying(2, Duration.ofMillis(millis)).toBuilder()
                .taskTimeout(Duration.ofMillis(millis))
                .build();
        TaskFunction<Integer, Integer> hangsAtFirst = n -> {
            int attempt = TaskContext.current().attempt();
            if (attempt == 1) {
                signals.await("never");
            }
            return attempt;
        };
        return bench.result(bench.call(
                () -> ContractFixture.all(bench.runner().mapOutcomes(List.of(1), hangsAtFirst, options))
                        .get(0)));
    }

    @Test
    @Rule(14)
    default void aBackOffHoldsNoPlaceInTheLimitAndACancelEndsIt(ContractFixture bench) throws Exception {
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
        Future<List<State>> states = bench.call(() -> {
            Outcomes<Integer, Integer> outcomes = bench.runner().mapOutcomes(List.of(0, 1), firstFails, options);
            var iterator = outcomes.iterator();
            State second = iterator.next().state();
            outcomes.cancel();
            return List.of(second, iterator.next().state());
        });
        assertEquals(List.of(State.SUCCESS, State.CANCELLED), bench.result(states));
    }

    @Test
    @Rule(14)
    default void aBackOffHoldsItsPlaceInTheWindow(ContractFixture bench) throws Exception {
        AtomicInteger pulled = new AtomicInteger();
        Iterable<Integer> inputs =
                () -> Stream.of(0, 1).peek(n -> pulled.incrementAndGet()).iterator();
        RunOptions options =
                retrying(2, Duration.ofMinutes(10)).toBuilder().buffer(1).build();
        FileLatches signals = bench.signals();
        TaskFunction<Integer, Integer> fails = n -> {
            signals.raise("started");
            throw new IllegalStateException("try again in ten minutes");
        };
        Outcomes<Integer, Integer> outcomes = bench.runner().mapOutcomes(inputs, fails, options);
        Future<State> first = bench.call(() -> outcomes.iterator().next().state());
        signals.await("started");
        assertFalse(signals.holdsWithin(ContractFixture.A_WHILE, () -> pulled.get() > 1), "the second was pulled");
        outcomes.cancel();
        assertEquals(State.CANCELLED, bench.result(first));
    }

    @Test
    @Rule(14)
    default void theBackOffIsWaitedFor(ContractFixture bench) throws Exception {
        long beginNanos = System.nanoTime();
        List<Integer> attempts = bench.runner()
                .map(List.of(1), new Work.ThirdTime(bench.signals()), retrying(3, Duration.ofMillis(100)));
        long millis = (System.nanoTime() - beginNanos) / 1_000_000;
        assertEquals(List.of(3), attempts);
        assertTrue(millis >= 200, () -> "two pauses of 100 ms took " + millis + " ms");
    }

    @Test
    @Rule(14)
    default void aBodyThatOutlivesItsBackOffMakesTheTimeoutFinal(ContractFixture bench) throws Exception {
        bench.needsNo(Capability.FORCIBLE_CANCEL);
        Outcome<Step, Integer> outcome = outlivingItsBackOff(bench, 300);
        // Where nobody says that the back-off is over, it may not have been when the body ended, on a busy machine.
        for (int millis = 600;
                outcome.attempts() > 1 && millis < bench.patience().toMillis();
                millis *= 2) {
            outcome = outlivingItsBackOff(bench, millis);
        }
        assertEquals(State.TIMED_OUT, outcome.state());
        assertEquals(1, outcome.attempts());
    }

    /** How a body ends that goes on for so long, of which its deadline and the back-off take a third. */
    private static Outcome<Step, Integer> outlivingItsBackOff(ContractFixture bench, int millis) throws Exception {
        FileLatches signals = bench.signals();
        RunOptions options = retrying(3, Duration.ofMillis(50)).toBuilder()
                .taskTimeout(Duration.ofMillis(50))
                .build();
        String started = "started-" + millis;
        String go = "go-" + millis;
        List<Step> inputs = List.of(Step.of(millis).until(go).stubbornly());
        Future<List<Outcome<Step, Integer>>> all = bench.call(
                () -> ContractFixture.all(bench.runner().mapOutcomes(inputs, new Work.Steps(signals), options)));
        signals.await(started);
        if (bench.runner().capabilities().contains(Capability.PROMPT_TIMEOUT)) {
            var unused = bench.result(all);
        } else {
            assertFalse(signals.holdsWithin(Duration.ofMillis(millis), () -> signals.count(started) > 1));
        }
        assertEquals(1, signals.count(started), "attempts overlap");
        signals.raise(go);
        return bench.result(all).get(0);
    }
}
