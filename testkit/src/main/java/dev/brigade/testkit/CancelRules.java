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
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Rule 13: cancelling by every road, and who runs what depends on a task. */
public interface CancelRules extends Contract {

    /** Options with a deadline that comes soon. */
    RunOptions BRIEF = RunOptions.builder().taskTimeout(Duration.ofMillis(50)).build();

    /** A task that waits until it is cancelled; submitted on a runner that does not run it on this thread. */
    private static TaskFuture<Integer> waiting(BodyKind kind, ContractFixture bench) throws InterruptedException {
        assumeTrue(
                !bench.isInline(),
                () -> bench.runner() + " returns from submit when the task has ended: nothing is left to cancel");
        Step step = Step.of(0).until("never");
        FileLatches signals = bench.signals();
        Work.AsyncSteps async = new Work.AsyncSteps(signals);
        Work.Steps blocking = new Work.Steps(signals);
        TaskFuture<Integer> future = bench.runner()
                .submit(kind == BodyKind.ASYNC ? Task.async(() -> async.start(step)) : () -> blocking.apply(step));
        signals.await("started-0");
        return future;
    }

    @ParameterizedTest
    @EnumSource
    @Rule(13)
    default void aCancelReachesTheBody(BodyKind kind, ContractFixture bench) throws Exception {
        TaskFuture<Integer> future = waiting(kind, bench);
        assertTrue(future.cancel(true));
        bench.signals().await("cancelled-0");
        assertTrue(future.isCancelled());
        assertThrows(CancellationException.class, future::get);
        assertEquals(State.CANCELLED, future.await().state());
    }

    @ParameterizedTest
    @EnumSource
    @Rule(13)
    default void cancellingTheCompletableFutureReachesTheBody(BodyKind kind, ContractFixture bench) throws Exception {
        TaskFuture<Integer> future = waiting(kind, bench);
        assertTrue(future.toCompletableFuture().cancel(true));
        bench.signals().await("cancelled-0");
        assertEquals(State.CANCELLED, future.await().state());
    }

    @ParameterizedTest
    @EnumSource
    @Rule(13)
    default void anActionThatThrowsKeepsNoOtherFromRunning(ThrownKind kind, ContractFixture bench) throws Exception {
        FileLatches signals = bench.signals();
        TaskFunction<Integer, Integer> waits = new Work.ThrowingActions(signals, kind);
        var outcomes = bench.runner().mapOutcomes(List.of(1), waits);
        Future<State> state = bench.call(() -> outcomes.iterator().next().state());
        signals.await("started");
        outcomes.cancel();
        signals.await("told");
        assertEquals(State.CANCELLED, bench.result(state));
    }

    @Test
    @Rule(13)
    default void completingTheCompletableFutureCancelsTheTask(ContractFixture bench) throws Exception {
        TaskFuture<Integer> future = waiting(BodyKind.BLOCKING, bench);
        assertTrue(future.toCompletableFuture().complete(1));
        bench.signals().await("cancelled-0");
        assertEquals(State.CANCELLED, future.await().state());
    }

    @Test
    @Rule(13)
    default void theCompletableFutureEndsAsTheTaskDoes(ContractFixture bench) throws Exception {
        TaskFuture<Integer> one = bench.runner().submit(() -> 1);
        assertEquals(1, one.toCompletableFuture().get(bench.patience().toMillis(), TimeUnit.MILLISECONDS));
        TaskFuture<Integer> fails = bench.runner().submit(() -> {
            throw new IllegalArgumentException("mine");
        });
        ExecutionException thrown = assertThrows(
                ExecutionException.class,
                () -> fails.toCompletableFuture().get(bench.patience().toMillis(), TimeUnit.MILLISECONDS));
        assertInstanceOf(IllegalArgumentException.class, thrown.getCause());
    }

    @Test
    @Rule(13)
    default void aCancelOfTheIterationReachesTheBody(ContractFixture bench) throws Exception {
        FileLatches signals = bench.signals();
        var outcomes = bench.runner().mapOutcomes(List.of(Step.of(0).until("never")), new Work.Steps(signals));
        Future<?> iteration = bench.call(() -> outcomes.iterator().next());
        signals.await("started-0");
        outcomes.close();
        signals.await("cancelled-0");
        assertInstanceOf(NoSuchElementException.class, bench.failure(iteration), "what was not handed out is dropped");
    }

    @Test
    @Rule(13)
    default void aDependentThatBlocksHoldsUpNobody(ContractFixture bench) throws Exception {
        FileLatches signals = bench.signals();
        // Completed by their bodies, by a deadline and by a cancel: whichever threads those are, none must be held up.
        var done = dependOn(bench, Step.of(0), RunOptions.defaults());
        var late = dependOn(bench, Step.of(1).until("never"), BRIEF);
        signals.awaitCount("dependent", 2);
        assertEquals(
                List.of(State.SUCCESS, State.TIMED_OUT),
                List.of(
                        done.future(bench).await().state(),
                        late.future(bench).await().state()));
        if (!bench.isInline()) {
            Submitted cancelled = dependOn(bench, Step.of(2).until("never"), RunOptions.defaults());
            signals.await("started-2");
            assertTrue(cancelled.future(bench).cancel(true));
            signals.awaitCount("dependent", 3);
        }
        Work.Steps steps = new Work.Steps(signals);
        Future<State> state = bench.call(() -> bench.runner()
                .submit(() -> steps.apply(Step.of(9).until("never")), BRIEF)
                .await()
                .state());
        assertEquals(State.TIMED_OUT, bench.result(state));
        assertEquals(
                2, bench.result(bench.call(() -> bench.runner().submit(() -> 2).get())));
        signals.raise("go");
    }

    /** A task that another thread submits. */
    record Submitted(AtomicReference<@Nullable TaskFuture<Integer>> task) {
        TaskFuture<Integer> future(ContractFixture bench) throws InterruptedException {
            bench.signals().await("the submission", () -> task.get() != null);
            return Objects.requireNonNull(task.get());
        }
    }

    private static Submitted dependOn(ContractFixture bench, Step step, RunOptions options) {
        FileLatches signals = bench.signals();
        Work.Steps steps = new Work.Steps(signals);
        Submitted submitted = new Submitted(new AtomicReference<>());
        var unused = bench.call(() -> {
            TaskFuture<Integer> future = bench.runner().submit(() -> steps.apply(step), options);
            submitted.task().set(future);
            // Where the task has ended by now, the dependent runs on this very thread.
            var dependent = future.toCompletableFuture().whenComplete((value, failure) -> {
                signals.raise("dependent");
                signals.awaitStubbornly("go");
            });
            return dependent.isDone();
        });
        return submitted;
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @Rule(13)
    default void cancellingACommandOfTheExecutorReleasesWhoWaits(boolean mayInterrupt, ContractFixture bench)
            throws Exception {
        bench.needs(Capability.SHARED_MEMORY);
        assumeTrue(!bench.isInline(), () -> bench.runner() + " returns from submit when the task has ended");
        FileLatches signals = bench.signals();
        Work.Steps steps = new Work.Steps(signals);
        Future<Integer> future = bench.runner()
                .asExecutorService()
                .submit(() -> steps.apply(Step.of(0).until("go").stubbornly()));
        Future<Integer> waiter = bench.call(future::get);
        signals.await("started-0");
        assertTrue(future.cancel(mayInterrupt));
        assertTrue(future.isDone());
        assertInstanceOf(CancellationException.class, bench.failure(waiter));
        signals.raise("go");
    }

    @Test
    @Rule(13)
    default void invokeAnyGivesTheFirstSuccessAndCancelsTheRest(ContractFixture bench) throws Exception {
        bench.needsOverlap(BodyKind.BLOCKING);
        FileLatches signals = bench.signals();
        Work.Steps steps = new Work.Steps(signals);
        List<Task<Integer>> tasks = List.of(
                () -> steps.apply(Step.of(0).until("never")),
                () -> steps.apply(Step.of(1).until("started-0")));
        assertEquals(1, bench.result(bench.call(() -> bench.runner().<Integer>invokeAny(tasks))));
        signals.await("cancelled-0");
    }

    @Test
    @Rule(13)
    default void invokeAnyFailsWhenAllFail(ContractFixture bench) throws Exception {
        Work.Steps steps = new Work.Steps(bench.signals());
        List<Task<Integer>> tasks = List.of(() -> steps.apply(Step.failing(0)), () -> steps.apply(Step.failing(1)));
        Throwable thrown = bench.failure(bench.call(() -> bench.runner().<Integer>invokeAny(tasks)));
        assertInstanceOf(ExecutionException.class, thrown);
        assertEquals(1, thrown.getSuppressed().length);
    }
}
