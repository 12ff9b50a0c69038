package dev.brigade.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.brigade.Capability;
import dev.brigade.Outcome.State;
import dev.brigade.RunOptions;
import dev.brigade.Task;
import dev.brigade.TaskFunction;
import dev.brigade.TaskFuture;
import java.time.Duration;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Rule 13: cancelling in every way, and the threads that run a task's dependents. */
public interface CancelRules extends Contract {

    /** Options with a deadline that comes soon. */
    RunOptions BRIEF = RunOptions.builder().taskTimeout(Duration.ofMillis(50)).build();

    /** Submits a task that waits until it is cancelled. Skips the test on a runner that would run it on this thread. */
    private static TaskFuture<Integer> waiting(BodyKind kind, ContractFixture fixture) throws InterruptedException {
        assumeTrue(
                !fixture.isInline(),
                () -> fixture.runner() + " returns from submit when the task has ended: nothing is left to cancel");
        Step step = Step.of(0).until("never");
        FileLatches latches = fixture.latches();
        Work.AsyncSteps async = new Work.AsyncSteps(latches);
        Work.Steps blocking = new Work.Steps(latches);
        TaskFuture<Integer> future = fixture.runner()
                .submit(kind == BodyKind.ASYNC ? Task.async(() -> async.start(step)) : () -> blocking.apply(step));
        latches.await("started-0");
        return future;
    }

    @ParameterizedTest
    @EnumSource
    @Rule(13)
    default void aCancelReachesTheBody(BodyKind kind, ContractFixture fixture) throws Exception {
        TaskFuture<Integer> future = waiting(kind, fixture);
        assertTrue(future.cancel(true));
        fixture.latches().await("cancelled-0");
        assertTrue(future.isCancelled());
        assertThrows(CancellationException.class, future::get);
        assertEquals(State.CANCELLED, future.awaitOutcome().state());
    }

    @ParameterizedTest
    @EnumSource
    @Rule(13)
    default void cancellingTheCompletableFutureReachesTheBody(BodyKind kind, ContractFixture fixture) throws Exception {
        TaskFuture<Integer> future = waiting(kind, fixture);
        assertTrue(future.toCompletableFuture().cancel(true));
        fixture.latches().await("cancelled-0");
        assertEquals(State.CANCELLED, future.awaitOutcome().state());
    }

    @ParameterizedTest
    @EnumSource
    @Rule(13)
    default void anActionThatThrowsKeepsNoOtherFromRunning(ThrownKind kind, ContractFixture fixture) throws Exception {
        FileLatches latches = fixture.latches();
        TaskFunction<Integer, Integer> waits = new Work.ThrowingActions(latches, kind);
        var outcomes = fixture.runner().mapOutcomes(List.of(1), waits);
        Future<State> state = fixture.call(() -> outcomes.iterator().next().state());
        latches.await("started");
        outcomes.cancel();
        latches.await("told");
        assertEquals(State.CANCELLED, fixture.result(state));
    }

    @Test
    @Rule(13)
    default void completingTheCompletableFutureCancelsTheTask(ContractFixture fixture) throws Exception {
        TaskFuture<Integer> future = waiting(BodyKind.BLOCKING, fixture);
        assertTrue(future.toCompletableFuture().complete(1));
        fixture.latches().await("cancelled-0");
        assertEquals(State.CANCELLED, future.awaitOutcome().state());
    }

    /** A dependent runs before {@code cancel} returns, and may wait for the task. */
    @Test
    @Rule(13)
    default void aDependentOfTheCancelledFutureFindsTheTaskCancelled(ContractFixture fixture) throws Exception {
        TaskFuture<Integer> future = waiting(BodyKind.BLOCKING, fixture);
        CompletableFuture<Integer> completable = future.toCompletableFuture();
        CompletableFuture<Boolean> seen = completable.handle((value, failure) -> future.isCancelled());
        assertTrue(completable.cancel(true));
        assertTrue(seen.get(fixture.patience().toMillis(), TimeUnit.MILLISECONDS));
    }

    @Test
    @Rule(13)
    default void theCompletableFutureEndsAsTheTaskDoes(ContractFixture fixture) throws Exception {
        TaskFuture<Integer> one = fixture.runner().submit(() -> 1);
        assertEquals(1, one.toCompletableFuture().get(fixture.patience().toMillis(), TimeUnit.MILLISECONDS));
        TaskFuture<Integer> fails = fixture.runner().submit(() -> {
            throw new IllegalArgumentException("mine");
        });
        ExecutionException thrown = assertThrows(
                ExecutionException.class,
                () -> fails.toCompletableFuture().get(fixture.patience().toMillis(), TimeUnit.MILLISECONDS));
        assertInstanceOf(IllegalArgumentException.class, thrown.getCause());
    }

    @Test
    @Rule(13)
    default void aCancelOfTheIterationReachesTheBody(ContractFixture fixture) throws Exception {
        FileLatches latches = fixture.latches();
        var outcomes = fixture.runner().mapOutcomes(List.of(Step.of(0).until("never")), new Work.Steps(latches));
        Future<?> iteration = fixture.call(() -> outcomes.iterator().next());
        latches.await("started-0");
        outcomes.close();
        latches.await("cancelled-0");
        assertInstanceOf(
                NoSuchElementException.class, fixture.failure(iteration), "what was not handed out is dropped");
    }

    @Test
    @Rule(13)
    default void aDependentThatBlocksHoldsUpNobody(ContractFixture fixture) throws Exception {
        FileLatches latches = fixture.latches();
        // A body, a deadline and a cancel complete these tasks: the dependents must hold up none of their threads.
        var done = dependOn(fixture, Step.of(0), RunOptions.defaults());
        var late = dependOn(fixture, Step.of(1).until("never"), BRIEF);
        latches.awaitCount("dependent", 2);
        assertEquals(
                List.of(State.SUCCESS, State.TIMED_OUT),
                List.of(
                        done.future(fixture).awaitOutcome().state(),
                        late.future(fixture).awaitOutcome().state()));
        if (!fixture.isInline()) {
            Submitted cancelled = dependOn(fixture, Step.of(2).until("never"), RunOptions.defaults());
            latches.await("started-2");
            assertTrue(cancelled.future(fixture).cancel(true));
            latches.awaitCount("dependent", 3);
        }
        Work.Steps steps = new Work.Steps(latches);
        Future<State> state = fixture.call(() -> fixture.runner()
                .submit(() -> steps.apply(Step.of(9).until("never")), BRIEF)
                .awaitOutcome()
                .state());
        assertEquals(State.TIMED_OUT, fixture.result(state));
        assertEquals(
                2,
                fixture.result(
                        fixture.call(() -> fixture.runner().submit(() -> 2).get())));
        latches.raise("go");
    }

    /** A task that another thread submits. */
    record Submitted(AtomicReference<@Nullable TaskFuture<Integer>> task) {
        TaskFuture<Integer> future(ContractFixture fixture) throws InterruptedException {
            fixture.latches().await("the submission", () -> task.get() != null);
            return Objects.requireNonNull(task.get());
        }
    }

    private static Submitted dependOn(ContractFixture fixture, Step step, RunOptions options) {
        FileLatches latches = fixture.latches();
        Work.Steps steps = new Work.Steps(latches);
        Submitted submitted = new Submitted(new AtomicReference<>());
        var unused = fixture.call(() -> {
            TaskFuture<Integer> future = fixture.runner().submit(() -> steps.apply(step), options);
            submitted.task().set(future);
            // If the task has ended by now, the dependent runs on this thread.
            var dependent = future.toCompletableFuture().whenComplete((value, failure) -> {
                latches.raise("dependent");
                latches.awaitStubbornly("go");
            });
            return dependent.isDone();
        });
        return submitted;
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @Rule(13)
    default void cancellingACommandOfTheExecutorReleasesWhoWaits(boolean mayInterrupt, ContractFixture fixture)
            throws Exception {
        fixture.needs(Capability.SHARED_MEMORY);
        assumeTrue(!fixture.isInline(), () -> fixture.runner() + " returns from submit when the task has ended");
        FileLatches latches = fixture.latches();
        Work.Steps steps = new Work.Steps(latches);
        Future<Integer> future = fixture.runner()
                .asExecutorService()
                .submit(() -> steps.apply(Step.of(0).until("go").stubbornly()));
        Future<Integer> waiter = fixture.call(future::get);
        latches.await("started-0");
        assertTrue(future.cancel(mayInterrupt));
        assertTrue(future.isDone());
        assertInstanceOf(CancellationException.class, fixture.failure(waiter));
        latches.raise("go");
    }

    @Test
    @Rule(13)
    default void invokeAnyGivesTheFirstSuccessAndCancelsTheRest(ContractFixture fixture) throws Exception {
        fixture.needsOverlap(BodyKind.BLOCKING);
        FileLatches latches = fixture.latches();
        Work.Steps steps = new Work.Steps(latches);
        List<Task<Integer>> tasks = List.of(
                () -> steps.apply(Step.of(0).until("never")),
                () -> steps.apply(Step.of(1).until("started-0")));
        assertEquals(1, fixture.result(fixture.call(() -> fixture.runner().<Integer>invokeAny(tasks))));
        latches.await("cancelled-0");
    }

    @Test
    @Rule(13)
    default void invokeAnyFailsWhenAllFail(ContractFixture fixture) throws Exception {
        Work.Steps steps = new Work.Steps(fixture.latches());
        List<Task<Integer>> tasks = List.of(() -> steps.apply(Step.failing(0)), () -> steps.apply(Step.failing(1)));
        Throwable thrown = fixture.failure(fixture.call(() -> fixture.runner().<Integer>invokeAny(tasks)));
        assertInstanceOf(ExecutionException.class, thrown);
        assertEquals(1, thrown.getSuppressed().length);
    }
}
