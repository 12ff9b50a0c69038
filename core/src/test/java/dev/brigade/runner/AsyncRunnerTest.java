package dev.brigade.runner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.brigade.Outcome;
import dev.brigade.Outcome.State;
import dev.brigade.RunOptions;
import dev.brigade.Runner;
import dev.brigade.Task;
import dev.brigade.TaskContext;
import dev.brigade.TaskFunction;
import dev.brigade.TaskFuture;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

@Timeout(30)
class AsyncRunnerTest {

    @Test
    void oneThreadCarriesThousandsOfWaits() throws Exception {
        try (Runner runner = AsyncRunner.of()) {
            long startNanos = System.nanoTime();
            List<String> threads = runner.map(
                    IntStream.range(0, 5_000).boxed().toList(),
                    TaskFunction.async(n -> AsyncRunner.delay(Duration.ofMillis(200))
                            .thenApply(nothing -> Thread.currentThread().getName())));
            assertEquals(Set.of("brigade-async-1"), new HashSet<>(threads));
            long tookSeconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - startNanos);
            assertTrue(tookSeconds < 25, () -> "the waits did not overlap: " + tookSeconds + " s");
        }
    }

    @Test
    void continuationsOfADelayHaveTheTasksContext() throws Exception {
        try (Runner runner = AsyncRunner.of()) {
            TaskContext inside = runner.submit(Task.async(() -> AsyncRunner.delay(Duration.ofMillis(1))
                            .thenCompose(nothing -> AsyncRunner.delay(Duration.ofMillis(1)))
                            .thenApply(nothing -> TaskContext.current())))
                    .get();
            assertEquals(1, inside.attempt());
        }
    }

    @Test
    void aCancelledDelayFailsAtOnceAndFreesItsPermit() throws Exception {
        try (Runner runner = AsyncRunner.builder().maxConcurrency(1).build()) {
            CountDownLatch begun = new CountDownLatch(1);
            TaskFuture<Void> waits = runner.submit(Task.async(() -> {
                begun.countDown();
                return AsyncRunner.delay(Duration.ofHours(1)).thenApply(nothing -> null);
            }));
            assertTrue(begun.await(10, TimeUnit.SECONDS));
            assertTrue(waits.cancel(true));
            assertEquals("next", runner.submit(() -> "next").get(10, TimeUnit.SECONDS));
        }
    }

    @Test
    void aStageThatIgnoresItsCancellationKeepsItsPermit() throws Exception {
        try (Runner runner = AsyncRunner.builder().maxConcurrency(1).build()) {
            CompletableFuture<String> stubborn = new CompletableFuture<>();
            CountDownLatch begun = new CountDownLatch(1);
            TaskFuture<String> first = runner.submit(Task.async(() -> {
                begun.countDown();
                return stubborn;
            }));
            assertTrue(begun.await(10, TimeUnit.SECONDS));
            assertTrue(first.cancel(true));
            TaskFuture<String> second = runner.submit(() -> "second");
            assertThrows(java.util.concurrent.TimeoutException.class, () -> second.get(100, TimeUnit.MILLISECONDS));
            stubborn.complete("late");
            assertEquals("second", second.get(10, TimeUnit.SECONDS));
        }
    }

    @Test
    void waitingOnTheLoopForItselfIsRefused() {
        try (Runner runner = AsyncRunner.of()) {
            ExecutionException e = assertThrows(
                    ExecutionException.class,
                    () -> runner.submit(() -> runner.submit(Task.async(() -> AsyncRunner.delay(Duration.ofMillis(10))))
                                    .get())
                            .get());
            assertInstanceOf(IllegalStateException.class, e.getCause());
        }
    }

    @Test
    void aPlainBodyThatReturnsAStageFails() {
        try (Runner runner = AsyncRunner.of()) {
            ExecutionException e = assertThrows(
                    ExecutionException.class,
                    () -> runner.submit(AsyncRunnerTest::stage).get());
            String cause = String.valueOf(e.getCause());
            assertTrue(cause.contains("Task.async"), cause);
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // the mistake under test
    private static Object stage() {
        return AsyncRunner.delay(Duration.ZERO);
    }

    @Test
    void delaysOutsideOfALoopShareAFewThreads() throws Exception {
        Set<String> threads = ConcurrentHashMap.newKeySet();
        List<CompletableFuture<Boolean>> delays = IntStream.range(0, 20_000)
                .mapToObj(n -> AsyncRunner.delay(Duration.ofMillis(n % 50))
                        .thenApplyAsync(
                                nothing -> threads.add(Thread.currentThread().getName()), Runnable::run))
                .toList();
        CompletableFuture.allOf(delays.toArray(CompletableFuture[]::new)).get(25, TimeUnit.SECONDS);
        threads.remove(Thread.currentThread().getName()); // the thread of delays that had already ended
        // The timer adds some threads while a busy machine runs none of them.
        assertTrue(threads.size() <= 200, threads::toString);
        assertTrue(threads.stream().allMatch(name -> name.startsWith("brigade-delay-")), threads::toString);
    }

    @Test
    void whatDependsOnADelayMayWaitForAnother() throws Exception {
        int most = 4 * Math.max(4, Runtime.getRuntime().availableProcessors());
        CountDownLatch all = new CountDownLatch(most);
        for (int i = 0; i < most; i++) {
            CompletableFuture<Void> waits = AsyncRunner.delay(Duration.ofMillis(10))
                    .thenRun(() -> {
                        AsyncRunner.delay(Duration.ofMillis(10)).join();
                        all.countDown();
                    });
            assertTrue(waits != null);
        }
        assertTrue(all.await(20, TimeUnit.SECONDS), () -> all.getCount() + " wait for ever");
    }

    @Test
    void aLoopThatHasNothingToDoLetsItsThreadGo() throws Exception {
        WeakReference<Thread> thread = new WeakReference<>(loopOfADroppedRunner());
        long untilNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(25);
        Thread alive = thread.get();
        while (alive != null && alive.isAlive() && System.nanoTime() < untilNanos) {
            alive.join(100);
        }
        assertTrue(alive == null || !alive.isAlive(), "the loop's thread is there");
    }

    private static Thread loopOfADroppedRunner() throws Exception {
        return AsyncRunner.builder()
                .name("dropped")
                .build()
                .submit(() -> Thread.currentThread())
                .get();
    }

    @Test
    void aDelayWorksOnOtherRunnersToo() throws Exception {
        try (Runner runner = ThreadRunner.of(2)) {
            List<Integer> doubled = runner.map(
                    List.of(1, 2, 3),
                    TaskFunction.async(
                            n -> AsyncRunner.delay(Duration.ofMillis(5)).thenApply(nothing -> n * 2)));
            assertEquals(List.of(2, 4, 6), doubled);
        }
    }

    @Test
    void anAsyncBodyTimesOutAndIsTold() throws Exception {
        try (Runner runner = AsyncRunner.of()) {
            CountDownLatch told = new CountDownLatch(1);
            AtomicReference<Boolean> cancelled = new AtomicReference<>(false);
            Outcome<Void, Object> outcome = runner.submit(
                            Task.async(() -> {
                                TaskContext context = TaskContext.current();
                                CompletableFuture<Object> never = new CompletableFuture<>();
                                Runnable takeBack = context.onCancel(() -> {
                                    cancelled.set(context.isCancelled());
                                    told.countDown();
                                    never.complete("too late");
                                });
                                assertTrue(takeBack != null);
                                return never;
                            }),
                            RunOptions.builder()
                                    .taskTimeout(Duration.ofMillis(50))
                                    .build())
                    .awaitOutcome();
            assertEquals(State.TIMED_OUT, outcome.state());
            assertTrue(told.await(10, TimeUnit.SECONDS));
            assertEquals(true, cancelled.get());
        }
    }

    @Test
    void aBodyThatBlocksTheLoopIsLoggedByName() throws Exception {
        Logger logger = (Logger) LoggerFactory.getLogger(EventLoop.class);
        ListAppender<ILoggingEvent> appender = new ListAppender<>();
        appender.start();
        logger.addAppender(appender);
        try (Runner runner =
                AsyncRunner.builder().blockingThreshold(Duration.ofMillis(20)).build()) {
            RunOptions named = RunOptions.builder().name("blocker").build();
            CountDownLatch never = new CountDownLatch(1);
            assertEquals(
                    false,
                    runner.submit(() -> never.await(100, TimeUnit.MILLISECONDS), named)
                            .get());
            assertEquals(1, runner.submit(() -> 1).get()); // the loop has gone on, so the step was timed
        } finally {
            logger.detachAppender(appender);
        }
        assertTrue(
                appender.list.stream()
                        .map(ILoggingEvent::getFormattedMessage)
                        .anyMatch(line -> line.contains("'blocker'") && line.contains("blocked the event loop for")),
                () -> "logged: " + appender.list);
    }

    @Test
    void aBodyThatBlocksTheLoopForGoodIsLoggedWithItsStack() throws Exception {
        Logger logger = (Logger) LoggerFactory.getLogger(EventLoop.class);
        ListAppender<ILoggingEvent> appender = new ListAppender<>();
        appender.list = new CopyOnWriteArrayList<>();
        appender.start();
        logger.addAppender(appender);
        CountDownLatch release = new CountDownLatch(1);
        try (Runner runner =
                AsyncRunner.builder().blockingThreshold(Duration.ofMillis(20)).build()) {
            RunOptions named = RunOptions.builder().name("blocker").build();
            TaskFuture<Integer> quick = runner.submit(() -> 1);
            assertEquals(1, quick.get());
            TaskFuture<Boolean> blocking = runner.submit(() -> release.await(30, TimeUnit.SECONDS), named);
            Awaitility.await()
                    .atMost(Duration.ofSeconds(20))
                    .until(() -> appender.list.stream()
                            .map(ILoggingEvent::getFormattedMessage)
                            .anyMatch(line -> line.contains("'blocker'")
                                    && line.contains("blocks the event loop")
                                    && line.contains("CountDownLatch.await")));
            assertFalse(blocking.isDone());
            assertEquals(
                    1,
                    appender.list.stream()
                            .filter(event -> event.getFormattedMessage().contains("'blocker'"))
                            .count(),
                    () -> "told once: " + appender.list);
            release.countDown();
            assertTrue(blocking.get());
        } finally {
            release.countDown();
            logger.detachAppender(appender);
        }
    }

    @Test
    void closingEndsAllDelaysAndLogsNothing() throws Exception {
        Logger logger = (Logger) LoggerFactory.getLogger("dev.brigade");
        ListAppender<ILoggingEvent> appender = new ListAppender<>();
        appender.start();
        logger.addAppender(appender);
        Queue<CompletableFuture<?>> delays = new ConcurrentLinkedQueue<>();
        int bodies = 300;
        try {
            for (int round = 0; round < 10; round++) {
                delays.clear();
                Runner runner = AsyncRunner.builder()
                        .maxConcurrency(bodies)
                        .blockingThreshold(Duration.ofMinutes(1))
                        .build();
                CountDownLatch begun = new CountDownLatch(bodies);
                for (int i = 0; i < bodies; i++) {
                    // The body ends with the first delay; the other delays are ended as well.
                    TaskFuture<Void> task = runner.submit(Task.async(() -> {
                        CompletableFuture<Void> first = AsyncRunner.delay(Duration.ofHours(1));
                        delays.add(first);
                        delays.add(AsyncRunner.delay(Duration.ofHours(1)));
                        delays.add(first.exceptionallyCompose(failure -> AsyncRunner.delay(Duration.ofHours(1))));
                        begun.countDown();
                        return first;
                    }));
                    assertTrue(task != null);
                }
                assertTrue(begun.await(10, TimeUnit.SECONDS));
                runner.closeNow();
                for (CompletableFuture<?> delay : delays) {
                    CompletionStage<?> end = delay.handle((nothing, failure) -> 0);
                    assertEquals(0, end.toCompletableFuture().get(10, TimeUnit.SECONDS));
                }
            }
        } finally {
            logger.detachAppender(appender);
        }
        assertEquals(
                List.of(),
                appender.list.stream()
                        .map(ILoggingEvent::getFormattedMessage)
                        .distinct()
                        .toList());
    }

    @Test
    void aDelayThatItsBodyHasLeftBehindEndsWithTheRunner() throws Exception {
        AtomicReference<CompletableFuture<?>> left = new AtomicReference<>();
        CompletableFuture<String> end = new CompletableFuture<>();
        Runner runner = AsyncRunner.of();
        assertEquals(
                1,
                runner.submit(() -> {
                            left.set(AsyncRunner.delay(Duration.ofHours(1))
                                    .whenComplete((nothing, failure) ->
                                            end.complete(Thread.currentThread().getName() + " "
                                                    + failure.getClass().getSimpleName())));
                            return 1;
                        })
                        .get(10, TimeUnit.SECONDS));
        runner.close();
        assertEquals("brigade-async-1 CancellationException", end.get(10, TimeUnit.SECONDS));
        assertTrue(left.get().isDone());
    }
}
