package dev.brigade.runner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.brigade.RunOptions;
import dev.brigade.Runner;
import dev.brigade.TaskContext;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.MDC;

/** Tests of a batch as a future: the context of the thread that pulls its inputs, and the future's end. */
@Timeout(60)
final class MapAsyncTest {
    private static final long WAIT_SECONDS = 20;

    private static boolean aConsumerLives() {
        return Thread.getAllStackTraces().keySet().stream()
                .anyMatch(thread -> thread.getName().endsWith("-consumer"));
    }

    @Test
    void whatTheInputsThrowIsTheFuturesFailure() {
        IllegalStateException mine = new IllegalStateException("mine");
        Iterable<Integer> inputs = () -> {
            throw mine;
        };
        try (Runner runner = ThreadRunner.of(2)) {
            CompletableFuture<List<Integer>> results = runner.mapAsync(inputs, n -> n);
            ExecutionException thrown =
                    assertThrows(ExecutionException.class, () -> results.get(WAIT_SECONDS, TimeUnit.SECONDS));
            assertSame(mine, thrown.getCause());
        }
        Awaitility.await().until(() -> !aConsumerLives());
    }

    @Test
    void inputsArePulledInTheCallersContext() throws Exception {
        AtomicReference<String> seen = new AtomicReference<>("");
        Iterable<Integer> inputs = () -> Stream.of(1)
                .peek(n -> seen.set(
                        MDC.get("request") + " on " + Thread.currentThread().getName()))
                .iterator();
        MDC.put("request", "17");
        try (Runner runner = ThreadRunner.builder().name("pulls").build()) {
            assertEquals(List.of(1), runner.mapAsync(inputs, n -> n).get(WAIT_SECONDS, TimeUnit.SECONDS));
        } finally {
            MDC.remove("request");
        }
        assertEquals("17 on brigade-pulls-consumer", seen.get());
    }

    @Test
    void aTimeoutIsTheFuturesFailure() {
        RunOptions brief = RunOptions.builder().timeout(Duration.ofMillis(50)).build();
        CountDownLatch never = new CountDownLatch(1);
        try (Runner runner = ThreadRunner.of(1)) {
            CompletableFuture<List<Integer>> results = runner.mapAsync(
                    List.of(1),
                    n -> {
                        never.await();
                        return n;
                    },
                    brief);
            ExecutionException thrown =
                    assertThrows(ExecutionException.class, () -> results.get(WAIT_SECONDS, TimeUnit.SECONDS));
            assertInstanceOf(TimeoutException.class, thrown.getCause());
        }
    }

    @Test
    void closingTheRunnerCancelsTheFuture() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch never = new CountDownLatch(1);
        Runner runner = ThreadRunner.of(1);
        CompletableFuture<List<Integer>> results = runner.mapAsync(List.of(1, 2, 3), n -> {
            begun.countDown();
            never.await();
            return n;
        });
        assertTrue(begun.await(WAIT_SECONDS, TimeUnit.SECONDS));
        runner.closeNow();
        assertThrows(CancellationException.class, () -> results.get(WAIT_SECONDS, TimeUnit.SECONDS));
    }

    @Test
    void onARunnerWithoutThreadsItIsDoneWhenTheCallReturns() {
        try (Runner runner = SequentialRunner.of()) {
            assertEquals(
                    List.of(2, 4), runner.mapAsync(List.of(1, 2), n -> 2 * n).getNow(List.of()));
        }
    }

    @Test
    void anEventLoopRefusesToWaitForItself() throws Exception {
        try (Runner loop = AsyncRunner.of()) {
            String refusal = loop.submit(() -> {
                        CompletableFuture<List<Integer>> inner =
                                TaskContext.current().runner().mapAsync(List.of(1), n -> n);
                        return String.valueOf(assertThrows(IllegalStateException.class, inner::join)
                                .getMessage());
                    })
                    .get(WAIT_SECONDS, TimeUnit.SECONDS);
            assertTrue(refusal.contains("loop"), refusal);
        }
    }
}
