package dev.brigade.runner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.brigade.Outcome;
import dev.brigade.Outcome.State;
import dev.brigade.RetryPolicy;
import dev.brigade.RunOptions;
import dev.brigade.Runner;
import dev.brigade.Task;
import dev.brigade.TaskFuture;
import java.net.URL;
import java.net.URLClassLoader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.RejectedExecutionHandler;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.MDC;

/** Tests of a user's executor that is shut down or drops commands: no thread waits for ever. */
@Timeout(60)
class UsersExecutorTest {
    private static final int LONG = 25;

    private record Named(String name, Supplier<ExecutorService> make) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Named> executors() {
        return Stream.of(
                new Named("a pool", () -> Executors.newFixedThreadPool(1)),
                new Named("a wrapped pool", Executors::newSingleThreadExecutor),
                new Named("a scheduled pool", () -> new ScheduledThreadPoolExecutor(1)),
                new Named("a fork-join pool", () -> new ForkJoinPool(1)),
                new Named("a pool that discards", () -> pool(new ThreadPoolExecutor.DiscardPolicy())));
    }

    private static ThreadPoolExecutor pool(RejectedExecutionHandler handler) {
        return new ThreadPoolExecutor(1, 1, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), handler);
    }

    private static void assertDropped(Outcome<?, ?> outcome) {
        assertEquals(State.FAILED, outcome.state(), outcome::toString);
        assertInstanceOf(RejectedExecutionException.class, outcome.exception());
    }

    @ParameterizedTest
    @MethodSource("executors")
    void whatComesAfterTheShutdownFails(Named named) throws Exception {
        ExecutorService executor = named.make().get();
        Runner runner = ThreadRunner.over(executor, 2);
        executor.shutdownNow();
        assertTrue(executor.awaitTermination(LONG, TimeUnit.SECONDS));
        FutureTask<Object> caller = new FutureTask<>(() -> runner.map(List.of(1, 2, 3), n -> n));
        new Thread(caller, "caller").start();
        ExecutionException told = assertThrows(ExecutionException.class, () -> caller.get(LONG, TimeUnit.SECONDS));
        assertInstanceOf(RejectedExecutionException.class, told.getCause().getCause());
        closesAtOnce(runner);
    }

    private static void closesAtOnce(Runner runner) {
        long startNanos = System.nanoTime();
        runner.closeNow();
        long tookSeconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - startNanos);
        assertTrue(tookSeconds < LONG, () -> "closed after " + tookSeconds + " s");
    }

    @ParameterizedTest
    @MethodSource("executors")
    void whatTheShutdownDropsFails(Named named) throws Exception {
        ExecutorService executor = named.make().get();
        Runner runner = ThreadRunner.over(executor, 3);
        CountDownLatch begun = new CountDownLatch(1);
        TaskFuture<Boolean> running = runner.submit(() -> {
            begun.countDown();
            return new CountDownLatch(1).await(LONG, TimeUnit.SECONDS);
        });
        assertTrue(begun.await(LONG, TimeUnit.SECONDS));
        List<TaskFuture<Integer>> queued = List.of(
                runner.submit(() -> 1),
                runner.submit(Task.async(() -> CompletableFuture.completedFuture(1))),
                runner.submit(() -> 1)); // gets no permit before one of the others has ended
        executor.shutdownNow();
        for (TaskFuture<Integer> one : queued) {
            FutureTask<Outcome<Void, Integer>> waiter = new FutureTask<>(one::awaitOutcome);
            new Thread(waiter, "waiter").start();
            Outcome<Void, Integer> outcome = waiter.get(LONG, TimeUnit.SECONDS);
            if (!(executor instanceof ForkJoinPool && outcome.isSuccess())) { // the pool may have a thread to spare
                assertDropped(outcome);
            }
        }
        ExecutionException interrupted =
                assertThrows(ExecutionException.class, () -> running.get(LONG, TimeUnit.SECONDS));
        assertInstanceOf(InterruptedException.class, interrupted.getCause(), "that was its owner");
        closesAtOnce(runner);
    }

    @Test
    void whatIsDroppedFailsThoughABodyGoesOn() throws Exception {
        ThreadPoolExecutor executor = pool(new ThreadPoolExecutor.AbortPolicy());
        CountDownLatch release = new CountDownLatch(1);
        CountDownLatch begun = new CountDownLatch(1);
        try (Runner runner = ThreadRunner.over(executor, 2)) {
            TaskFuture<String> stubborn = runner.submit(() -> {
                begun.countDown();
                while (release.getCount() > 0) {
                    Thread.onSpinWait();
                }
                return "ended";
            });
            assertTrue(begun.await(LONG, TimeUnit.SECONDS));
            TaskFuture<Integer> queued = runner.submit(() -> 1);
            executor.shutdownNow();
            assertThrows(ExecutionException.class, () -> queued.get(LONG, TimeUnit.SECONDS));
            release.countDown();
            assertEquals("ended", stubborn.get(LONG, TimeUnit.SECONDS));
        } finally {
            release.countDown();
        }
    }

    /** A queue that counts the looks at it. */
    private static final class WatchedQueue extends LinkedBlockingQueue<Runnable> {
        private static final long serialVersionUID = 1;

        /** Released at each look at the whole queue. */
        private final transient Semaphore looks = new Semaphore(0);

        /** Number of searches for an element, including removals. */
        private final transient AtomicInteger searches = new AtomicInteger();

        @Override
        public Object[] toArray() {
            looks.release();
            return super.toArray();
        }

        @Override
        public boolean contains(Object wanted) {
            searches.incrementAndGet();
            return super.contains(wanted);
        }

        @Override
        public boolean remove(Object wanted) {
            searches.incrementAndGet();
            return super.remove(wanted);
        }
    }

    @Test
    void whatAnOrderlyShutdownLeavesInTheQueueRuns() throws Exception {
        WatchedQueue queue = new WatchedQueue();
        ThreadPoolExecutor executor = new ThreadPoolExecutor(1, 1, 0, TimeUnit.SECONDS, queue);
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        try (Runner runner = ThreadRunner.over(executor, 3)) {
            TaskFuture<Boolean> first = runner.submit(() -> {
                begun.countDown();
                return release.await(2 * LONG, TimeUnit.SECONDS);
            });
            assertTrue(begun.await(LONG, TimeUnit.SECONDS));
            TaskFuture<Integer> queued = runner.submit(() -> 7);
            executor.shutdown();
            assertTrue(queue.looks.tryAcquire(4, LONG, TimeUnit.SECONDS), "nobody looks");
            assertFalse(queued.isDone(), "it waits for its turn");
            release.countDown();
            assertEquals(true, first.get(LONG, TimeUnit.SECONDS));
            assertEquals(7, queued.get(LONG, TimeUnit.SECONDS));
        } finally {
            release.countDown();
            executor.shutdown();
        }
    }

    /** A search for each waiting task would take time quadratic in the queue's length, on the thread of all deadlines. */
    @Test
    void aLookDoesNotSearchTheQueueForEachThatWaits() throws Exception {
        WatchedQueue queue = new WatchedQueue();
        ThreadPoolExecutor executor = new ThreadPoolExecutor(1, 1, 0, TimeUnit.SECONDS, queue);
        CountDownLatch release = new CountDownLatch(1);
        try (Runner runner = ThreadRunner.over(executor, 1000)) {
            List<TaskFuture<Boolean>> all = new ArrayList<>();
            for (int i = 0; i < 1000; i++) {
                all.add(runner.submit(() -> release.await(2 * LONG, TimeUnit.SECONDS)));
            }
            executor.shutdown();
            assertTrue(queue.looks.tryAcquire(3, LONG, TimeUnit.SECONDS), "nobody looks");
            assertEquals(0, queue.searches.get());
            release.countDown();
            for (TaskFuture<Boolean> one : all) {
                assertTrue(one.get(LONG, TimeUnit.SECONDS));
            }
        } finally {
            release.countDown();
            executor.shutdown();
        }
    }

    @Test
    void aBodyThatHasBegunIsNotSearchedForWhenItIsStopped() throws Exception {
        WatchedQueue queue = new WatchedQueue();
        ThreadPoolExecutor executor = new ThreadPoolExecutor(1, 1, 0, TimeUnit.SECONDS, queue);
        try (Runner runner = ThreadRunner.over(executor, 2)) {
            RunOptions brief =
                    RunOptions.builder().taskTimeout(Duration.ofMillis(20)).build();
            CountDownLatch never = new CountDownLatch(1);
            assertEquals(
                    State.TIMED_OUT,
                    runner.submit(() -> never.await(LONG, TimeUnit.SECONDS), brief)
                            .awaitOutcome()
                            .state());
            assertEquals(0, queue.searches.get());
        } finally {
            executor.shutdown();
        }
    }

    /** A pool's thread that does not let its class loader be changed. */
    private static final class FixedLoader extends Thread {
        private final Supplier<Throwable> thrown;
        private final boolean made;

        FixedLoader(Runnable task, Supplier<Throwable> thrown) {
            super(task, "fixed");
            this.thrown = thrown;
            setDaemon(true);
            made = true;
        }

        @Override
        public void setContextClassLoader(ClassLoader loader) {
            if (made) {
                FixedLoader.<RuntimeException>sneak(thrown.get());
            }
            super.setContextClassLoader(loader);
        }

        @SuppressWarnings("unchecked") // erased
        private static <T extends Throwable> void sneak(Throwable thrown) throws T {
            throw (T) thrown;
        }
    }

    @Test
    void aThreadThatKeepsItsLoaderRunsTheBodyWithThatOne() throws Exception {
        ExecutorService executor = Executors.newFixedThreadPool(
                1, task -> new FixedLoader(task, () -> new UnsupportedOperationException("fixed")));
        ClassLoader own = Thread.currentThread().getContextClassLoader();
        try (Runner runner = ThreadRunner.over(executor, 1)) {
            assertSame(own, loaderSeenOnThreadOf(executor));
            Thread.currentThread().setContextClassLoader(new URLClassLoader(new URL[0], own));
            assertSame(
                    own,
                    runner.submit(() -> Thread.currentThread().getContextClassLoader())
                            .get(LONG, TimeUnit.SECONDS));
        } finally {
            Thread.currentThread().setContextClassLoader(own);
            executor.shutdown();
        }
    }

    private static ClassLoader loaderSeenOnThreadOf(ExecutorService executor) throws Exception {
        return executor.submit(() -> Thread.currentThread().getContextClassLoader())
                .get(LONG, TimeUnit.SECONDS);
    }

    @Test
    void whateverTheThreadThrowsNoContextStaysOnIt() throws Exception {
        ExecutorService executor = Executors.newFixedThreadPool(
                1, task -> new FixedLoader(task, () -> new StackOverflowError("on purpose")));
        ClassLoader own = Thread.currentThread().getContextClassLoader();
        try (Runner runner = ThreadRunner.over(executor, 1)) {
            assertSame(own, loaderSeenOnThreadOf(executor));
            MDC.put("whose", "mine");
            Thread.currentThread().setContextClassLoader(new URLClassLoader(new URL[0], own));
            TaskFuture<Integer> fails = runner.submit(() -> 1);
            ExecutionException thrown = assertThrows(ExecutionException.class, () -> fails.get(LONG, TimeUnit.SECONDS));
            assertInstanceOf(StackOverflowError.class, thrown.getCause());
            MDC.remove("whose");
            assertNull(executor.submit(() -> MDC.get("whose")).get(LONG, TimeUnit.SECONDS));
        } finally {
            MDC.remove("whose");
            Thread.currentThread().setContextClassLoader(own);
            executor.shutdown();
        }
    }

    static Stream<RejectedExecutionHandler> discarders() {
        return Stream.of(new ThreadPoolExecutor.DiscardPolicy(), new ThreadPoolExecutor.DiscardOldestPolicy());
    }

    @ParameterizedTest
    @MethodSource("discarders")
    void whatASaturatedPoolDiscardsFails(RejectedExecutionHandler handler) throws Exception {
        ThreadPoolExecutor executor =
                new ThreadPoolExecutor(1, 1, 0, TimeUnit.SECONDS, new ArrayBlockingQueue<>(1), handler);
        CountDownLatch release = new CountDownLatch(1);
        try (Runner runner = ThreadRunner.over(executor, 5)) {
            List<TaskFuture<Boolean>> all = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                all.add(runner.submit(() -> release.await(2 * LONG, TimeUnit.SECONDS)));
            }
            int dropped = 0;
            long endNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(LONG);
            while (dropped < 3 && System.nanoTime() < endNanos) {
                dropped = (int) all.stream().filter(TaskFuture::isDone).count();
            }
            release.countDown();
            int failed = 0;
            for (TaskFuture<Boolean> one : all) {
                Outcome<Void, Boolean> outcome = one.awaitOutcome();
                if (!outcome.isSuccess()) {
                    assertDropped(outcome);
                    failed++;
                }
            }
            assertEquals(3, failed, "one ran, and one waited in the queue");
        } finally {
            executor.shutdownNow();
        }
    }

    @Test
    void whatWasDroppedMayBeTriedAgain() throws Exception {
        ThreadPoolExecutor executor = new ThreadPoolExecutor(
                1, 1, 0, TimeUnit.SECONDS, new ArrayBlockingQueue<>(1), new ThreadPoolExecutor.DiscardPolicy());
        CountDownLatch release = new CountDownLatch(1);
        RunOptions again = RunOptions.builder()
                .retry(RetryPolicy.builder()
                        .maxAttempts(100)
                        .delay(Duration.ofMillis(500))
                        .build())
                .build();
        try (Runner runner = ThreadRunner.over(executor, 3)) {
            List<TaskFuture<Boolean>> all = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                all.add(runner.submit(() -> release.await(2 * LONG, TimeUnit.SECONDS), again));
            }
            release.countDown();
            for (TaskFuture<Boolean> one : all) {
                assertEquals(true, one.get(LONG, TimeUnit.SECONDS));
            }
        } finally {
            executor.shutdownNow();
        }
    }

    /** The tasks that a pool of another class has dropped are noticed only when it terminates, so a close must not wait for them. */
    @ParameterizedTest
    @MethodSource("executors")
    void aCloseDoesNotWaitForWhatNeverBegins(Named named) throws Exception {
        ExecutorService executor = named.make().get();
        CountDownLatch release = new CountDownLatch(1);
        CountDownLatch begun = new CountDownLatch(1);
        executor.execute(() -> {
            begun.countDown();
            while (release.getCount() > 0) {
                Thread.onSpinWait();
            }
        });
        try {
            assertTrue(begun.await(LONG, TimeUnit.SECONDS));
            Runner runner = ThreadRunner.over(executor, 2);
            TaskFuture<Integer> queued = runner.submit(() -> 1);
            TaskFuture<Integer> asynchronous = runner.submit(Task.async(() -> CompletableFuture.completedFuture(1)));
            closesAtOnce(runner);
            assertThrows(CancellationException.class, queued::get);
            assertThrows(CancellationException.class, asynchronous::get);
        } finally {
            release.countDown();
            executor.shutdownNow();
        }
    }
}
