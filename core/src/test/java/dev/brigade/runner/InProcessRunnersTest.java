package dev.brigade.runner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.brigade.Outcome;
import dev.brigade.Outcome.State;
import dev.brigade.Outcomes;
import dev.brigade.RetryPolicy;
import dev.brigade.RunOptions;
import dev.brigade.Runner;
import dev.brigade.TaskContext;
import dev.brigade.TaskFunction;
import dev.brigade.TaskTimeoutException;
import dev.brigade.threads.OwnThreads;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Tests of the behaviour that the runners in this JVM share; the test kit checks the whole contract. */
@Timeout(30)
class InProcessRunnersTest {

    /** Threads of a runner outlive the call that makes them: their priority is normal, as that of the JDK's pools. */
    @Test
    void threadsHaveNormalPriorityWhateverThreadMakesThem() throws Exception {
        for (Supplier<Runner> make : List.<Supplier<Runner>>of(() -> ThreadRunner.of(2), AsyncRunner::of)) {
            try (Runner runner = make.get()) {
                TaskFunction<Integer, Integer> priority =
                        n -> Thread.currentThread().getPriority();
                assertEquals(List.of(Thread.NORM_PRIORITY), withLowPriority(() -> runner.map(List.of(1), priority)));
            }
        }
        assertEquals(
                Thread.NORM_PRIORITY,
                withLowPriority(
                        () -> OwnThreads.daemon("brigade-test", () -> {}).getPriority()));
    }

    @SuppressWarnings("ThreadPriorityCheck") // it is what is tested
    private static <T> T withLowPriority(Callable<T> call) throws Exception {
        FutureTask<T> task = new FutureTask<>(call);
        Thread thread = new Thread(task, "low");
        thread.setPriority(Thread.MIN_PRIORITY);
        thread.start();
        return task.get(20, TimeUnit.SECONDS);
    }

    private record Named(String name, Supplier<Runner> make) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Named> runners() {
        Stream<Named> always = Stream.of(
                new Named("sequential", SequentialRunner::of),
                new Named("threads(1)", () -> ThreadRunner.of(1)),
                new Named("threads(4)", () -> ThreadRunner.of(4)),
                new Named("async", AsyncRunner::of));
        return Runtime.version().feature() >= 21
                ? Stream.concat(always, Stream.of(new Named("virtual", ThreadRunner::virtual)))
                : always;
    }

    @ParameterizedTest
    @MethodSource("runners")
    void mapEqualsALoop(Named named) throws Exception {
        try (Runner runner = named.make().get()) {
            List<Integer> inputs = IntStream.range(0, 10_000).boxed().toList();
            assertEquals(inputs.stream().map(n -> n * 2).toList(), runner.map(inputs, n -> n * 2));
            assertEquals(List.of(), runner.map(List.<Integer>of(), n -> n));
            assertEquals(
                    Arrays.asList(null, "x", null),
                    runner.map(Arrays.asList(null, "x", null), (TaskFunction<String, String>) s -> s));
        }
    }

    @ParameterizedTest
    @MethodSource("runners")
    void anInfiniteInputIsPulledLazily(Named named) {
        try (Runner runner = named.make().get();
                Outcomes<Integer, Integer> outcomes = runner.mapOutcomes(
                        () -> Stream.iterate(0, n -> n + 1).iterator(),
                        n -> n,
                        RunOptions.builder().ordered(true).buffer(8).build())) {
            int expected = 0;
            for (Outcome<Integer, Integer> outcome : outcomes) {
                assertEquals(expected, outcome.value());
                assertTrue(outcomes.progress().pulled() - outcomes.progress().done() < 8);
                if (++expected == 1000) {
                    break;
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("runners")
    void aFailureReachesTheCallerWithItsCause(Named named) {
        try (Runner runner = named.make().get()) {
            IOException mine = new IOException("mine");
            ExecutionException e = assertThrows(
                    ExecutionException.class,
                    () -> runner.map(List.of(1, 2, 3), n -> {
                        if (n == 2) {
                            throw mine;
                        }
                        return n;
                    }));
            assertSame(mine, e.getCause());
        }
    }

    @ParameterizedTest
    @MethodSource("runners")
    void aTaskIsTriedAgainUntilItSucceeds(Named named) throws Exception {
        try (Runner runner = named.make().get()) {
            RunOptions options = RunOptions.builder()
                    .retry(RetryPolicy.builder()
                            .maxAttempts(5)
                            .delay(Duration.ofMillis(1))
                            .build())
                    .build();
            Outcome<Void, Integer> outcome = runner.submit(
                            () -> {
                                if (TaskContext.current().attempt() < 3) {
                                    throw new IOException("not yet");
                                }
                                return TaskContext.current().attempt();
                            },
                            options)
                    .awaitOutcome();
            assertEquals(State.SUCCESS, outcome.state());
            assertEquals(3, outcome.value());
            assertEquals(3, outcome.attempts());
        }
    }

    @ParameterizedTest
    @MethodSource("runners")
    void aWaitingBodyIsTimedOutAndInterrupted(Named named) throws Exception {
        try (Runner runner = named.make().get()) {
            CountDownLatch interrupted = new CountDownLatch(1);
            RunOptions options =
                    RunOptions.builder().taskTimeout(Duration.ofMillis(50)).build();
            Outcome<Void, Boolean> outcome = runner.submit(
                            () -> {
                                try {
                                    return new CountDownLatch(1).await(20, TimeUnit.SECONDS);
                                } catch (InterruptedException e) {
                                    assertTrue(TaskContext.current().isCancelled());
                                    interrupted.countDown();
                                    throw e;
                                }
                            },
                            options)
                    .awaitOutcome();
            assertEquals(State.TIMED_OUT, outcome.state());
            assertInstanceOf(TaskTimeoutException.class, outcome.exception());
            assertTrue(interrupted.await(10, TimeUnit.SECONDS));
            assertEquals(1, runner.submit(() -> 1).get());
        }
    }

    @ParameterizedTest
    @MethodSource("runners")
    void theCallsTimeoutCancelsTheRest(Named named) {
        try (Runner runner = named.make().get()) {
            RunOptions options =
                    RunOptions.builder().timeout(Duration.ofMillis(100)).build();
            assertThrows(
                    TimeoutException.class,
                    () -> runner.map(
                            List.of(1, 2, 3), n -> new CountDownLatch(1).await(20, TimeUnit.SECONDS), options));
        }
    }

    /** The batch ends while its tasks are being started. A close must not wait then for a start that came to nothing. */
    @Test
    void closesAtOnceAfterACallThatTimedOutWhileItStarted() {
        RunOptions options = RunOptions.builder().timeout(Duration.ofMillis(1)).build();
        for (int round = 0; round < 300; round++) {
            Runner runner = ThreadRunner.of(1);
            assertThrows(
                    TimeoutException.class,
                    () -> runner.map(
                            List.of(1, 2, 3), n -> new CountDownLatch(1).await(20, TimeUnit.SECONDS), options));
            assertTimeoutPreemptively(Duration.ofSeconds(10), runner::close, "round " + round);
        }
    }

    @ParameterizedTest
    @MethodSource("runners")
    void nestedWorkFinishes(Named named) throws Exception {
        if (named.name().equals("async")) {
            return; // the event loop must not wait for itself: see AsyncRunnerTest
        }
        try (Runner runner = named.make().get()) {
            List<Integer> sums = runner.map(List.of(1, 2, 3), n -> {
                List<Integer> inner = TaskContext.current().runner().map(List.of(n, n, n), m -> m);
                int submitted = runner.submit(() -> n).get();
                return inner.stream().mapToInt(m -> m).sum() + submitted;
            });
            assertEquals(List.of(4, 8, 12), sums);
        }
    }

    @ParameterizedTest
    @MethodSource("runners")
    void nestedWorkThatIsTriedAgainFinishes(Named named) throws Exception {
        if (named.name().equals("async")) {
            return;
        }
        RunOptions retrying = RunOptions.builder()
                .retry(RetryPolicy.builder()
                        .maxAttempts(3)
                        .delay(Duration.ofMillis(5))
                        .build())
                .build();
        try (Runner runner = named.make().get()) {
            AtomicInteger tries = new AtomicInteger();
            int result = runner.submit(() -> runner.submit(
                                    () -> {
                                        if (tries.incrementAndGet() < 3) {
                                            throw new IOException("again");
                                        }
                                        return tries.get();
                                    },
                                    retrying)
                            .get())
                    .get();
            assertEquals(3, result);
        }
    }

    @ParameterizedTest
    @MethodSource("runners")
    void manyThreadsShareOneRunner(Named named) throws Exception {
        ExecutorService callers = Executors.newFixedThreadPool(4);
        try (Runner runner = named.make().get()) {
            AtomicInteger now = new AtomicInteger();
            AtomicInteger most = new AtomicInteger();
            List<Future<List<Integer>>> all = new ArrayList<>();
            List<Integer> inputs = IntStream.range(0, 2000).boxed().toList();
            for (int i = 0; i < 4; i++) {
                all.add(callers.submit(() -> runner.map(inputs, n -> {
                    most.accumulateAndGet(now.incrementAndGet(), Math::max);
                    now.decrementAndGet();
                    return n;
                })));
            }
            for (Future<List<Integer>> one : all) {
                assertEquals(inputs, one.get(20, TimeUnit.SECONDS));
            }
            assertTrue(
                    most.get() <= runner.maxConcurrency(),
                    () -> most + " bodies at once, limit " + runner.maxConcurrency());
        } finally {
            callers.shutdownNow();
        }
    }

    @ParameterizedTest
    @MethodSource("runners")
    void theFirstSuccessWins(Named named) throws Exception {
        try (Runner runner = named.make().get()) {
            assertEquals(
                    "won",
                    runner.<String>invokeAny(List.of(
                            () -> {
                                throw new IOException("lost");
                            },
                            () -> "won")));
            assertThrows(
                    ExecutionException.class,
                    () -> runner.<String>invokeAny(List.of(() -> {
                        throw new IOException("lost");
                    })));
        }
    }

    @ParameterizedTest
    @MethodSource("runners")
    void theExecutorViewEndsWithItsCommands(Named named) throws Exception {
        try (Runner runner = named.make().get()) {
            ExecutorService view = runner.asExecutorService();
            List<Future<Integer>> futures = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                int n = i;
                futures.add(view.submit(() -> n));
            }
            for (int i = 0; i < 100; i++) {
                assertEquals(i, futures.get(i).get(10, TimeUnit.SECONDS));
            }
            view.shutdown();
            assertTrue(view.awaitTermination(10, TimeUnit.SECONDS));
            assertEquals(1, runner.submit(() -> 1).get());
        }
    }
}
