package dev.brigade.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.brigade.Outcome;
import dev.brigade.Outcomes;
import dev.brigade.Progress;
import dev.brigade.RunOptions;
import dev.brigade.TaskFunction;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Rules 4, 5 and 23: the pulling of inputs, and the progress that the consumer is told. */
public interface PullRules extends Contract {

    /** Returns 0, 1, 2 and so on. */
    static Iterable<Integer> endless() {
        return () -> Stream.iterate(0, n -> n + 1).iterator();
    }

    @Test
    @Rule(4)
    default void anEndlessInputIsPulledLazily(ContractFixture fixture) {
        AtomicInteger pulled = new AtomicInteger();
        Iterable<Integer> inputs =
                () -> Stream.generate(pulled::incrementAndGet).iterator();
        long sum = 0;
        try (Outcomes<Integer, Integer> outcomes = fixture.runner().mapOutcomes(inputs, n -> n)) {
            Iterator<Outcome<Integer, Integer>> some = outcomes.iterator();
            for (int i = 0; i < 1000; i++) {
                assertTrue(some.next().isSuccess());
                sum++;
            }
        }
        int ahead = Math.max(4096, 2 * fixture.runner().maxConcurrency());
        assertTrue(pulled.get() <= sum + ahead, () -> "pulled " + pulled + " for 1000 outcomes");
    }

    @Test
    @Rule(4)
    default void inputsArePulledOnTheConsumersThread(ContractFixture fixture) throws Exception {
        Set<Thread> pullers = Collections.synchronizedSet(new HashSet<>());
        Iterable<Integer> inputs = () -> IntStream.range(0, 300)
                .peek(n -> pullers.add(Thread.currentThread()))
                .boxed()
                .iterator();
        List<Integer> results = fixture.runner().map(inputs, n -> n);
        assertEquals(300, results.size());
        assertEquals(Set.of(Thread.currentThread()), pullers);
    }

    @Test
    @Rule(4)
    default void nothingIsPulledBeforeTheConsumerAsks(ContractFixture fixture) {
        AtomicInteger asked = new AtomicInteger();
        Iterable<Integer> inputs = () -> {
            asked.incrementAndGet();
            return List.of(1).iterator();
        };
        try (Outcomes<Integer, Integer> outcomes = fixture.runner().mapOutcomes(inputs, n -> n)) {
            Iterator<Outcome<Integer, Integer>> iterator = outcomes.iterator();
            assertEquals(0, asked.get());
            assertTrue(iterator.hasNext());
            assertEquals(1, asked.get());
        }
    }

    @Test
    @Rule(4)
    default void aBufferBoundsExactlyWhatIsPulledAhead(ContractFixture fixture) throws Exception {
        AtomicLong pulled = new AtomicLong();
        AtomicLong delivered = new AtomicLong();
        AtomicLong mostAhead = new AtomicLong();
        Iterable<Step> inputs = () -> IntStream.range(0, 20)
                .mapToObj(n -> {
                    mostAhead.accumulateAndGet(pulled.incrementAndGet() - delivered.get(), Math::max);
                    return Step.of(n).until("go");
                })
                .iterator();
        RunOptions options = RunOptions.builder().buffer(3).build();
        Work.Steps steps = new Work.Steps(fixture.latches());
        Future<Integer> consumer = fixture.call(() -> {
            for (Outcome<Step, Integer> one : fixture.runner().mapOutcomes(inputs, steps, options)) {
                assertTrue(one.isSuccess());
                delivered.incrementAndGet();
            }
            return 0;
        });
        fixture.latches().await("the third pull", () -> pulled.get() == 3);
        fixture.latches().raise("go");
        fixture.result(consumer);
        assertEquals(20, delivered.get());
        assertEquals(3, mostAhead.get());
    }

    @Test
    @Rule(4)
    default void withoutABufferPullingBeginsAtTwiceTheLimit(ContractFixture fixture) throws Exception {
        AtomicInteger pulled = new AtomicInteger();
        Iterable<Step> inputs =
                () -> Stream.generate(() -> Step.of(pulled.getAndIncrement()).until("go"))
                        .limit(12)
                        .iterator();
        RunOptions options = RunOptions.builder().maxConcurrency(2).build();
        Work.Steps steps = new Work.Steps(fixture.latches());
        Future<List<Integer>> results = fixture.call(() -> fixture.runner().map(inputs, steps, options));
        fixture.latches().await("started");
        assertFalse(
                fixture.latches().holdsWithin(ContractFixture.A_WHILE, () -> pulled.get() > 4), "more than 4 pulled");
        fixture.latches().raise("go");
        assertEquals(12, fixture.result(results).size());
    }

    @Test
    @Rule(5)
    default void aThrowingIteratorReachesTheConsumer(ContractFixture fixture) {
        IllegalStateException mine = new IllegalStateException("mine");
        Iterable<Integer> inputs = () -> Stream.of(1, 2, 3)
                .peek(n -> {
                    if (n == 3) {
                        throw mine;
                    }
                })
                .iterator();
        assertSame(
                mine,
                assertThrows(
                        IllegalStateException.class,
                        () -> ContractFixture.all(fixture.runner().mapOutcomes(inputs, n -> n))));
        assertSame(
                mine,
                assertThrows(IllegalStateException.class, () -> fixture.runner().map(inputs, n -> n)));
    }

    @Test
    @Rule(5)
    @SuppressWarnings("NullAway") // the mistake under test
    default void noIteratorIsNotNoInput(ContractFixture fixture) {
        Iterable<Integer> inputs = () -> null;
        assertThrows(
                NullPointerException.class,
                () -> ContractFixture.all(fixture.runner().mapOutcomes(inputs, n -> n)));
        assertThrows(NullPointerException.class, () -> fixture.runner().map(inputs, n -> n));
    }

    @Test
    @Rule(5)
    default void whatMakesNoIteratorReachesTheConsumer(ContractFixture fixture) {
        IllegalStateException mine = new IllegalStateException("mine");
        Iterable<Integer> inputs = () -> {
            throw mine;
        };
        Iterator<Outcome<Integer, Integer>> outcomes =
                fixture.runner().mapOutcomes(inputs, n -> n).iterator();
        assertSame(mine, assertThrows(IllegalStateException.class, outcomes::hasNext));
        assertSame(
                mine,
                assertThrows(CancellationException.class, outcomes::hasNext).getCause());
        assertSame(
                mine,
                assertThrows(IllegalStateException.class, () -> fixture.runner().map(inputs, n -> n)));
    }

    @ParameterizedTest
    @EnumSource
    @Rule(5)
    default void aThrowingIteratorCancelsWhatRuns(BodyKind kind, ContractFixture fixture) throws Exception {
        fixture.needsOverlap(kind);
        FileLatches latches = fixture.latches();
        Iterable<Step> inputs = () -> Stream.of(Step.of(0).until("never"), Step.of(1))
                .peek(step -> {
                    if (step.value() == 1) {
                        awaitQuietly(latches, "started-0");
                        throw new IllegalStateException("mine");
                    }
                })
                .iterator();
        Future<?> call = fixture.call(() -> fixture.runner().map(inputs, kind.steps(latches)));
        assertEquals("mine", fixture.failure(call).getMessage());
        latches.await("cancelled-0");
    }

    private static void awaitQuietly(FileLatches latches, String name) {
        try {
            latches.await(name);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    @Rule(23)
    default void progressIsMonotonicAndEndsEqualToTheOutcomes(ContractFixture fixture) {
        List<Progress> told = new ArrayList<>();
        Set<Thread> tellers = Collections.synchronizedSet(new HashSet<>());
        RunOptions options = RunOptions.builder()
                .onProgress(progress -> {
                    told.add(progress);
                    tellers.add(Thread.currentThread());
                })
                .build();
        TaskFunction<Integer, Integer> someFail = n -> {
            if (n % 4 == 0) {
                throw new IllegalStateException("input " + n);
            }
            return n;
        };
        List<Integer> inputs = IntStream.range(0, 100).boxed().toList();
        Outcomes<Integer, Integer> outcomes = fixture.runner().mapOutcomes(inputs, someFail, options);
        assertEquals(100, ContractFixture.all(outcomes).size());
        assertEquals(Set.of(Thread.currentThread()), tellers, "told on the consumer's thread");
        for (int i = 1; i < told.size(); i++) {
            assertTrue(isNotBefore(told.get(i), told.get(i - 1)), told.get(i - 1) + " then " + told.get(i));
        }
        Progress end = new Progress(100, 75, 25, 0, 0, OptionalLong.of(100));
        assertEquals(end, told.get(told.size() - 1));
        assertEquals(end, outcomes.progress());
    }

    private static boolean isNotBefore(Progress later, Progress earlier) {
        return later.pulled() >= earlier.pulled()
                && later.done() >= earlier.done()
                && later.succeeded() >= earlier.succeeded()
                && later.failed() >= earlier.failed()
                && later.done() <= later.pulled();
    }

    @ParameterizedTest
    @EnumSource
    @Rule(23)
    default void aListenerThatThrowsHarmsNobody(ThrownKind kind, ContractFixture fixture) throws Exception {
        AtomicInteger told = new AtomicInteger();
        RunOptions options = RunOptions.builder()
                .ordered(true)
                .onProgress(progress -> {
                    told.incrementAndGet();
                    throw kind.fire();
                })
                .build();
        TaskFunction<Integer, Integer> same = n -> n;
        assertEquals(List.of(1, 2, 3), fixture.runner().map(List.of(1, 2, 3), same, options));
        assertEquals(3, told.get());
        List<Integer> values = new ArrayList<>();
        for (Outcome<Integer, Integer> one : fixture.runner().mapOutcomes(List.of(1, 2, 3), same, options)) {
            values.add(one.value());
        }
        assertEquals(List.of(1, 2, 3), values);
    }
}
