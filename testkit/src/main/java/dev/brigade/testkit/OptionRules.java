package dev.brigade.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.brigade.Capability;
import dev.brigade.Outcome;
import dev.brigade.RetryPolicy;
import dev.brigade.RunOptions;
import dev.brigade.Task;
import dev.brigade.TaskContext;
import dev.brigade.TaskFunction;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.opentest4j.TestAbortedException;

/** Rule 18: an option is honoured, or refused at the call; never ignored. */
public interface OptionRules extends Contract {

    /** Returns all outcomes of a batch. Skips the test if the runner refuses the option at the call, as it should. */
    private static <I, R> List<Outcome<I, R>> honoured(
            ContractFixture fixture, List<I> inputs, TaskFunction<I, R> function, RunOptions options) throws Exception {
        try {
            var outcomes = fixture.runner().mapOutcomes(inputs, function, options);
            return fixture.result(fixture.call(() -> ContractFixture.all(outcomes)));
        } catch (UnsupportedOperationException refused) {
            throw new TestAbortedException(
                    fixture.runner() + " refuses the option at the call: " + refused.getMessage());
        }
    }

    @Test
    @Rule(18)
    default void orderedIsHonouredOrRefused(ContractFixture fixture) throws Exception {
        // The first task ends after the second, if bodies overlap.
        TaskFunction<Integer, Integer> unequal = n -> {
            TimeUnit.MILLISECONDS.sleep(n == 0 ? 30 : 0);
            return n;
        };
        List<Integer> inputs = IntStream.range(0, 20).boxed().toList();
        List<Outcome<Integer, Integer>> all = honoured(
                fixture, inputs, unequal, RunOptions.builder().ordered(true).build());
        assertEquals(inputs, all.stream().map(Outcome::value).toList());
    }

    @Test
    @Rule(18)
    default void maxConcurrencyIsHonouredOrRefused(ContractFixture fixture) throws Exception {
        Work.ConcurrencyProbe probe = new Work.ConcurrencyProbe(fixture.latches(), 1);
        List<Outcome<Integer, Boolean>> all = honoured(
                fixture,
                List.of(1, 2, 3, 4, 5, 6),
                probe,
                RunOptions.builder().maxConcurrency(1).build());
        for (Outcome<Integer, Boolean> one : all) {
            assertEquals(false, one.get());
        }
    }

    @Test
    @Rule(18)
    default void retryIsHonouredOrRefused(ContractFixture fixture) throws Exception {
        TaskFunction<Integer, Integer> secondTime = n -> {
            if (TaskContext.current().attempt() < 2) {
                throw new IllegalStateException("not yet");
            }
            return n;
        };
        List<Outcome<Integer, Integer>> all = honoured(
                fixture,
                List.of(1),
                secondTime,
                RunOptions.builder().retry(RetryPolicy.ofMaxAttempts(2)).build());
        assertEquals(2, all.get(0).attempts());
        assertTrue(all.get(0).isSuccess());
    }

    @Test
    @Rule(18)
    default void taskTimeoutIsHonouredOrRefused(ContractFixture fixture) throws Exception {
        RunOptions options =
                RunOptions.builder().taskTimeout(Duration.ofMillis(50)).build();
        List<Outcome<Step, Integer>> all =
                honoured(fixture, List.of(Step.of(0).until("never")), new Work.Steps(fixture.latches()), options);
        assertEquals(Outcome.State.TIMED_OUT, all.get(0).state());
    }

    @Test
    @Rule(18)
    default void timeoutIsHonouredOrRefused(ContractFixture fixture) throws Exception {
        RunOptions options = RunOptions.builder().timeout(Duration.ofMillis(50)).build();
        Work.Steps steps = new Work.Steps(fixture.latches());
        Future<?> call =
                fixture.call(() -> fixture.runner().map(List.of(Step.of(0).until("never")), steps, options));
        Throwable thrown = fixture.failure(call);
        assertTrue(
                thrown instanceof TimeoutException || thrown instanceof UnsupportedOperationException,
                () -> String.valueOf(thrown));
    }

    /** As {@link #honoured(ContractFixture, List, TaskFunction, RunOptions)}, for one submitted task. */
    private static <T> Outcome<Void, T> honoured(ContractFixture fixture, Task<T> task, RunOptions options)
            throws Exception {
        try {
            return fixture.result(
                    fixture.call(() -> fixture.runner().submit(task, options).awaitOutcome()));
        } catch (ExecutionException e) {
            if (e.getCause() instanceof UnsupportedOperationException refused) {
                throw new TestAbortedException(
                        fixture.runner() + " refuses the option at the call: " + refused.getMessage());
            }
            throw e;
        }
    }

    @Test
    @Rule(18)
    default void retryGivenToSubmitIsHonouredOrRefused(ContractFixture fixture) throws Exception {
        Task<Integer> secondTime = () -> {
            if (TaskContext.current().attempt() < 2) {
                throw new IllegalStateException("not yet");
            }
            return 7;
        };
        Outcome<Void, Integer> outcome = honoured(
                fixture,
                secondTime,
                RunOptions.builder().retry(RetryPolicy.ofMaxAttempts(2)).build());
        assertEquals(7, outcome.get());
        assertEquals(2, outcome.attempts());
    }

    @Test
    @Rule(18)
    default void taskTimeoutGivenToSubmitIsHonouredOrRefused(ContractFixture fixture) throws Exception {
        Work.Steps steps = new Work.Steps(fixture.latches());
        Outcome<Void, Integer> outcome = honoured(
                fixture,
                () -> steps.apply(Step.of(0).until("never")),
                RunOptions.builder().taskTimeout(Duration.ofMillis(50)).build());
        assertEquals(Outcome.State.TIMED_OUT, outcome.state());
    }

    @Test
    @Rule(18)
    default void progressIsToldOrRefused(ContractFixture fixture) throws Exception {
        AtomicInteger told = new AtomicInteger();
        RunOptions options = RunOptions.builder()
                .onProgress(progress -> told.incrementAndGet())
                .build();
        assertEquals(
                2,
                honoured(fixture, List.of(1, 2), (TaskFunction<Integer, Integer>) n -> n, options)
                        .size());
        assertEquals(2, told.get());
    }

    @Test
    @Rule(18)
    default void anExecutorIsHandedOutWhereMemoryIsShared(ContractFixture fixture) throws Exception {
        fixture.needs(Capability.SHARED_MEMORY);
        ExecutorService executor = fixture.runner().asExecutorService();
        AtomicInteger sum = new AtomicInteger();
        List<Future<Integer>> futures = new ArrayList<>();
        for (int i = 1; i <= 100; i++) {
            int n = i;
            futures.add(executor.submit(() -> sum.addAndGet(n)));
        }
        for (Future<Integer> future : futures) {
            fixture.result(future);
        }
        assertEquals(5050, sum.get());
        Future<?> fails = executor.submit((Runnable) () -> {
            throw new IllegalStateException("mine");
        });
        assertThrows(
                ExecutionException.class, () -> fails.get(fixture.patience().toMillis(), TimeUnit.MILLISECONDS));
        executor.shutdown();
        assertTrue(executor.awaitTermination(fixture.patience().toMillis(), TimeUnit.MILLISECONDS));
        assertEquals(1, fixture.runner().submit(() -> 1).get(), "the runner itself stays open");
    }

    @Test
    @Rule(18)
    default void anExecutorIsRefusedWhereMemoryIsNotShared(ContractFixture fixture) {
        fixture.needsNo(Capability.SHARED_MEMORY);
        assertThrows(UnsupportedOperationException.class, () -> fixture.runner().asExecutorService());
        assertFalse(fixture.runner().capabilities().contains(Capability.SHARED_MEMORY));
    }
}
