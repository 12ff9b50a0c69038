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

/** Rules 7 and 12, and rule 24 as far as it is about deadlines. */
public interface TimeoutRules extends Contract {

    /** Returns options with a deadline for each task. */
    private static RunOptions within(long millis) {
        return RunOptions.builder().taskTimeout(Duration.ofMillis(millis)).build();
    }

    @ParameterizedTest
    @EnumSource
    @Rule(7)
    default void theRunnersDeadlineIsATimeout(BodyKind kind, ContractFixture fixture) throws Exception {
        List<Step> inputs = List.of(Step.of(0).until("never"));
        TaskFunction<Step, Integer> steps = kind.steps(fixture.latches());
        Future<List<Outcome<Step, Integer>>> all =
                fixture.call(() -> ContractFixture.all(fixture.runner().mapOutcomes(inputs, steps, within(100))));
        Outcome<Step, Integer> outcome = fixture.result(all).get(0);
        assertEquals(State.TIMED_OUT, outcome.state());
        assertInstanceOf(TaskTimeoutException.class, outcome.exception());
        ExecutionException thrown = assertThrows(ExecutionException.class, outcome::get);
        assertInstanceOf(TaskTimeoutException.class, thrown.getCause());
        if (fixture.latches().count("started-0") > 0) { // else the deadline passed before the body began
            fixture.latches().await("cancelled-0");
        }
    }

    @Test
    @Rule(7)
    default void aValueAfterTheDeadlineIsDiscarded(ContractFixture fixture) throws Exception {
        Work.UntilCancelled late = new Work.UntilCancelled(fixture.latches());
        Future<List<Outcome<Integer, Integer>>> all =
                fixture.call(() -> ContractFixture.all(fixture.runner().mapOutcomes(List.of(1), late, within(100))));
        assertEquals(State.TIMED_OUT, fixture.result(all).get(0).state());
    }

    @Test
    @Rule(7)
    default void aValueAfterTheCancelIsDiscarded(ContractFixture fixture) throws Exception {
        FileLatches latches = fixture.latches();
        Work.UntilCancelled late = new Work.UntilCancelled(latches);
        Future<Outcome<Integer, Integer>> first = fixture.call(() -> {
            var outcomes = fixture.runner().mapOutcomes(List.of(1), late);
            var unused = fixture.call(() -> {
                latches.await("started");
                outcomes.cancel();
                return 0;
            });
            return outcomes.iterator().next();
        });
        assertEquals(State.CANCELLED, fixture.result(first).state());
    }

    @Test
    @Rule(7)
    default void theBodyKnowsHowMuchTimeIsLeft(ContractFixture fixture) throws Exception {
        TaskFunction<Integer, Long> left =
                n -> TaskContext.current().remaining().orElseThrow().toMillis();
        long millis = fixture.runner().map(List.of(1), left, within(60_000)).get(0);
        assertTrue(millis > 30_000 && millis <= 60_000, () -> millis + " ms of 60 s");
        TaskFunction<Integer, Boolean> any =
                n -> TaskContext.current().remaining().isPresent();
        assertEquals(List.of(false), fixture.runner().map(List.of(1), any));
    }

    @ParameterizedTest
    @EnumSource
    @Rule(12)
    default void aTimeoutIsReportedWhileTheBodyGoesOn(BodyKind kind, ContractFixture fixture) throws Exception {
        fixture.needs(Capability.PROMPT_TIMEOUT);
        fixture.needsNo(Capability.FORCIBLE_CANCEL);
        long millis = Long.MAX_VALUE;
        for (int i = 0; i < ContractFixture.TRIES && millis > 150 + 1000; i++) {
            String go = "go-" + i;
            List<Step> inputs = List.of(Step.of(i).until(go).stubbornly());
            TaskFunction<Step, Integer> steps = kind.steps(fixture.latches());
            Future<List<Outcome<Step, Integer>>> all =
                    fixture.call(() -> ContractFixture.all(fixture.runner().mapOutcomes(inputs, steps, within(150))));
            Outcome<Step, Integer> outcome = fixture.result(all).get(0);
            assertFalse(fixture.latches().isRaised("ended-" + i));
            assertEquals(State.TIMED_OUT, outcome.state());
            millis = outcome.timing().running().toMillis();
            assertNotBefore(150, millis);
            fixture.latches().raise(go);
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
    default void anEndlessLoopDies(ContractFixture fixture) throws Exception {
        fixture.needs(Capability.FORCIBLE_CANCEL);
        assertDies(fixture, new Work.Endless(fixture.latches()));
    }

    @Test
    @Rule(12)
    default void anEndlessLoopIsReportedOnceItIsDead(ContractFixture fixture) throws Exception {
        fixture.needs(Capability.FORCIBLE_CANCEL);
        Runner runner = fixture.impatientRunner();
        Work.Endless endless = new Work.Endless(fixture.latches());
        TaskFunction<Integer, Long> ownProcess = n -> ProcessHandle.current().pid();
        long mine = ProcessHandle.current().pid();
        long there = runner.map(List.of(1), ownProcess).get(0);
        assumeTrue(
                there != mine, () -> fixture.runner() + " runs bodies in this process, which does not die with them");
        Future<Set<String>> alive = fixture.call(() -> {
            Outcome<Integer, Integer> outcome = ContractFixture.all(
                            runner.mapOutcomes(List.of(1), endless, within(500)))
                    .get(0);
            Set<String> left = alive(fixture.latches().told("pid-"));
            assertEquals(State.TIMED_OUT, outcome.state(), () -> String.valueOf(outcome));
            return left;
        });
        assertEquals(Set.of(), fixture.result(alive), "processes of bodies that were reported as timed out");
        assertEquals(1, fixture.latches().told("pid-").size(), "the body had begun");
    }

    /** Returns the ids of processes that still exist. */
    private static Set<String> alive(Set<String> pids) {
        return pids.stream()
                .filter(pid -> ProcessHandle.of(Long.parseLong(pid)).isPresent())
                .collect(Collectors.toSet());
    }

    @Test
    @Rule(12)
    default void aStageThatNeverCompletesEnds(ContractFixture fixture) throws Exception {
        fixture.needs(Capability.FORCIBLE_CANCEL);
        assertDies(fixture, new Work.AsyncEndless(fixture.latches()));
    }

    private static void assertDies(ContractFixture fixture, TaskFunction<Integer, Integer> endless) throws Exception {
        Runner runner = fixture.impatientRunner();
        long byMillis = 200 + ContractFixture.SHORT_GRACE.toMillis() + 1000;
        long millis = Long.MAX_VALUE;
        for (int i = 0; i < ContractFixture.TRIES && millis > byMillis; i++) {
            Future<List<Outcome<Integer, Integer>>> all =
                    fixture.call(() -> ContractFixture.all(runner.mapOutcomes(List.of(1), endless, within(200))));
            Outcome<Integer, Integer> outcome = fixture.result(all).get(0);
            assertEquals(State.TIMED_OUT, outcome.state(), () -> String.valueOf(outcome));
            millis = outcome.timing().running().toMillis();
            assertNotBefore(200, millis);
        }
        assertBy(byMillis, millis);
        assertEquals(List.of(7), runner.map(List.of(7), n -> n), "the runner lives on");
    }

    @Test
    @Rule(12)
    default void aCancelledEndlessLoopDies(ContractFixture fixture) throws Exception {
        fixture.needs(Capability.FORCIBLE_CANCEL);
        FileLatches latches = fixture.latches();
        Work.Endless endless = new Work.Endless(latches);
        Runner runner = fixture.impatientRunner();
        TaskFuture<Integer> future = runner.submit(() -> endless.apply(1));
        latches.await("started");
        assertTrue(future.cancel(true));
        int limit = runner.maxConcurrency();
        // Each permit is free again: as many bodies as there are permits meet.
        List<Integer> inputs = IntStream.range(0, limit).boxed().toList();
        TaskFunction<Integer, Boolean> meet = n -> {
            latches.raise("met");
            return latches.holdsWithin(Duration.ofSeconds(10), () -> latches.count("met") >= limit);
        };
        Future<List<Boolean>> met = fixture.call(() -> runner.map(inputs, meet));
        assertFalse(fixture.result(met).contains(false));
    }

    @Test
    @Rule(24)
    default void aTimeoutAmongManyHitsItsOwnTaskAlone(ContractFixture fixture) throws Exception {
        FileLatches latches = fixture.latches().forBodies();
        TaskFunction<Integer, Integer> oneHangs = n -> {
            if (n == 20) {
                latches.await("never");
            }
            return n; // no work that a busy machine could make long
        };
        RunOptions options = within(1000).toBuilder().ordered(true).build();
        // A runner that must load the bodies' classes does so here, before deadlines count.
        fixture.runner().map(IntStream.range(0, 8).boxed().toList(), oneHangs);
        List<Integer> inputs = IntStream.range(0, 40).boxed().toList();
        Future<List<Outcome<Integer, Integer>>> all =
                fixture.call(() -> ContractFixture.all(fixture.runner().mapOutcomes(inputs, oneHangs, options)));
        for (Outcome<Integer, Integer> one : fixture.result(all)) {
            assertEquals(one.index() == 20 ? State.TIMED_OUT : State.SUCCESS, one.state(), () -> String.valueOf(one));
        }
    }
}
