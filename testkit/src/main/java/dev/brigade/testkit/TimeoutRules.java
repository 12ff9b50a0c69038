package dev.brigade.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
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
import dev.brigade.TaskTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Rules 7 and 12, and of 24 what is about time: deadlines. */
public interface TimeoutRules extends Contract {

    /** Options with a deadline for each task. */
    private static RunOptions within(long millis) {
        return RunOptions.builder().taskTimeout(Duration.ofMillis(millis)).build();
    }

    @ParameterizedTest
    @EnumSource
    @Rule(7)
    default void theRunnersDeadlineIsATimeout(BodyKind kind, ContractFixture bench) throws Exception {
        List<Step> inputs = List.of(Step.of(0).until("never"));
        TaskFunction<Step, Integer> steps = kind.steps(bench.signals());
        Future<List<Outcome<Step, Integer>>> all =
                bench.call(() -> ContractFixture.all(bench.runner().mapOutcomes(inputs, steps, within(100))));
        Outcome<Step, Integer> outcome = bench.result(all).get(0);
        assertEquals(State.TIMED_OUT, outcome.state());
        assertInstanceOf(TaskTimeoutException.class, outcome.exception());
        ExecutionException thrown = assertThrows(ExecutionException.class, outcome::get);
        assertInstanceOf(TaskTimeoutException.class, thrown.getCause());
        if (bench.signals().count("started-0") > 0) { // or the time had passed while it was on its way
            bench.signals().await("cancelled-0");
        }
    }

    @Test
    @Rule(7)
    default void aValueAfterTheDeadlineIsDiscarded(ContractFixture bench) throws Exception {
        Work.UntilCancelled late = new Work.UntilCancelled(bench.signals());
        Future<List<Outcome<Integer, Integer>>> all =
                bench.call(() -> ContractFixture.all(bench.runner().mapOutcomes(List.of(1), late, within(100))));
        assertEquals(State.TIMED_OUT, bench.result(all).get(0).state());
    }

    @Test
    @Rule(7)
    default void aValueAfterTheCancelIsDiscarded(ContractFixture bench) throws Exception {
        FileLatches signals = bench.signals();
        Work.UntilCancelled late = new Work.UntilCancelled(signals);
        Future<Outcome<Integer, Integer>> first = bench.call(() -> {
            var outcomes = bench.runner().mapOutcomes(List.of(1), late);
            var unused = bench.call(() -> {
                signals.await("started");
                outcomes.cancel();
                return 0;
            });
            return outcomes.iterator().next();
        });
        assertEquals(State.CANCELLED, bench.result(first).state());
    }

    @Test
    @Rule(7)
    default void theBodyKnowsHowMuchTimeIsLeft(ContractFixture bench) throws Exception {
        TaskFunction<Integer, Long> left =
                n -> TaskContext.current().remaining().orElseThrow().toMillis();
        long millis = bench.runner().map(List.of(1), left, within(60_000)).get(0);
        assertTrue(millis > 30_000 && millis <= 60_000, () -> millis + " ms of 60 s");
        TaskFunction<Integer, Boolean> any =
                n -> TaskContext.current().remaining().isPresent();
        assertEquals(List.of(false), bench.runner().map(List.of(1), any));
    }

    @ParameterizedTest
    @EnumSource
    @Rule(12)
    default void aTimeoutIsReportedWhileTheBodyGoesOn(BodyKind kind, ContractFixture bench) throws Exception {
        bench.needs(Capability.PROMPT_TIMEOUT);
        bench.needsNo(Capability.FORCIBLE_CANCEL);
        long millis = Long.MAX_VALUE;
        for (int i = 0; i < ContractFixture.TRIES && millis > 150 + 1000; i++) {
            String go = "go-" + i;
            List<Step> inputs = List.of(Step.of(i).until(go).stubbornly());
            TaskFunction<Step, Integer> steps = kind.steps(bench.signals());
            Future<List<Outcome<Step, Integer>>> all =
                    bench.call(() -> ContractFixture.all(bench.runner().mapOutcomes(inputs, steps, within(150))));
            Outcome<Step, Integer> outcome = bench.result(all).get(0);
            assertFalse(bench.signals().isRaised("ended-" + i));
            assertEquals(State.TIMED_OUT, outcome.state());
            millis = outcome.timing().running().toMillis();
            assertNotBefore(150, millis);
            bench.signals().raise(go);
        }
        assertBy(150 + 1000, millis);
    }

    private static void assertNotBefore(long fromMillis, long millis) {
        assertTrue(millis >= fromMillis, () -> "reported after " + millis + " ms, not before " + fromMillis + " ms");
    }

    private static void assertBy(long toMillis, long millis) {
        assertTrue(millis <= toMillis, () -> "reported after " + millis + " ms, not by " + toMillis + " ms");
    }

    @Test
    @Rule(12)
    default void anEndlessLoopDies(ContractFixture bench) throws Exception {
        bench.needs(Capability.FORCIBLE_CANCEL);
        assertDies(bench, new Work.Endless(bench.signals()));
    }

    @Test
    @Rule(12)
    default void anEndlessLoopIsReportedOnceItIsDead(ContractFixture bench) throws Exception {
        bench.needs(Capability.FORCIBLE_CANCEL);
        Runner runner = bench.impatientRunner();
        Work.Endless endless = new Work.Endless(bench.signals());
        TaskFunction<Integer, Long> ownProcess = n -> ProcessHandle.current().pid();
        long mine = ProcessHandle.current().pid();
        long there = runner.map(List.of(1), ownProcess).get(0);
        assumeTrue(there != mine, () -> bench.runner() + " runs bodies in this process, which does not die with them");
        Future<Set<String>> alive = bench.call(() -> {
            Outcome<Integer, Integer> outcome = ContractFixture.all(
                            runner.mapOutcomes(List.of(1), endless, within(500)))
                    .get(0);
            Set<String> left = alive(bench.signals().told("pid-"));
            assertEquals(State.TIMED_OUT, outcome.state(), () -> String.valueOf(outcome));
            return left;
        });
        assertEquals(Set.of(), bench.result(alive), "processes of bodies that were reported as timed out");
        assertEquals(1, bench.signals().told("pid-").size(), "the body had begun");
    }

    /** Those of the processes that are there still. */
    private static Set<String> alive(Set<String> pids) {
        return pids.stream()
                .filter(pid -> ProcessHandle.of(Long.parseLong(pid)).isPresent())
                .collect(Collectors.toSet());
    }

    @Test
    @Rule(12)
    default void aStageThatNeverCompletesEnds(ContractFixture bench) throws Exception {
        bench.needs(Capability.FORCIBLE_CANCEL);
        assertDies(bench, new Work.AsyncEndless(bench.signals()));
    }

    private static void assertDies(ContractFixture bench, TaskFunction<Integer, Integer> endless) throws Exception {
        Runner runner = bench.impatientRunner();
        long byMillis = 200 + ContractFixture.SHORT_GRACE.toMillis() + 1000;
        long millis = Long.MAX_VALUE;
        for (int i = 0; i < ContractFixture.TRIES && millis > byMillis; i++) {
            Future<List<Outcome<Integer, Integer>>> all =
                    bench.call(() -> ContractFixture.all(runner.mapOutcomes(List.of(1), endless, within(200))));
            Outcome<Integer, Integer> outcome = bench.result(all).get(0);
            assertEquals(State.TIMED_OUT, outcome.state(), () -> String.valueOf(outcome));
            millis = outcome.timing().running().toMillis();
            assertNotBefore(200, millis);
        }
        assertBy(byMillis, millis);
        assertEquals(List.of(7), runner.map(List.of(7), n -> n), "the runner lives on");
    }

    @Test
    @Rule(12)
    default void aCancelledEndlessLoopDies(ContractFixture bench) throws Exception {
        bench.needs(Capability.FORCIBLE_CANCEL);
        FileLatches signals = bench.signals();
        Work.Endless endless = new Work.Endless(signals);
        Runner runner = bench.impatientRunner();
        TaskFuture<Integer> future = runner.submit(() -> endless.apply(1));
        signals.await("started");
        assertTrue(future.cancel(true));
        int limit = runner.limit();
        // Each place is free again: as many bodies as there are places meet.
        List<Integer> inputs = IntStream.range(0, limit).boxed().toList();
        TaskFunction<Integer, Boolean> meet = n -> {
            signals.raise("met");
            return signals.holdsWithin(Duration.ofSeconds(10), () -> signals.count("met") >= limit);
        };
        Future<List<Boolean>> met = bench.call(() -> runner.map(inputs, meet));
        assertFalse(bench.result(met).contains(false));
    }

    @Test
    @Rule(24)
    default void aTimeoutAmongManyHitsItsOwnItemAlone(ContractFixture bench) throws Exception {
        FileLatches signals = bench.signals().forBodies();
        TaskFunction<Integer, Integer> oneHangs = n -> {
            if (n == 20) {
                signals.await("never");
            }
            return n; // nothing that a busy machine could make long
        };
        RunOptions options = within(1000).toBuilder().ordered(true).build();
        // Where bodies have to be loaded first, that is not to count here.
        bench.runner().map(IntStream.range(0, 8).boxed().toList(), oneHangs);
        List<Integer> inputs = IntStream.range(0, 40).boxed().toList();
        Future<List<Outcome<Integer, Integer>>> all =
                bench.call(() -> ContractFixture.all(bench.runner().mapOutcomes(inputs, oneHangs, options)));
        for (Outcome<Integer, Integer> one : bench.result(all)) {
            assertEquals(one.index() == 20 ? State.TIMED_OUT : State.SUCCESS, one.state(), () -> String.valueOf(one));
        }
    }
}
