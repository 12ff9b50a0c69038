package dev.brigade.runner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.brigade.RunOptions;
import dev.brigade.Runner;
import dev.brigade.TaskFunction;
import dev.brigade.TaskFuture;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinTask;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Tests of bodies that wait for tasks of their own runner, in each of the ways to wait. */
@Timeout(30)
class NestedWorkTest {

    @Test
    void aNestedBatchKeepsToItsOwnBound() throws Exception {
        try (Runner runner = ThreadRunner.of(4)) {
            AtomicInteger now = new AtomicInteger();
            AtomicInteger most = new AtomicInteger();
            RunOptions oneAtATime = RunOptions.builder().maxConcurrency(1).build();
            List<Integer> inputs = IntStream.range(0, 200).boxed().toList();
            List<Integer> results = runner.submit(() -> runner.map(
                            inputs,
                            n -> {
                                most.accumulateAndGet(now.incrementAndGet(), Math::max);
                                Thread.onSpinWait();
                                now.decrementAndGet();
                                return n;
                            },
                            oneAtATime))
                    .get();
            assertEquals(inputs, results);
            assertEquals(1, most.get());
        }
    }

    @Test
    void aNestedMapOfStagesOnTheEventLoopIsRefused() {
        try (Runner runner = AsyncRunner.of()) {
            ExecutionException e = assertThrows(
                    ExecutionException.class,
                    () -> runner.submit(() -> runner.map(
                                    List.of(1),
                                    TaskFunction.async(n -> AsyncRunner.delay(Duration.ofMillis(10))
                                            .thenApply(nothing -> n))))
                            .get());
            assertInstanceOf(IllegalStateException.class, e.getCause());
        }
    }

    @Test
    void aTimedGetInsideABodyGivesUpInTime() throws Exception {
        try (Runner runner = ThreadRunner.of(2)) {
            CountDownLatch release = new CountDownLatch(1);
            CountDownLatch begun = new CountDownLatch(1);
            TaskFuture<Boolean> slow = runner.submit(() -> {
                begun.countDown();
                return release.await(20, TimeUnit.SECONDS);
            });
            assertTrue(begun.await(10, TimeUnit.SECONDS));
            ExecutionException e = assertThrows(
                    ExecutionException.class,
                    () -> runner.submit(() -> slow.get(50, TimeUnit.MILLISECONDS))
                            .get(10, TimeUnit.SECONDS));
            assertInstanceOf(TimeoutException.class, e.getCause());
            release.countDown();
        }
    }

    static Stream<Named<ToValue>> waysToWait() {
        return Stream.of(
                Named.of("get", TaskFuture::get),
                Named.of("get in time", f -> f.get(20, TimeUnit.SECONDS)),
                Named.of("await", f -> f.awaitOutcome().get()),
                Named.of("join", f -> f.toCompletableFuture().join()));
    }

    private interface ToValue {
        int of(TaskFuture<Integer> future) throws Exception;
    }

    @ParameterizedTest
    @MethodSource("waysToWait")
    void severalBodiesWaitForOneTaskThatRuns(ToValue way) throws Exception {
        CountDownLatch waiting = new CountDownLatch(4);
        try (Runner runner = ThreadRunner.of(5)) {
            TaskFuture<Integer> awaited = runner.submit(() -> {
                assertTrue(waiting.await(20, TimeUnit.SECONDS));
                return 7;
            });
            List<TaskFuture<Integer>> waiters = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                waiters.add(runner.submit(() -> {
                    waiting.countDown();
                    return way.of(awaited);
                }));
            }
            for (TaskFuture<Integer> waiter : waiters) {
                assertEquals(7, waiter.get(20, TimeUnit.SECONDS));
            }
        }
    }

    @Test
    void aBodyInsideAnotherRunnersBodyOnItsThreadRunsWhatItWaitsFor() throws Exception {
        try (Runner runner = ThreadRunner.of(1);
                Runner between = SequentialRunner.of()) {
            TaskFuture<Integer> awaits = runner.submit(
                    () -> between.submit(() -> runner.submit(() -> 7).get()).get());
            assertEquals(7, awaits.get(20, TimeUnit.SECONDS));
            TaskFuture<List<Integer>> maps = runner.submit(
                    () -> between.submit(() -> runner.map(List.of(7), n -> n)).get());
            assertEquals(List.of(7), maps.get(20, TimeUnit.SECONDS));
        }
    }

    @Test
    void aSequentialBodyInsideAnotherRunnersBodyOnItsThreadRunsWhatItWaitsFor() throws Exception {
        try (Runner runner = SequentialRunner.of();
                Runner between = SequentialRunner.of()) {
            assertEquals(
                    List.of(7),
                    runner.submit(() -> between.submit(() -> runner.map(List.of(7), n -> n))
                                    .get())
                            .get());
        }
    }

    @Test
    void aBodyWaitsForACommandOfItsOwnRunnersExecutorView() throws Exception {
        try (Runner runner = ThreadRunner.of(1)) {
            ExecutorService view = runner.asExecutorService();
            assertEquals(7, runner.submit(() -> view.submit(() -> 7).get()).get(10, TimeUnit.SECONDS));
        }
    }

    @Test
    void aBodyRunsWhatWaitsForTheThreadThatItHolds() throws Exception {
        ExecutorService one = Executors.newSingleThreadExecutor();
        try (Runner runner = ThreadRunner.over(one, 2)) {
            for (int i = 0; i < 200; i++) {
                assertEquals(
                        List.of(1),
                        runner.submit(() -> runner.map(List.of(1), n -> n)).get(10, TimeUnit.SECONDS));
            }
        } finally {
            one.shutdownNow();
        }
    }

    @Test
    void aCommandThatAClosedRunnerDroppedIsCancelled() throws Exception {
        Runner runner = ThreadRunner.of(1);
        ExecutorService view = runner.asExecutorService();
        CountDownLatch begun = new CountDownLatch(1);
        Future<Boolean> running = view.submit(() -> {
            begun.countDown();
            return new CountDownLatch(1).await(20, TimeUnit.SECONDS);
        });
        assertTrue(begun.await(10, TimeUnit.SECONDS));
        Future<Integer> queued = view.submit(() -> 1);
        runner.closeNow();
        assertThrows(CancellationException.class, () -> queued.get(10, TimeUnit.SECONDS));
        assertThrows(ExecutionException.class, () -> running.get(10, TimeUnit.SECONDS));
        view.shutdown();
        assertTrue(view.awaitTermination(10, TimeUnit.SECONDS));
    }

    @Test
    void aStrictRunnersExecutorViewRefusesRunnablesAndForgetsThem() throws Exception {
        try (Runner runner =
                ThreadRunner.builder().maxConcurrency(1).strict(true).build()) {
            ExecutorService view = runner.asExecutorService();
            assertThrows(RejectedExecutionException.class, () -> view.execute(() -> {}));
            view.shutdown();
            assertTrue(view.awaitTermination(10, TimeUnit.SECONDS));
        }
    }

    @Test
    void anExecutorThatRunsOnItsCallersThreadFailsTheBody() {
        ExecutorService direct = new DirectExecutor();
        try (Runner runner = ThreadRunner.over(direct, 2)) {
            ExecutionException e = assertThrows(
                    ExecutionException.class, () -> runner.submit(() -> 1).get(10, TimeUnit.SECONDS));
            assertInstanceOf(RejectedExecutionException.class, e.getCause());
        }
    }

    /** Runs each command on its caller's thread. */
    private static final class DirectExecutor extends AbstractExecutorService {
        @Override
        public void execute(Runnable command) {
            command.run();
        }

        @Override
        public void shutdown() {}

        @Override
        public List<Runnable> shutdownNow() {
            return List.of();
        }

        @Override
        public boolean isShutdown() {
            return false;
        }

        @Override
        public boolean isTerminated() {
            return false;
        }

        @Override
        public boolean awaitTermination(long timeout, TimeUnit unit) {
            return false;
        }
    }

    @Test
    void aBodyThatItsWaiterRunsDoesNotRunOnceMoreFromInsideItself() throws Exception {
        AtomicInteger times = new AtomicInteger();
        ForkJoinPool pool = new ForkJoinPool(1);
        Runner runner = ThreadRunner.over(pool, 2);
        try {
            TaskFuture<Integer> outer = runner.submit(() -> runner.submit(() -> {
                        times.incrementAndGet();
                        ForkJoinTask.helpQuiesce(); // runs what is queued for this thread: this task, again
                        return 1;
                    })
                    .get());
            assertEquals(1, outer.get());
            assertEquals(1, times.get());
            long startNanos = System.nanoTime();
            runner.close();
            assertTrue(System.nanoTime() - startNanos < TimeUnit.SECONDS.toNanos(10), "a place was freed twice");
        } finally {
            runner.closeNow();
            pool.shutdown();
        }
    }
}
