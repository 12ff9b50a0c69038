package dev.brigade.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.brigade.Capability;
import dev.brigade.RetryPolicy;
import dev.brigade.RunOptions;
import dev.brigade.Task;
import dev.brigade.TaskAction;
import dev.brigade.TaskContext;
import dev.brigade.TaskFunction;
import dev.brigade.TaskFuture;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.opentest4j.TestAbortedException;

/** Rules 1, 4, 6, 7, 13, 16, 18 and 19 for the other forms of a call: without results, as a future, and until one succeeds. */
public interface CallFormRules extends Contract {

    @Test
    @Rule(1)
    default void anActionIsDoneAndItsResultIsNull(ContractFixture fixture) throws Exception {
        FileLatches latches = fixture.latches();
        TaskFuture<Void> future = fixture.runner().submit(() -> {
            latches.raise("done");
        });
        assertNull(future.get(fixture.patience().toMillis(), TimeUnit.MILLISECONDS));
        assertTrue(latches.isRaised("done"));
    }

    @Test
    @Rule(1)
    default void forEachDoesEachInputOnce(ContractFixture fixture) throws Exception {
        FileLatches latches = fixture.latches();
        List<Integer> inputs = IntStream.range(0, 50).boxed().toList();
        fixture.runner().forEach(inputs, n -> latches.raise("each-" + n));
        for (int n : inputs) {
            assertEquals(1, latches.count("each-" + n));
        }
    }

    /** An object may be a task, an action and a consumer at once: the method that it is passed to says which. */
    @Test
    @Rule(1)
    default void anObjectOfSeveralFormsRunsAsTheOneItIsPassedAs(ContractFixture fixture) throws Exception {
        Work.SeveralForms code = new Work.SeveralForms();
        TaskAction action = code;
        Task<String> task = code;
        assertEquals("called", fixture.runner().submit(task).get());
        assertEquals("run", message(() -> fixture.runner().submit(action).get()));
        assertEquals("accepted", message(() -> fixture.runner().forEach(List.of(1), code)));
    }

    private static String message(Executable call) {
        ExecutionException failed = assertThrows(ExecutionException.class, call);
        return String.valueOf(Objects.requireNonNull(failed.getCause()).getMessage());
    }

    @Test
    @Rule(1)
    default void mapAsyncGivesWhatMapGives(ContractFixture fixture) throws Exception {
        List<Integer> inputs = IntStream.range(0, 1000).boxed().toList();
        CompletableFuture<List<Integer>> results = fixture.runner().mapAsync(inputs, n -> n * 2);
        assertEquals(
                inputs.stream().map(n -> n * 2).toList(),
                results.get(fixture.patience().toMillis(), TimeUnit.MILLISECONDS));
    }

    @Test
    @Rule(4)
    default void forEachPullsAnEndlessInputLazily(ContractFixture fixture) throws Exception {
        Throwable thrown = fixture.failure(fixture.call(() -> {
            fixture.runner().forEach(PullRules.endless(), n -> {
                if (n == 500) {
                    throw new IllegalStateException("far enough");
                }
            });
            return "ended";
        }));
        assertEquals("far enough", Objects.requireNonNull(thrown.getCause()).getMessage());
    }

    @Test
    @Rule(6)
    default void forEachFailsAsMapDoes(ContractFixture fixture) throws Exception {
        Throwable thrown = fixture.failure(fixture.call(() -> {
            fixture.runner().forEach(List.of(1, 2, 3), n -> {
                if (n == 2) {
                    throw new IllegalArgumentException("mine");
                }
            });
            return "ended";
        }));
        assertInstanceOf(ExecutionException.class, thrown);
        assertInstanceOf(IllegalArgumentException.class, thrown.getCause());
    }

    @Test
    @Rule(6)
    default void mapAsyncFailsWithTheTasksException(ContractFixture fixture) throws Exception {
        TaskFunction<Integer, Integer> fails = n -> {
            throw new IllegalArgumentException("mine");
        };
        CompletableFuture<List<Integer>> results = fixture.runner().mapAsync(List.of(1), fails);
        Throwable thrown = assertThrows(
                ExecutionException.class, () -> results.get(fixture.patience().toMillis(), TimeUnit.MILLISECONDS));
        assertInstanceOf(IllegalArgumentException.class, thrown.getCause());
    }

    @Test
    @Rule(7)
    default void whatAnActionThrowsIsItsFailure(ContractFixture fixture) throws Exception {
        TaskAction throwing = () -> {
            throw new IllegalArgumentException("mine");
        };
        TaskFuture<Void> future = fixture.runner().submit(throwing);
        assertInstanceOf(IllegalArgumentException.class, future.awaitOutcome().exception());
    }

    @Test
    @Rule(7)
    default void resultAndFailureCanBeHadWithoutWaiting(ContractFixture fixture) throws Exception {
        TaskFuture<Integer> one = fixture.runner().submit(() -> 1);
        assertTrue(one.awaitOutcome().isSuccess());
        assertEquals(1, one.resultNow());
        assertThrows(IllegalStateException.class, one::exceptionNow);
        TaskFuture<Integer> none = fixture.runner().submit(() -> {
            throw new IllegalArgumentException("mine");
        });
        assertFalse(none.awaitOutcome().isSuccess());
        assertThrows(IllegalStateException.class, none::resultNow);
        assertInstanceOf(IllegalArgumentException.class, none.exceptionNow());
    }

    @Test
    @Rule(7)
    default void aTaskThatIsNotDoneOrWasCancelledHasNeitherResultNorFailure(ContractFixture fixture) throws Exception {
        assumeTrue(!fixture.isInline(), () -> fixture.runner() + " returns from submit when the task has ended");
        Work.Steps waits = new Work.Steps(fixture.latches());
        TaskFuture<Integer> future =
                fixture.runner().submit(() -> waits.apply(Step.of(0).until("never")));
        fixture.latches().await("started-0");
        assertThrows(IllegalStateException.class, future::resultNow);
        assertThrows(IllegalStateException.class, future::exceptionNow);
        assertTrue(future.cancel(true));
        assertThrows(IllegalStateException.class, future::resultNow);
        assertThrows(IllegalStateException.class, future::exceptionNow);
    }

    @Test
    @Rule(13)
    default void cancellingTheFutureOfABatchReachesTheBodies(ContractFixture fixture) throws Exception {
        assumeTrue(!fixture.isInline(), () -> fixture.runner() + " returns from mapAsync when all has ended");
        Work.Steps waits = new Work.Steps(fixture.latches());
        CompletableFuture<List<Integer>> results =
                fixture.runner().mapAsync(List.of(Step.of(0).until("never")), waits);
        fixture.latches().await("started-0");
        assertTrue(results.cancel(true));
        fixture.latches().await("cancelled-0");
    }

    @Test
    @Rule(16)
    default void aNestedMapAsyncFinishes(ContractFixture fixture) throws Exception {
        LimitRules.needsWaitingBodies(fixture);
        int crowd = Math.min(fixture.runner().maxConcurrency(), 16) * 2;
        List<Integer> inputs = IntStream.range(0, crowd).boxed().toList();
        TaskFunction<Integer, Integer> nested = n -> TaskContext.current()
                .runner()
                .mapAsync(List.of(n, n + 1), (Integer m) -> m)
                .get()
                .get(1);
        assertEquals(
                inputs.stream().map(n -> n + 1).toList(),
                fixture.result(fixture.call(() -> fixture.runner().map(inputs, nested))));
    }

    @Test
    @Rule(18)
    default void invokeAnyEndsAtItsTimeout(ContractFixture fixture) throws Exception {
        Work.Steps waits = new Work.Steps(fixture.latches());
        List<Task<Integer>> tasks = List.of(() -> waits.apply(Step.of(0).until("never")));
        RunOptions options =
                RunOptions.builder().timeout(Duration.ofMillis(200)).build();
        Throwable thrown = fixture.failure(fixture.call(() -> fixture.runner().<Integer>invokeAny(tasks, options)));
        skipIfRefused(thrown);
        assertInstanceOf(TimeoutException.class, thrown);
    }

    @Test
    @Rule(18)
    default void invokeAnyTriesAgain(ContractFixture fixture) throws Exception {
        Work.ThirdTime thirdTime = new Work.ThirdTime(fixture.latches());
        List<Task<Integer>> tasks = List.of(() -> thirdTime.apply(1));
        RunOptions options =
                RunOptions.builder().retry(RetryPolicy.ofMaxAttempts(3)).build();
        try {
            assertEquals(3, fixture.result(fixture.call(() -> fixture.runner().<Integer>invokeAny(tasks, options))));
        } catch (ExecutionException e) {
            skipIfRefused(e.getCause());
            throw e;
        }
    }

    /** Skips the test if the runner refuses the option at the call, as it may. */
    private static void skipIfRefused(@Nullable Throwable thrown) {
        if (thrown instanceof UnsupportedOperationException) {
            throw new TestAbortedException("the runner refuses the option at the call: " + thrown.getMessage());
        }
    }

    /** A runner that transports refuses a capture that cannot be transported, in each form of a call. */
    @Test
    @Rule(19)
    default void whatCannotCrossIsRefusedInEachForm(ContractFixture fixture) {
        fixture.needsNo(Capability.SHARED_MEMORY);
        Object stays = new Object();
        assertThrows(
                IllegalArgumentException.class,
                () -> fixture.runner().submit(() -> {
                    stays.notifyAll();
                }));
        assertThrows(
                IllegalArgumentException.class, () -> fixture.runner().forEach(List.of(1), n -> stays.notifyAll()));
        assertThrows(
                IllegalArgumentException.class, () -> fixture.runner().mapAsync(List.of(1), n -> stays.hashCode()));
    }
}
