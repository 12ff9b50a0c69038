package dev.brigade.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.brigade.Capability;
import dev.brigade.Outcome;
import dev.brigade.Outcome.State;
import dev.brigade.RunOptions;
import dev.brigade.Runner;
import dev.brigade.TaskContext;
import dev.brigade.TaskFunction;
import dev.brigade.TaskFuture;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Rules 8, 9 and 16: concurrency limits, time in the queue, and bodies that wait for tasks. */
public interface LimitRules extends Contract {

    @ParameterizedTest
    @EnumSource
    @Rule(8)
    default void aCallsLimitIsNeverExceeded(BodyKind kind, ContractFixture fixture) throws Exception {
        int limit = Math.min(2, fixture.runner().maxConcurrency());
        RunOptions options = RunOptions.builder().maxConcurrency(2).build();
        List<Integer> inputs = IntStream.range(0, 10).boxed().toList();
        List<Boolean> crowded = fixture.runner().map(inputs, kind.crowd(fixture.latches(), limit), options);
        assertEquals(Collections.nCopies(10, false), crowded);
    }

    @ParameterizedTest
    @EnumSource
    @Rule(8)
    default void theRunnersLimitHoldsOverAllCalls(BodyKind kind, ContractFixture fixture) throws Exception {
        int limit = fixture.runner().maxConcurrency();
        assumeTrue(limit <= 16, () -> "the limit of " + limit + " is more than this test crowds");
        TaskFunction<Integer, Boolean> crowd = kind.crowd(fixture.latches(), limit);
        List<Integer> inputs = IntStream.range(0, limit + 3).boxed().toList();
        List<Future<List<Boolean>>> calls = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            calls.add(fixture.call(() -> fixture.runner().map(inputs, crowd)));
        }
        for (Future<List<Boolean>> call : calls) {
            assertEquals(Collections.nCopies(limit + 3, false), fixture.result(call));
        }
    }

    @ParameterizedTest
    @EnumSource
    @Rule(8)
    default void aBodyThatIgnoresItsCancellationKeepsItsPermit(BodyKind kind, ContractFixture fixture)
            throws Exception {
        fixture.needsNo(Capability.FORCIBLE_CANCEL);
        List<State> states = besideAStubbornOne(kind, fixture, 100);
        // The second task must end in time, and has no more than the stubborn one: too little on a busy machine.
        for (int millis = 200;
                states.get(1) == State.TIMED_OUT && millis < fixture.patience().toMillis();
                millis *= 2) {
            states = besideAStubbornOne(kind, fixture, millis);
        }
        assertEquals(List.of(State.TIMED_OUT, State.SUCCESS), states);
    }

    /** Returns the states of a task that ignores its deadline, and of a task that waits for its permit. */
    private static List<State> besideAStubbornOne(BodyKind kind, ContractFixture fixture, int millis) throws Exception {
        FileLatches latches = fixture.latches();
        RunOptions options = RunOptions.builder()
                .maxConcurrency(1)
                .taskTimeout(Duration.ofMillis(millis))
                .build();
        String go = "go-" + millis;
        List<Step> inputs = List.of(Step.of(millis).until(go).stubbornly(), Step.of(millis + 1));
        Future<List<Outcome<Step, Integer>>> all = fixture.call(
                () -> ContractFixture.all(fixture.runner().mapOutcomes(inputs, kind.steps(latches), options)));
        latches.await("started-" + millis);
        assertFalse(
                latches.holdsWithin(Duration.ofMillis(3L * millis), () -> latches.isRaised("started-" + (millis + 1))));
        latches.raise(go);
        return fixture.result(all).stream().map(Outcome::state).toList();
    }

    @Test
    @Rule(8)
    default void noPermitIsLostHoweverBodiesEnd(ContractFixture fixture) throws Exception {
        Runner runner = fixture.runner();
        RunOptions brief =
                RunOptions.builder().taskTimeout(Duration.ofMillis(2)).build();
        for (int round = 0; round < 20; round++) {
            ContractFixture.all(
                    runner.mapOutcomes(List.of(Step.failing(0), Step.of(1)), new Work.Steps(fixture.latches())));
            ContractFixture.all(runner.mapOutcomes(List.of(1, 2), new Work.UntilCancelled(fixture.latches()), brief));
            var unused = fixture.call(() -> runner.submit(() -> 1).cancel(true));
        }
        int together = Math.min(runner.maxConcurrency(), 8);
        boolean overlap = runner.capabilities().contains(Capability.PARALLEL);
        FileLatches latches = fixture.latches();
        TaskFunction<Integer, Boolean> meet = n -> {
            latches.raise("met");
            return latches.holdsWithin(aLongWhile(), () -> !overlap || latches.count("met") >= together);
        };
        List<Integer> inputs = IntStream.range(0, together).boxed().toList();
        assertEquals(Collections.nCopies(together, true), runner.map(inputs, meet), "all at once");
    }

    private static Duration aLongWhile() {
        return Duration.ofSeconds(10);
    }

    @Test
    @Rule(9)
    default void timeInTheQueueIsNoTimeOfTheTask(ContractFixture fixture) throws Exception {
        RunOptions options = RunOptions.builder()
                .maxConcurrency(1)
                .buffer(12)
                .taskTimeout(Duration.ofSeconds(1))
                .build();
        // The last task is queued for longer than any may run, though none runs for long.
        TaskFunction<Integer, Integer> takesTime = n -> {
            TimeUnit.MILLISECONDS.sleep(100);
            return n;
        };
        List<Integer> inputs = IntStream.range(0, 12).boxed().toList();
        assertEquals(inputs, fixture.runner().map(inputs, takesTime, options));
    }

    @Test
    @Rule(9)
    default void theOutcomeTellsQueuedFromRunning(ContractFixture fixture) throws Exception {
        RunOptions options =
                RunOptions.builder().maxConcurrency(1).ordered(true).buffer(2).build();
        TaskFunction<Integer, Integer> takesTime = n -> {
            TimeUnit.MILLISECONDS.sleep(n);
            return n;
        };
        List<Outcome<Integer, Integer>> all =
                ContractFixture.all(fixture.runner().mapOutcomes(List.of(200, 1), takesTime, options));
        Duration first = all.get(0).timing().running();
        Duration second = all.get(1).timing().queued();
        assertTrue(first.toMillis() >= 200, () -> "the first ran " + first);
        assertTrue(second.toMillis() >= 150, () -> "the second was queued " + second);
    }

    @Test
    @Rule(16)
    default void aNestedSubmitFinishes(ContractFixture fixture) throws Exception {
        needsWaitingBodies(fixture);
        int crowd = Math.min(fixture.runner().maxConcurrency(), 16) * 2;
        List<Integer> inputs = IntStream.range(0, crowd).boxed().toList();
        TaskFunction<Integer, Integer> nested = n -> {
            Runner runner = TaskContext.current().runner();
            return runner.submit(() -> n * 10).get();
        };
        Future<List<Integer>> results = fixture.call(() -> fixture.runner().map(inputs, nested));
        assertEquals(inputs.stream().map(n -> n * 10).toList(), fixture.result(results));
    }

    @Test
    @Rule(16)
    default void aNestedMapFinishes(ContractFixture fixture) throws Exception {
        needsWaitingBodies(fixture);
        int crowd = Math.min(fixture.runner().maxConcurrency(), 16) * 2;
        List<Integer> inputs = IntStream.range(0, crowd).boxed().toList();
        TaskFunction<Integer, Integer> nested = n -> {
            Runner runner = TaskContext.current().runner();
            List<Integer> inner = runner.map(List.of(n, n + 1, n + 2), m -> m);
            return inner.stream().mapToInt(m -> m).sum();
        };
        Future<List<Integer>> results = fixture.call(() -> fixture.runner().map(inputs, nested));
        assertEquals(inputs.stream().map(n -> 3 * n + 3).toList(), fixture.result(results));
    }

    /** Skips the test on an event loop, which has many permits and no blocking bodies: it refuses such waits. */
    static void needsWaitingBodies(ContractFixture fixture) {
        boolean loop = fixture.runner().maxConcurrency() > 1
                && !fixture.runner().capabilities().contains(Capability.PARALLEL);
        assumeTrue(!loop, () -> fixture.runner() + " is an event loop, whose bodies must not wait");
    }

    @Test
    @Rule(16)
    default void aNestedWaitNeverHangs(ContractFixture fixture) throws Exception {
        TaskFunction<Integer, String> nested = n -> {
            try {
                return String.valueOf(
                        TaskContext.current().runner().submit(() -> n).get());
            } catch (IllegalStateException refused) {
                return "refused";
            }
        };
        Future<List<String>> results = fixture.call(() -> fixture.runner().map(List.of(1, 1, 1), nested));
        String first = fixture.result(results).get(0);
        assertTrue(List.of("1", "refused").contains(first), first);
        assertEquals(Collections.nCopies(3, first), fixture.result(results));
    }

    @Test
    @Rule(16)
    default void aNestedWaitThroughTheExecutorNeverHangs(ContractFixture fixture) throws Exception {
        fixture.needs(Capability.SHARED_MEMORY);
        ExecutorService executor = fixture.runner().asExecutorService();
        long patienceMillis = fixture.patience().toMillis();
        int crowd = Math.min(fixture.runner().maxConcurrency(), 16) * 2;
        List<Integer> inputs = IntStream.range(0, crowd).boxed().toList();
        TaskFunction<Integer, String> nested = n -> {
            List<Callable<Integer>> two = List.of(() -> n, () -> n);
            try {
                int first = executor.submit(() -> n).get(patienceMillis, TimeUnit.MILLISECONDS);
                int all = executor.invokeAll(two, patienceMillis, TimeUnit.MILLISECONDS)
                        .get(1)
                        .get();
                return first + all + executor.invokeAny(two) == 3 * n ? "done" : "wrong";
            } catch (IllegalStateException refused) {
                return "refused";
            }
        };
        List<String> results =
                fixture.result(fixture.call(() -> fixture.runner().map(inputs, nested)));
        assertTrue(List.of("done", "refused").contains(results.get(0)), results::toString);
        assertEquals(Collections.nCopies(crowd, results.get(0)), results);
        List<Callable<String>> commands = inputs.stream()
                .<Callable<String>>map(n -> () -> nested.apply(n))
                .toList();
        for (Future<String> command : fixture.result(fixture.call(() -> executor.invokeAll(commands)))) {
            assertEquals(results.get(0), command.get(), "of a body that the executor was given");
        }
    }

    @Test
    @Rule(16)
    default void severalBodiesWaitForOneTask(ContractFixture fixture) throws Exception {
        fixture.needs(Capability.SHARED_MEMORY);
        needsWaitingBodies(fixture);
        int waiting = Math.min(fixture.runner().maxConcurrency(), 16) - 1;
        assumeTrue(waiting > 1, () -> fixture.runner() + " has no places for two that wait and one that runs");
        Queue<Thread> waiters = new ConcurrentLinkedQueue<>();
        long untilNanos = System.nanoTime() + fixture.patience().toNanos();
        TaskFuture<Boolean> awaited = fixture.runner().submit(() -> {
            while (waiters.size() < waiting || !waiters.stream().allMatch(LimitRules::isWaiting)) {
                if (System.nanoTime() - untilNanos >= 0) {
                    return false;
                }
                TimeUnit.MILLISECONDS.sleep(1);
            }
            return true;
        });
        List<TaskFuture<Boolean>> all = new ArrayList<>();
        for (int i = 0; i < waiting; i++) {
            all.add(fixture.runner().submit(() -> {
                waiters.add(Thread.currentThread());
                return awaited.get();
            }));
        }
        for (TaskFuture<Boolean> one : all) {
            assertTrue(fixture.result(one));
        }
    }

    private static boolean isWaiting(Thread thread) {
        return thread.getState() == Thread.State.WAITING || thread.getState() == Thread.State.TIMED_WAITING;
    }
}
