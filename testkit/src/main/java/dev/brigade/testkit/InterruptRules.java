package dev.brigade.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.brigade.Outcome;
import dev.brigade.Outcome.State;
import dev.brigade.Outcomes;
import dev.brigade.RunOptions;
import dev.brigade.Runner;
import dev.brigade.TaskContext;
import dev.brigade.TaskFunction;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Rules 10 and 11: interrupts, and batches that are cut short. */
public interface InterruptRules extends Contract {

    @Test
    @Rule(10)
    default void noInterruptReachesTheNextBody(ContractFixture fixture) throws Exception {
        Work.UntilCancelled late = new Work.UntilCancelled(fixture.latches());
        RunOptions brief = RunOptions.builder()
                .taskTimeout(Duration.ofMillis(2))
                .maxConcurrency(1)
                .build();
        TaskFunction<Integer, Boolean> isInterrupted = n -> {
            Thread.sleep(2);
            return Thread.currentThread().isInterrupted();
        };
        for (int round = 0; round < 30; round++) {
            ContractFixture.all(fixture.runner().mapOutcomes(List.of(1), late, brief));
            assertEquals(List.of(false, false), fixture.runner().map(List.of(1, 2), isInterrupted));
        }
    }

    /** A function that leaves its thread interrupted, and returns true if it found it so. */
    private static TaskFunction<Integer, Boolean> leavesAnInterrupt() {
        return n -> {
            boolean before = Thread.currentThread().isInterrupted();
            Thread.currentThread().interrupt();
            return before;
        };
    }

    @Test
    @Rule(10)
    default void whatABodyLeavesOnItsThreadIsNotTheNextOnes(ContractFixture fixture) throws Exception {
        assumeFalse(
                fixture.isInline(),
                () -> fixture.runner() + " runs bodies on the caller's thread, whose interrupt it is");
        List<Boolean> seen = fixture.runner().map(List.of(1, 2, 3, 4, 5, 6), leavesAnInterrupt());
        assertEquals(List.of(false, false, false, false, false, false), seen);
    }

    @Test
    @Rule(10)
    default void anInterruptThatABodyLeavesIsTheCallersOnlyOnItsThread(ContractFixture fixture) throws Exception {
        TaskFunction<Integer, Boolean> leaves = leavesAnInterrupt();
        Future<Boolean> afterOutcome = fixture.call(() -> {
            try {
                fixture.runner().mapOutcomes(List.of(1), leaves).iterator().next();
            } catch (CancellationException interrupted) {
                assertInstanceOf(InterruptedException.class, interrupted.getCause());
            }
            return Thread.interrupted();
        });
        assertEquals(fixture.isInline(), fixture.result(afterOutcome), "whether the consumer is interrupted");
        Future<Boolean> afterSubmit = fixture.call(() -> {
            try {
                fixture.runner().submit(() -> leaves.apply(1)).awaitOutcome();
                return Thread.interrupted();
            } catch (InterruptedException e) {
                return true;
            }
        });
        assertEquals(fixture.isInline(), fixture.result(afterSubmit), "whether the caller is interrupted");
    }

    @Test
    @Rule(10)
    default void aTaskDoesNotSwallowItsCallersInterrupt(ContractFixture fixture) throws Exception {
        Work.UntilCancelled late = new Work.UntilCancelled(fixture.latches());
        RunOptions brief =
                RunOptions.builder().taskTimeout(Duration.ofMillis(20)).build();
        Future<Boolean> interrupted = fixture.call(() -> {
            Thread.currentThread().interrupt();
            try {
                var unused = fixture.runner().submit(() -> late.apply(1), brief).awaitOutcome();
                return Thread.currentThread().isInterrupted();
            } catch (InterruptedException e) {
                return true;
            }
        });
        assertTrue(fixture.result(interrupted));
    }

    @Test
    @Rule(10)
    default void anInterruptOfANestedTaskIsNotItsParents(ContractFixture fixture) throws Exception {
        LimitRules.needsWaitingBodies(fixture);
        Work.UntilCancelled late = new Work.UntilCancelled(fixture.latches());
        TaskFunction<Integer, Boolean> parent = n -> {
            RunOptions brief =
                    RunOptions.builder().taskTimeout(Duration.ofMillis(20)).build();
            var unused = TaskContext.current()
                    .runner()
                    .submit(() -> late.apply(n), brief)
                    .awaitOutcome();
            return Thread.currentThread().isInterrupted();
        };
        Future<List<Boolean>> interrupted = fixture.call(() -> fixture.runner().map(List.of(1, 2, 3, 4), parent));
        assertEquals(List.of(false, false, false, false), fixture.result(interrupted));
    }

    @Test
    @Rule(10)
    default void aNestedTaskDoesNotSwallowItsParentsInterrupt(ContractFixture fixture) throws Exception {
        LimitRules.needsWaitingBodies(fixture);
        FileLatches latches = fixture.latches();
        TaskFunction<Integer, Integer> parent = n -> {
            try {
                var unused = TaskContext.current()
                        .runner()
                        .submit(() -> Work.waitsAndSwallows(latches))
                        .awaitOutcome();
                latches.raise(Thread.currentThread().isInterrupted() ? "parent-interrupted" : "parent-not-interrupted");
            } catch (InterruptedException e) {
                latches.raise("parent-interrupted"); // the nested one runs on another thread
            }
            return n;
        };
        RunOptions brief =
                RunOptions.builder().taskTimeout(Duration.ofMillis(100)).build();
        var unused = fixture.result(
                fixture.call(() -> ContractFixture.all(fixture.runner().mapOutcomes(List.of(1), parent, brief))));
        latches.await(
                "the parent's end",
                () -> latches.isRaised("parent-interrupted") || latches.isRaised("parent-not-interrupted"));
        assertTrue(latches.isRaised("parent-interrupted"));
    }

    @Test
    @Rule(11)
    default void anInterruptedMapThrowsAndCancelsItsWork(ContractFixture fixture) throws Exception {
        AtomicReference<@Nullable Thread> consumer = new AtomicReference<>();
        List<Step> inputs = List.of(Step.of(0).until("never"), Step.of(1).until("never"));
        Future<?> call = fixture.call(() -> {
            consumer.set(Thread.currentThread());
            return fixture.runner().map(inputs, new Work.Steps(fixture.latches()));
        });
        fixture.latches().await("started-0");
        Objects.requireNonNull(consumer.get()).interrupt();
        assertInstanceOf(InterruptedException.class, fixture.failure(call));
        fixture.latches()
                .await(
                        "the body's end",
                        () -> fixture.latches().isRaised("cancelled-0")
                                || fixture.latches().isRaised("interrupted-0"));
    }

    @Test
    @Rule(11)
    default void anInterruptedIterationThrowsAndKeepsTheFlag(ContractFixture fixture) throws Exception {
        AtomicReference<@Nullable Thread> consumer = new AtomicReference<>();
        List<Step> inputs = List.of(Step.of(0).until("never"), Step.of(1).until("never"));
        Future<?> call = fixture.call(() -> {
            consumer.set(Thread.currentThread());
            try {
                return ContractFixture.all(fixture.runner().mapOutcomes(inputs, new Work.Steps(fixture.latches())));
            } finally {
                fixture.latches().raise(Thread.currentThread().isInterrupted() ? "flag" : "no-flag");
            }
        });
        fixture.latches().await("started-0");
        Objects.requireNonNull(consumer.get()).interrupt();
        Throwable thrown = assertInstanceOf(CancellationException.class, fixture.failure(call));
        assertInstanceOf(InterruptedException.class, thrown.getCause());
        assertTrue(fixture.latches().isRaised("flag"));
    }

    @Test
    @Rule(11)
    default void aCallThatTakesTooLongThrows(ContractFixture fixture) throws Exception {
        RunOptions options =
                RunOptions.builder().timeout(Duration.ofMillis(150)).build();
        List<Step> inputs = List.of(Step.of(0), Step.of(1).until("never"));
        Work.Steps steps = new Work.Steps(fixture.latches());
        Future<?> map = fixture.call(() -> fixture.runner().map(inputs, steps, options));
        assertInstanceOf(TimeoutException.class, fixture.failure(map));
        FileLatches latches = fixture.latches();
        latches.await("the end of what began", () -> !latches.isRaised("started-1") || latches.isRaised("cancelled-1"));
        List<Outcome<Step, Integer>> seen = new ArrayList<>();
        Future<?> iteration = fixture.call(() -> {
            fixture.runner().mapOutcomes(inputs, steps, options).forEach(seen::add);
            return 0;
        });
        Throwable thrown = assertInstanceOf(CancellationException.class, fixture.failure(iteration));
        assertInstanceOf(TimeoutException.class, thrown.getCause());
    }

    @Test
    @Rule(11)
    default void aRunnerClosedMeanwhileIsNoShortResult(ContractFixture fixture) throws Exception {
        List<Step> inputs = List.of(Step.of(0).until("never"), Step.of(1).until("never"));
        Work.Steps steps = new Work.Steps(fixture.latches());
        Runner other = fixture.runner(fixture.settings());
        Future<?> map = fixture.call(() -> fixture.runner().map(inputs, steps));
        Future<?> iteration = fixture.call(() -> ContractFixture.all(other.mapOutcomes(inputs, steps)));
        fixture.latches().awaitCount("started-0", 2);
        fixture.runner().closeNow();
        other.closeNow();
        assertInstanceOf(CancellationException.class, fixture.failure(map));
        Throwable thrown = assertInstanceOf(CancellationException.class, fixture.failure(iteration));
        assertInstanceOf(RejectedExecutionException.class, thrown.getCause());
    }

    @Test
    @Rule(11)
    default void aConsumersOwnCancelEndsTheIterationNormally(ContractFixture fixture) throws Exception {
        FileLatches latches = fixture.latches();
        RunOptions options = RunOptions.builder().buffer(4).build();
        Iterable<Step> inputs = () -> Stream.iterate(0, n -> n + 1)
                .map(n -> Step.of(n).until("never"))
                .iterator();
        Outcomes<Step, Integer> outcomes = fixture.runner().mapOutcomes(inputs, new Work.Steps(latches), options);
        Future<List<Outcome<Step, Integer>>> all = fixture.call(() -> ContractFixture.all(outcomes));
        latches.await("started-0");
        outcomes.cancel();
        List<Outcome<Step, Integer>> seen = fixture.result(all);
        assertEquals(outcomes.progress().pulled(), seen.size());
        for (Outcome<Step, Integer> one : seen) {
            assertEquals(State.CANCELLED, one.state());
        }
        latches.await("cancelled-0");
    }
}
