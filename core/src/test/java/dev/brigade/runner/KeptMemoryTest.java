package dev.brigade.runner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.brigade.Capability;
import dev.brigade.Outcome;
import dev.brigade.Outcome.State;
import dev.brigade.Outcomes;
import dev.brigade.RetryPolicy;
import dev.brigade.RunOptions;
import dev.brigade.Runner;
import dev.brigade.Task;
import dev.brigade.TaskFunction;
import dev.brigade.TaskFuture;
import java.io.Serializable;
import java.lang.ref.Reference;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Tests that the objects that callers still hold after the end keep the outcome, but no tasks, functions or inputs. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class KeptMemoryTest {
    private static final Duration GONE_WITHIN = Duration.ofSeconds(30);

    private record Named(String name, Supplier<Runner> make) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Named> runners() {
        Stream<Named> always = Stream.of(
                new Named("sequential", SequentialRunner::of),
                new Named(
                        "strict",
                        () -> ThreadRunner.builder()
                                .maxConcurrency(1)
                                .strict(true)
                                .build()),
                new Named("threads", () -> ThreadRunner.of(1)),
                new Named("over", () -> ThreadRunner.over(Executors.newFixedThreadPool(1, KeptMemoryTest::daemon), 2)),
                new Named("async", () -> AsyncRunner.builder().maxConcurrency(1).build()),
                new Named("processes", () -> ProcessRunner.of(1)));
        return Runtime.version().feature() >= 21
                ? Stream.concat(
                        always,
                        Stream.of(new Named(
                                "virtual",
                                () -> ThreadRunner.builder().virtual(1).build())))
                : always;
    }

    private static Thread daemon(Runnable body) {
        Thread thread = new Thread(body, "kept-memory");
        thread.setDaemon(true);
        return thread;
    }

    /** A large object that a task or an input holds. */
    private static final class Ballast implements Serializable {
        private static final long serialVersionUID = 1;

        private final byte[] bytes = new byte[1 << 16];

        int size() {
            return bytes.length;
        }
    }

    /** An object that a caller still holds, and the objects that it must not keep. */
    private record Held(Object what, List<WeakReference<Object>> notToBeKept) {
        static Held of(Object what, Object... notToBeKept) {
            List<WeakReference<Object>> weak = new ArrayList<>();
            for (Object one : notToBeKept) {
                weak.add(new WeakReference<>(one));
            }
            return new Held(what, weak);
        }

        void assertNothingIsKept() throws InterruptedException {
            try {
                long deadlineNanos = System.nanoTime() + GONE_WITHIN.toNanos();
                while (count() > 0 && System.nanoTime() < deadlineNanos) {
                    System.gc();
                    TimeUnit.MILLISECONDS.sleep(10);
                }
                assertEquals(0, count(), () -> "kept by " + what);
            } finally {
                Reference.reachabilityFence(what);
            }
        }

        private long count() {
            return notToBeKept.stream().filter(one -> one.get() != null).count();
        }
    }

    @ParameterizedTest
    @MethodSource("runners")
    void aDoneFutureKeepsNoTask(Named named) throws Exception {
        try (Runner runner = named.make().get()) {
            Held held = done(runner);
            held.assertNothingIsKept();
            assertEquals(1 << 16, ((TaskFuture<?>) held.what()).get());
        }
    }

    private static Held done(Runner runner) throws Exception {
        Ballast ballast = new Ballast();
        Task<Integer> task = ballast::size;
        TaskFuture<Integer> future = runner.submit(task);
        assertEquals(State.SUCCESS, future.awaitOutcome().state());
        return Held.of(future, ballast, task);
    }

    @ParameterizedTest
    @MethodSource("runners")
    void aFailedFutureKeepsNoTask(Named named) throws Exception {
        try (Runner runner = named.make().get()) {
            Held held = failed(runner);
            held.assertNothingIsKept();
            assertThrows(ExecutionException.class, ((TaskFuture<?>) held.what())::get);
        }
    }

    private static Held failed(Runner runner) throws Exception {
        Ballast ballast = new Ballast();
        Task<Integer> task = () -> {
            throw new IllegalStateException("with " + ballast.size());
        };
        RunOptions twice = RunOptions.builder()
                .retry(RetryPolicy.builder()
                        .maxAttempts(2)
                        .delay(Duration.ofMillis(1))
                        .build())
                .build();
        TaskFuture<Integer> future = runner.submit(task, twice);
        assertEquals(State.FAILED, future.awaitOutcome().state());
        return Held.of(future, ballast, task);
    }

    @ParameterizedTest
    @MethodSource("runners")
    void aTimedOutFutureKeepsNoTask(Named named) throws Exception {
        try (Runner runner = named.make().get()) {
            timedOut(
                            runner,
                            RunOptions.builder()
                                    .taskTimeout(Duration.ofMillis(20))
                                    .build())
                    .assertNothingIsKept();
        }
    }

    @ParameterizedTest
    @MethodSource("runners")
    void aFutureWhoseCallTookTooLongKeepsNoTask(Named named) throws Exception {
        try (Runner runner = named.make().get()) {
            timedOut(runner, RunOptions.builder().timeout(Duration.ofMillis(20)).build())
                    .assertNothingIsKept();
        }
    }

    private static Held timedOut(Runner runner, RunOptions options) throws Exception {
        Ballast ballast = new Ballast();
        Task<Integer> task = () -> {
            TimeUnit.SECONDS.sleep(2);
            return ballast.size();
        };
        TaskFuture<Integer> future = runner.submit(task, options);
        assertEquals(State.TIMED_OUT, future.awaitOutcome().state());
        return Held.of(future, ballast, task);
    }

    @ParameterizedTest
    @MethodSource("runners")
    void aFutureThatIsCancelledBeforeItsStartKeepsNoTask(Named named) throws Exception {
        Runner runner = named.make().get();
        assumeTrue(runner.capabilities().contains(Capability.PROMPT_TIMEOUT)
                || runner.capabilities().contains(Capability.PARALLEL));
        try (runner) {
            TaskFuture<Integer> blocker = runner.submit(blocks());
            try {
                for (int i = 0; i < 3; i++) {
                    cancelledBeforeItsStart(runner).assertNothingIsKept();
                }
                assertFalse(blocker.isDone());
            } finally {
                blocker.cancel(true);
            }
        }
    }

    /** Returns a task that holds its permit for two minutes; on the event loop it is a stage. */
    private static Task<Integer> blocks() {
        return Task.async(() -> AsyncRunner.delay(Duration.ofMinutes(2)).thenApply(nothing -> 1));
    }

    private static Held cancelledBeforeItsStart(Runner runner) {
        Ballast ballast = new Ballast();
        Task<Integer> task = ballast::size;
        TaskFuture<Integer> future = runner.submit(task);
        assertTrue(future.cancel(true));
        return Held.of(future, ballast, task);
    }

    @ParameterizedTest
    @MethodSource("runners")
    void aFutureThatIsCancelledWhileItRunsKeepsNoTaskOnceTheBodyHasEnded(Named named) throws Exception {
        Runner runner = named.make().get();
        assumeFalse(runner instanceof SequentialRunner);
        try (runner) {
            cancelledWhileItRuns(runner).assertNothingIsKept();
        }
    }

    private static Held cancelledWhileItRuns(Runner runner) throws Exception {
        Ballast ballast = new Ballast();
        Task<Integer> task =
                Task.async(() -> AsyncRunner.delay(Duration.ofMinutes(2)).thenApply(nothing -> ballast.size()));
        TaskFuture<Integer> future = runner.submit(task);
        TimeUnit.MILLISECONDS.sleep(300); // most likely the task runs now; otherwise the test is right as well
        assertTrue(future.cancel(true));
        return Held.of(future, ballast, task);
    }

    @ParameterizedTest
    @MethodSource("runners")
    void aDoneCompletableFutureKeepsNoTask(Named named) throws Exception {
        try (Runner runner = named.make().get()) {
            Held held = doneCompletableFuture(runner);
            held.assertNothingIsKept();
        }
    }

    private static Held doneCompletableFuture(Runner runner) throws Exception {
        Ballast ballast = new Ballast();
        Task<Integer> task = ballast::size;
        TaskFuture<Integer> future = runner.submit(task);
        CompletableFuture<Integer> asked = future.toCompletableFuture();
        CompletableFuture<Integer> dependent = asked.thenApply(size -> size + 1);
        assertEquals(1 << 16, asked.get());
        return Held.of(List.of(future, asked, dependent), ballast, task);
    }

    @ParameterizedTest
    @MethodSource("runners")
    void aDoneFutureOfTheExecutorViewKeepsNoTask(Named named) throws Exception {
        try (Runner runner = named.make().get()) {
            assumeTrue(runner.capabilities().contains(Capability.SHARED_MEMORY));
            assumeFalse(named.name().equals("strict")); // strict mode refuses tasks that cannot be transported
            doneInTheView(runner.asExecutorService()).assertNothingIsKept();
        }
    }

    private static Held doneInTheView(ExecutorService view) throws Exception {
        Ballast ballast = new Ballast();
        Future<Integer> future = view.submit(ballast::size);
        assertEquals(1 << 16, future.get());
        Ballast other = new Ballast();
        Future<Integer> cancelled = view.submit(other::size);
        cancelled.cancel(true);
        Ballast third = new Ballast();
        Future<?> plain = view.submit(() -> {
            int ignored = third.size();
        });
        plain.get();
        return Held.of(List.of(view, future, cancelled, plain), ballast, other, third);
    }

    @ParameterizedTest
    @MethodSource("runners")
    void invokeAnyKeepsNoneOfItsTasks(Named named) throws Exception {
        try (Runner runner = named.make().get()) {
            winners(runner).assertNothingIsKept();
        }
    }

    private static Held winners(Runner runner) throws Exception {
        List<Ballast> ballast = List.of(new Ballast(), new Ballast(), new Ballast());
        List<Task<Integer>> tasks =
                ballast.stream().<Task<Integer>>map(one -> one::size).toList();
        assertEquals(1 << 16, runner.invokeAny(tasks));
        return Held.of(runner, Stream.concat(ballast.stream(), tasks.stream()).toArray());
    }

    @ParameterizedTest
    @MethodSource("runners")
    void outcomesThatHaveBeenReadKeepNothing(Named named) throws Exception {
        try (Runner runner = named.make().get()) {
            read(runner).assertNothingIsKept();
        }
    }

    private static Held read(Runner runner) {
        Ballast captured = new Ballast();
        List<Ballast> inputs = new ArrayList<>(List.of(new Ballast(), new Ballast()));
        TaskFunction<Ballast, Ballast> function = input -> input.size() == captured.size() ? input : captured;
        Outcomes<Ballast, Ballast> outcomes = runner.mapOutcomes(inputs, function);
        Iterator<Outcome<Ballast, Ballast>> iterator = outcomes.iterator();
        List<Object> gone = new ArrayList<>(List.of(captured, function, inputs));
        gone.addAll(inputs);
        while (iterator.hasNext()) {
            gone.add(iterator.next().value());
        }
        assertEquals(7, gone.size());
        return Held.of(List.of(outcomes, iterator), gone.toArray());
    }

    @ParameterizedTest
    @MethodSource("runners")
    void outcomesThatWereClosedEarlyKeepNothing(Named named) throws Exception {
        try (Runner runner = named.make().get()) {
            closedEarly(runner).assertNothingIsKept();
        }
    }

    private static Held closedEarly(Runner runner) {
        Ballast captured = new Ballast();
        List<Ballast> inputs =
                IntStream.range(0, 20).mapToObj(n -> new Ballast()).toList();
        TaskFunction<Ballast, Integer> function = input -> input.size() + captured.size();
        Outcomes<Ballast, Integer> outcomes = runner.mapOutcomes(inputs, function);
        Iterator<Outcome<Ballast, Integer>> iterator = outcomes.iterator();
        assertEquals(1 << 17, iterator.next().value());
        outcomes.close();
        List<Object> gone = new ArrayList<>(List.of(captured, function, inputs));
        gone.addAll(inputs);
        return Held.of(List.of(outcomes, iterator), gone.toArray());
    }

    @ParameterizedTest
    @MethodSource("runners")
    void outcomesThatWereClosedBehindABusyRunnerKeepNothing(Named named) throws Exception {
        Runner runner = named.make().get();
        assumeTrue(runner.capabilities().contains(Capability.PROMPT_TIMEOUT)
                || runner.capabilities().contains(Capability.PARALLEL));
        try (runner) {
            TaskFuture<Integer> blocker = runner.submit(blocks());
            try {
                closedUnread(runner).assertNothingIsKept();
                assertFalse(blocker.isDone());
            } finally {
                blocker.cancel(true);
            }
        }
    }

    private static Held closedUnread(Runner runner) throws Exception {
        Ballast captured = new Ballast();
        List<Ballast> inputs =
                IntStream.range(0, 20).mapToObj(n -> new Ballast()).toList();
        TaskFunction<Ballast, Integer> function = input -> input.size() + captured.size();
        RunOptions options =
                RunOptions.builder().timeout(Duration.ofMillis(100)).build();
        Outcomes<Ballast, Integer> outcomes = runner.mapOutcomes(inputs, function, options);
        Iterator<Outcome<Ballast, Integer>> iterator = outcomes.iterator();
        assertThrows(java.util.concurrent.CancellationException.class, iterator::hasNext);
        assertThrows(java.util.concurrent.CancellationException.class, iterator::next);
        List<Object> gone = new ArrayList<>(List.of(captured, function, inputs));
        gone.addAll(inputs);
        return Held.of(List.of(outcomes, iterator), gone.toArray());
    }

    @ParameterizedTest
    @MethodSource("runners")
    void outcomesThatWereDroppedAreNotKeptByTheirTimer(Named named) throws Exception {
        try (Runner runner = named.make().get()) {
            dropped(runner).assertNothingIsKept();
        }
    }

    private static Held dropped(Runner runner) {
        Ballast captured = new Ballast();
        List<Ballast> inputs =
                IntStream.range(0, 20).mapToObj(n -> new Ballast()).toList();
        TaskFunction<Ballast, Integer> function = input -> input.size() + captured.size();
        RunOptions options = RunOptions.builder().timeout(Duration.ofHours(1)).build();
        Iterator<Outcome<Ballast, Integer>> iterator =
                runner.mapOutcomes(inputs, function, options).iterator();
        assertEquals(1 << 17, iterator.next().value());
        List<Object> gone = new ArrayList<>(List.of(iterator, captured, function, inputs));
        gone.addAll(inputs);
        return Held.of(runner, gone.toArray());
    }

    /** The encoded form is not an object of the caller's, so only the heap's size can show that it is gone. */
    @Test
    void futuresOfAPoolKeepNoEncodedTasks() throws Exception {
        try (Runner runner = ProcessRunner.of(1)) {
            assertEquals(1, runner.submit(() -> 1).get());
            TaskFuture<Integer> blocker = runner.submit(blocks());
            long before = usedBytes();
            List<TaskFuture<Integer>> futures = new ArrayList<>();
            for (int i = 0; i < 60; i++) {
                byte[] megabytes = new byte[2 << 20];
                TaskFuture<Integer> future = runner.submit(() -> megabytes.length);
                future.cancel(true);
                futures.add(future);
            }
            assertKeptBelow(30 << 20, before);
            blocker.cancel(true);
            for (int i = 0; i < 60; i++) {
                byte[] megabytes = new byte[2 << 20];
                TaskFuture<Integer> future = runner.submit(() -> megabytes.length);
                assertEquals(2 << 20, future.get());
                futures.add(future);
            }
            assertKeptBelow(30 << 20, before);
            assertEquals(120, futures.size());
        }
    }

    private static void assertKeptBelow(long bytes, long before) throws InterruptedException {
        long deadlineNanos = System.nanoTime() + GONE_WITHIN.toNanos();
        long kept = usedBytes() - before;
        while (kept > bytes && System.nanoTime() < deadlineNanos) {
            TimeUnit.MILLISECONDS.sleep(50);
            kept = usedBytes() - before;
        }
        assertTrue(kept <= bytes, "bytes kept: " + kept);
    }

    private static long usedBytes() {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }
}
