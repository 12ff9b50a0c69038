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

/** Rules 10 and 11: interrupts, and what cuts a call short. */
public interface InterruptRules extends Contract {

    @Test
    @Rule(10)
    default void noInterruptReachesTheNextBody(ContractFixture bench) throws Exception {
        Work.UntilCancelled late = new Work.UntilCancelled(bench.signals());
        RunOptions brief = RunOptions.builder()
                .taskTimeout(Duration.ofMillis(2))
                .maxConcurrency(1)
                .build();
        TaskFunction<Integer, Boolean> isInterrupted = n -> {
            Thread.sleep(2);
            return Thread.currentThread().isInterrupted();
        };
        for (int round = 0; round < 30; round++) {
            ContractFixture.all(bench.runner().mapOutcomes(List.of(1), late, brief));
            assertEquals(List.of(false, false), bench.runner().map(List.of(1, 2), isInterrupted));
        }
    }

    /** Leaves its thread interrupted; whether it found it so. */
    private static TaskFunction<Integer, Boolean> leavesAnInterrupt() {
        return n -> {
            boolean before = Thread.currentThread().isInterrupted();
            Thread.currentThread().interrupt();
            return before;
        };
    }

    @Test
    @Rule(10)
    default void whatABodyLeavesOnItsThreadIsNotTheNextOnes(ContractFixture bench) throws Exception {
        assumeFalse(
                bench.isInline(), () -> bench.runner() + " runs bodies on the caller's thread, whose interrupt it is");
        List<Boolean> seen = bench.runner().map(List.of(1, 2, 3, 4, 5, 6), leavesAnInterrupt());
        assertEquals(List.of(false, false, false, false, false, false), seen);
    }

    @Test
    @Rule(10)
    default void anInterruptThatABodyLeavesIsTheCallersOnlyOnItsThread(ContractFixture bench) throws Exception {
        TaskFunction<Integer, Boolean> leaves = leavesAnInterrupt();
        Future<Boolean> afterOutcome = bench.call(() -> {
            try {
                bench.runner().mapOutcomes(List.of(1), leaves).iterator().next();
            } catch (CancellationException interrupted) {
                assertInstanceOf(InterruptedException.class, interrupted.getCause());
            }
            return Thread.interrupted();
        });
        assertEquals(bench.isInline(), bench.result(afterOutcome), "whether the consumer is interrupted");
        Future<Boolean> afterSubmit = bench.call(() -> {
            try {
                bench.runner().submit(() -> leaves.apply(1)).await();
                return Thread.interrupted();
            } catch (InterruptedException e) {
                return true;
            }
        });
        assertEquals(bench.isInline(), bench.result(afterSubmit), "whether the caller is interrupted");
    }

    @Test
    @Rule(10)
    default void aTaskDoesNotSwallowItsCallersInterrupt(ContractFixture bench) throws Exception {
        Work.UntilCancelled late = new Work.UntilCancelled(bench.signals());
        RunOptions brief =
                RunOptions.builder().taskTimeout(Duration.ofMillis(20)).build();
        Future<Boolean> interrupted = bench.call(() -> {
            Thread.currentThread().interrupt();
            try {
                var unused = bench.runner().submit(() -> late.apply(1), brief).await();
                return Thread.currentThread().isInterrupted();
            } catch (InterruptedException e) {
                return true;
            }
        });
        assertTrue(bench.result(interrupted));
    }

    @Test
    @Rule(10)
    default void anInterruptOfANestedTaskIsNotItsParents(ContractFixture bench) throws Exception {
        LimitRules.needsWaitingBodies(bench);
        Work.UntilCancelled late = new Work.UntilCancelled(bench.signals());
        TaskFunction<Integer, Boolean> parent = n -> {
            RunOptions brief =
                    RunOptions.builder().taskTimeout(Duration.ofMillis(20)).build();
            var unused = TaskContext.current()
                    .runner()
                    .submit(() -> late.apply(n), brief)
                    .await();
            return Thread.currentThread().isInterrupted();
        };
        Future<List<Boolean>> interrupted = bench.call(() -> bench.runner().map(List.of(1, 2, 3, 4), parent));
        assertEquals(List.of(false, false, false, false), bench.result(interrupted));
    }

    @Test
    @Rule(10)
    default void aNestedTaskDoesNotSwallowItsParentsInterrupt(ContractFixture bench) throws Exception {
        LimitRules.needsWaitingBodies(bench);
        FileLatches signals = bench.signals();
        TaskFunction<Integer, Integer> parent = n -> {
            try {
                var unused = TaskContext.current()
                        .runner()
                        .submit(() -> Work.waitsAndSwallows(signals))
                        .await();
                signals.raise(Thread.currentThread().isInterrupted() ? "parent-interrupted" : "parent-not-interrupted");
            } catch (InterruptedException e) {
                signals.raise("parent-interrupted"); // the nested one runs on another thread
            }
            return n;
        };
        RunOptions brief =
                RunOptions.builder().taskTimeout(Duration.ofMillis(100)).build();
        var unused = bench.result(
                bench.call(() -> ContractFixture.all(bench.runner().mapOutcomes(List.of(1), parent, brief))));
        signals.await(
                "the parent's end",
                () -> signals.isRaised("parent-interrupted") || signals.isRaised("parent-not-interrupted"));
        assertTrue(signals.isRaised("parent-interrupted"));
    }

    @Test
    @Rule(11)
    default void anInterruptedMapThrowsAndCancelsItsWork(ContractFixture bench) throws Exception {
        AtomicReference<@Nullable Thread> consumer = new AtomicReference<>();
        List<Step> inputs = List.of(Step.of(0).until("never"), Step.of(1).until("never"));
        Future<?> call = bench.call(() -> {
            consumer.set(Thread.currentThread());
            return bench.runner().map(inputs, new Work.Steps(bench.signals()));
        });
        bench.signals().await("started-0");
        Objects.requireNonNull(consumer.get()).interrupt();
        assertInstanceOf(InterruptedException.class, bench.failure(call));
        bench.signals()
                .await(
                        "the body's end",
                        () -> bench.signals().isRaised("cancelled-0")
                                || bench.signals().isRaised("interrupted-0"));
    }

    @Test
    @Rule(11)
    default void anInterruptedIterationThrowsAndKeepsTheFlag(ContractFixture bench) throws Exception {
        AtomicReference<@Nullable Thread> consumer = new AtomicReference<>();
        List<Step> inputs = List.of(Step.of(0).until("never"), Step.of(1).until("never"));
        Future<?> call = bench.call(() -> {
            consumer.set(Thread.currentThread());
            try {
                return ContractFixture.all(bench.runner().mapOutcomes(inputs, new Work.Steps(bench.signals())));
            } finally {
                bench.signals().raise(Thread.currentThread().isInterrupted() ? "flag" : "no-flag");
            }
        });
        bench.signals().await("started-0");
        Objects.requireNonNull(consumer.get()).interrupt();
        Throwable thrown = assertInstanceOf(CancellationException.class, bench.failure(call));
        assertInstanceOf(InterruptedException.class, thrown.getCause());
        assertTrue(bench.signals().isRaised("flag"));
    }

    @Test
    @Rule(11)
    default void aCallThatTakesTooLongThrows(ContractFixture bench) throws Exception {
        RunOptions options =
                RunOptions.builder().timeout(Duration.ofMillis(150)).build();
        List<Step> inputs = List.of(Step.of(0), Step.of(1).until("never"));
        Work.Steps steps = new Work.Steps(bench.signals());
        Future<?> map = bench.call(() -> bench.runner().map(inputs, steps, options));
        assertInstanceOf(TimeoutException.class, bench.failure(map));
        FileLatches signals = bench.signals();
        signals.await("the end of what began", () -> !signals.isRaised("started-1") || signals.isRaised("cancelled-1"));
        List<Outcome<Step, Integer>> seen = new ArrayList<>();
        Future<?> iteration = bench.call(() -> {
            bench.runner().mapOutcomes(inputs, steps, options).forEach(seen::add);
            return 0;
        });
        Throwable thrown = assertInstanceOf(CancellationException.class, bench.failure(iteration));
        assertInstanceOf(TimeoutException.class, thrown.getCause());
    }

    @Test
    @Rule(11)
    default void aRunnerClosedMeanwhileIsNoShortResult(ContractFixture bench) throws Exception {
        List<Step> inputs = List.of(Step.of(0).until("never"), Step.of(1).until("never"));
        Work.Steps steps = new Work.Steps(bench.signals());
        Runner other = bench.runner(bench.settings());
        Future<?> map = bench.call(() -> bench.runner().map(inputs, steps));
        Future<?> iteration = bench.call(() -> ContractFixture.all(other.mapOutcomes(inputs, steps)));
        bench.signals().awaitCount("started-0", 2);
        bench.runner().closeNow();
        other.closeNow();
        assertInstanceOf(CancellationException.class, bench.failure(map));
        Throwable thrown = assertInstanceOf(CancellationException.class, bench.failure(iteration));
        assertInstanceOf(RejectedExecutionException.class, thrown.getCause());
    }

    @Test
    @Rule(11)
    default void aConsumersOwnCancelEndsTheIterationNormally(ContractFixture bench) throws Exception {
        FileLatches signals = bench.signals();
        RunOptions options = RunOptions.builder().buffer(4).build();
        Iterable<Step> inputs = () -> Stream.iterate(0, n -> n + 1)
                .map(n -> Step.of(n).until("never"))
                .iterator();
        Outcomes<Step, Integer> outcomes = bench.runner().mapOutcomes(inputs, new Work.Steps(signals), options);
        Future<List<Outcome<Step, Integer>>> all = bench.call(() -> ContractFixture.all(outcomes));
        signals.await("started-0");
        outcomes.cancel();
        List<Outcome<Step, Integer>> seen = bench.result(all);
        assertEquals(outcomes.progress().pulled(), seen.size());
        for (Outcome<Step, Integer> one : seen) {
            assertEquals(State.CANCELLED, one.state());
        }
        signals.await("cancelled-0");
    }
}
