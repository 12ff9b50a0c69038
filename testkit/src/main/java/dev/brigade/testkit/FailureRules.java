package dev.brigade.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.brigade.Capability;
import dev.brigade.Outcome;
import dev.brigade.Outcome.State;
import dev.brigade.RunOptions;
import dev.brigade.TaskFunction;
import dev.brigade.WorkerLostException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Rules 6, 7 and 21: failures of tasks, and deaths of workers. */
public interface FailureRules extends Contract {

    @Test
    @Rule(6)
    default void mapThrowsTheTasksExceptionAsTheCause(ContractFixture fixture) throws Exception {
        Future<?> call = fixture.call(() -> fixture.runner().map(List.of(1, 2, 3), n -> {
            if (n == 2) {
                throw new IOException("mine");
            }
            return n;
        }));
        Throwable cause = fixture.failure(call).getCause();
        assertEquals("mine", assertInstanceOf(IOException.class, cause).getMessage());
    }

    @ParameterizedTest
    @EnumSource
    @Rule(6)
    default void mapThrowsThoughAnEarlierTaskStillBlocks(BodyKind kind, ContractFixture fixture) throws Exception {
        fixture.needsOverlap(kind);
        List<Step> inputs = List.of(Step.of(0).until("go").stubbornly(), Step.failing(1));
        Future<?> call = fixture.call(() -> fixture.runner().map(inputs, kind.steps(fixture.latches())));
        Throwable thrown = assertInstanceOf(ExecutionException.class, fixture.failure(call));
        assertEquals("failed-1", Objects.requireNonNull(thrown.getCause()).getMessage());
        fixture.latches().raise("go");
    }

    @ParameterizedTest
    @EnumSource
    @Rule(6)
    default void afterAFailureTheRestIsCancelledAndNothingMoreStarts(BodyKind kind, ContractFixture fixture)
            throws Exception {
        fixture.needsOverlap(kind);
        FileLatches latches = fixture.latches();
        Stream<Step> late = IntStream.range(2, 50).mapToObj(n -> Step.of(n).until("never"));
        Step first = Step.of(0).until("never");
        Step fails = Step.failing(1).until("started-0");
        List<Step> inputs = Stream.concat(Stream.of(first, fails), late).toList();
        RunOptions options = RunOptions.builder().maxConcurrency(2).buffer(50).build();
        Future<?> call = fixture.call(() -> fixture.runner().map(inputs, kind.steps(latches), options));
        assertEquals(
                "failed-1",
                Objects.requireNonNull(fixture.failure(call).getCause()).getMessage());
        latches.await("cancelled-0");
        fixture.runner().close();
        int started = latches.count("started");
        // The first two, the task that got the failed one's permit, and tasks that a worker may have begun by itself.
        assertTrue(started <= 6, () -> started + " of 50 started");
    }

    @Test
    @Rule(6)
    default void failuresReportedByThenAreSuppressedIntoTheExecutionException(ContractFixture fixture)
            throws Exception {
        fixture.needsOverlap(BodyKind.BLOCKING);
        Throwable thrown = failureOfMapThatKnowsOf(2, fixture);
        Throwable cause = Objects.requireNonNull(thrown.getCause());
        assertEquals("failed-0", cause.getMessage());
        assertEquals(0, cause.getSuppressed().length, "the task's own exception is left alone");
        assertEquals(
                List.of("failed-1"),
                Arrays.stream(thrown.getSuppressed()).map(Throwable::getMessage).toList());
    }

    @Test
    @Rule(6)
    default void noMoreThanSixteenFailuresAreSuppressed(ContractFixture fixture) throws Exception {
        fixture.needsOverlap(BodyKind.BLOCKING);
        Throwable thrown = failureOfMapThatKnowsOf(20, fixture);
        assertEquals("failed-0", Objects.requireNonNull(thrown.getCause()).getMessage());
        assertEquals(
                IntStream.rangeClosed(1, 16).mapToObj(n -> "failed-" + n).toList(),
                Arrays.stream(thrown.getSuppressed()).map(Throwable::getMessage).toList());
    }

    /** Returns the exception of a {@code map} with a consumer that pulls while {@code failures} tasks fail, one after the other. */
    private static Throwable failureOfMapThatKnowsOf(int failures, ContractFixture fixture)
            throws InterruptedException {
        int last = failures + 1;
        Iterable<Step> inputs = () -> IntStream.rangeClosed(0, last)
                .mapToObj(n -> n < failures ? Step.failing(n) : Step.of(n))
                .peek(step -> {
                    if (step.value() == last) {
                        awaitReported(failures, fixture);
                    }
                })
                .iterator();
        RunOptions options =
                RunOptions.builder().maxConcurrency(1).buffer(failures + 8).build();
        Work.Steps steps = new Work.Steps(fixture.latches());
        return fixture.failure(fixture.call(() -> fixture.runner().map(inputs, steps, options)));
    }

    /** Waits for the end of the next task and a round trip: tasks run one at a time, so all failures are known here by then. */
    private static void awaitReported(int failures, ContractFixture fixture) {
        try {
            fixture.latches().await("ended-" + failures);
            fixture.runner().map(IntStream.range(0, 10).boxed().toList(), n -> n);
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    @Rule(7)
    default void aTasksOwnTimeoutExceptionIsAFailure(ContractFixture fixture) throws Exception {
        Outcome<Void, Integer> outcome = fixture.runner()
                .<Integer>submit(() -> {
                    throw new TimeoutException("the task's own");
                })
                .awaitOutcome();
        assertEquals(State.FAILED, outcome.state());
        assertInstanceOf(TimeoutException.class, outcome.exception());
    }

    @Test
    @Rule(7)
    default void aTasksOwnCancellationExceptionIsAFailure(ContractFixture fixture) {
        TaskFunction<Integer, Integer> cancels = n -> {
            throw new CancellationException("the task's own");
        };
        Outcome<Integer, Integer> outcome = ContractFixture.all(fixture.runner().mapOutcomes(List.of(1), cancels))
                .get(0);
        assertEquals(State.FAILED, outcome.state());
        assertInstanceOf(CancellationException.class, outcome.exception());
    }

    @Test
    @Rule(7)
    default void anErrorAndACheckedExceptionArriveAsTheyAre(ContractFixture fixture) {
        TaskFunction<Integer, Integer> throwing = n -> {
            if (n == 0) {
                throw new AssertionError("an error");
            }
            throw new UncheckedIOException("wrapped", new IOException("inside"));
        };
        Set<String> texts = Collections.synchronizedSet(new HashSet<>());
        for (Outcome<Integer, Integer> one :
                ContractFixture.all(fixture.runner().mapOutcomes(List.of(0, 1), throwing))) {
            assertEquals(State.FAILED, one.state());
            texts.add(String.valueOf(one.exception()));
        }
        assertEquals(Set.of("java.lang.AssertionError: an error", "java.io.UncheckedIOException: wrapped"), texts);
    }

    @Test
    @Rule(21)
    default void aWorkersDeathFailsOnlyTheTaskItRan(ContractFixture fixture) throws Exception {
        fixture.needs(Capability.CRASH_ISOLATION);
        TaskFunction<Integer, Integer> oneDies = n -> {
            if (n == 5) {
                Runtime.getRuntime().halt(7);
            }
            return n;
        };
        List<Integer> inputs = IntStream.range(0, 20).boxed().toList();
        for (Outcome<Integer, Integer> one :
                ContractFixture.all(fixture.runner().mapOutcomes(inputs, oneDies))) {
            if (one.index() == 5) {
                assertEquals(State.FAILED, one.state());
                WorkerLostException lost = assertInstanceOf(WorkerLostException.class, one.exception());
                assertEquals(WorkerLostException.Reason.EXITED, lost.reason());
                assertEquals(OptionalInt.of(7), lost.exitCode());
            } else {
                assertEquals(one.input(), one.get());
            }
        }
        assertEquals(inputs, fixture.runner().map(inputs, n -> n), "the runner lives on");
    }
}
