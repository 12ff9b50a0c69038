package dev.brigade.runner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.brigade.Outcome;
import dev.brigade.RunOptions;
import dev.brigade.Runner;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests that it cannot be seen that a thread goes on with the next body, or that a consumer is not woken for each outcome. */
@Timeout(30)
class TaskChainTest {
    /** Time that a body takes: longer than a thread goes on with bodies while other work waits for it. */
    private static final long BODY_MILLIS = 5;

    /** Number of 50 bodies that may run before another task: the dispatcher's own turn, and one body more in each thread's. */
    private static final int FEW = 6;

    private static final RunOptions FOUR =
            RunOptions.builder().maxConcurrency(4).build();

    @Test
    void aTaskOfAnotherCallDoesNotWaitForABatch() throws Exception {
        AtomicInteger before = new AtomicInteger();
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch submitted = new CountDownLatch(1);
        try (Runner runner = ThreadRunner.of(1);
                var batch = runner.mapOutcomes(
                        () -> Stream.generate(() -> 1).iterator(),
                        n -> {
                            begun.countDown();
                            submitted.await();
                            Thread.sleep(BODY_MILLIS);
                            return before.incrementAndGet();
                        },
                        RunOptions.builder().buffer(50).build())) {
            Iterator<?> outcomes = batch.iterator();
            Thread consumer = new Thread(() -> assertTrue(outcomes.hasNext())); // pulls 50 and waits
            consumer.start();
            begun.await();
            var task = runner.submit(before::get);
            submitted.countDown();
            assertTrue(task.get() <= FEW, "bodies of the batch that went before: " + task.get());
            consumer.join();
        }
    }

    @Test
    void anExecutorOfTheCallersIsGivenBackBetweenBodies() throws Exception {
        ExecutorService executor = Executors.newSingleThreadExecutor();
        AtomicInteger before = new AtomicInteger();
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch submitted = new CountDownLatch(1);
        try (Runner runner = ThreadRunner.over(executor, 1)) {
            Thread batch = new Thread(
                    () -> runner.mapOutcomes(IntStream.range(0, 50).boxed().toList(), n -> {
                                begun.countDown();
                                submitted.await();
                                Thread.sleep(BODY_MILLIS);
                                return before.incrementAndGet();
                            })
                            .forEach(outcome -> {}));
            batch.start();
            begun.await();
            var other = executor.submit(before::get);
            submitted.countDown();
            assertTrue(other.get() <= FEW, "bodies of the batch that went before: " + other.get());
            batch.join();
        } finally {
            executor.shutdownNow();
        }
    }

    @Test
    void aFailureAmongBriefBodiesEndsMapThoughOneBlocks() {
        try (Runner runner = ThreadRunner.of(2)) {
            CountDownLatch never = new CountDownLatch(1);
            List<Integer> inputs = IntStream.range(0, 20_000).boxed().toList();
            ExecutionException failure = assertThrows(
                    ExecutionException.class,
                    () -> runner.map(inputs, n -> {
                        if (n == 15_000) {
                            never.await();
                        }
                        return 1 / (19_000 - n);
                    }));
            assertInstanceOf(ArithmeticException.class, failure.getCause());
        }
    }

    @Test
    void whatWasDrainedIsHandedOutThoughTheRunnerIsClosed() {
        AtomicInteger pulled = new AtomicInteger();
        Runner runner = ThreadRunner.of(4);
        Iterator<Outcome<Integer, Integer>> outcomes = runner.mapOutcomes(
                        () -> Stream.generate(pulled::getAndIncrement).iterator(), n -> n, FOUR)
                .iterator();
        List<Outcome<Integer, Integer>> seen = new ArrayList<>(List.of(outcomes.next()));
        runner.close();
        assertThrows(CancellationException.class, () -> outcomes.forEachRemaining(seen::add));
        assertEquals(pulled.get(), seen.size());
    }

    @Test
    void noInterruptOfOneBodyReachesTheNext() throws Exception {
        try (Runner runner = ThreadRunner.of(1)) {
            List<Boolean> interrupted =
                    runner.map(IntStream.range(0, 1000).boxed().toList(), n -> {
                        boolean before = Thread.currentThread().isInterrupted();
                        Thread.currentThread().interrupt();
                        return before;
                    });
            assertFalse(interrupted.contains(true));
            assertTrue(
                    runner.submit(() -> !Thread.currentThread().isInterrupted()).get(10, TimeUnit.SECONDS));
        }
    }
}
