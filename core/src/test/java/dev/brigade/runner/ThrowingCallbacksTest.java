package dev.brigade.runner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.brigade.Outcome;
import dev.brigade.Outcome.State;
import dev.brigade.Outcomes;
import dev.brigade.RetryPolicy;
import dev.brigade.RunOptions;
import dev.brigade.Runner;
import dev.brigade.Task;
import dev.brigade.TaskContext;
import dev.brigade.TaskFuture;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Tests that callbacks may throw anything: no outcome is lost, no thread waits for ever, and no permit stays taken. */
@Timeout(60)
class ThrowingCallbacksTest {
    private static final long PATIENCE_SECONDS = 20;

    /** The kinds of throwable of a callback. A lambda of Kotlin, or one under Lombok's SneakyThrows, throws checked exceptions, too. */
    enum Kind {
        RUNTIME_EXCEPTION,
        ERROR,
        CHECKED,
        OUT_OF_MEMORY;

        Throwable made() {
            return switch (this) {
                case RUNTIME_EXCEPTION -> new IllegalStateException("a callback that throws, on purpose");
                case ERROR -> new AssertionError("a callback that throws, on purpose");
                case CHECKED -> new IOException("a callback that throws, on purpose");
                case OUT_OF_MEMORY -> new OutOfMemoryError("a callback that throws, on purpose");
            };
        }

        @SuppressWarnings("TypeParameterUnusedInFormals") // it never returns
        <T> T fire() {
            return ThrowingCallbacksTest.<RuntimeException, T>sneaky(made());
        }
    }

    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // throws checked exceptions as those languages do
    private static <E extends Throwable, T> T sneaky(Throwable thrown) throws E {
        throw (E) thrown;
    }

    private record Named(String name, Supplier<Runner> make) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Arguments> kindsAndRunners() {
        List<Named> runners = new ArrayList<>(List.of(
                new Named("sequential", SequentialRunner::of),
                new Named("threads(1)", () -> ThreadRunner.of(1)),
                new Named("async", AsyncRunner::of),
                new Named("processes(1)", () -> ProcessRunner.of(1))));
        if (Runtime.version().feature() >= 21) {
            runners.add(new Named(
                    "virtual(1)", () -> ThreadRunner.builder().virtual(1).build()));
        }
        return Stream.of(Kind.values()).flatMap(kind -> runners.stream().map(runner -> arguments(kind, runner)));
    }

    private static int fails() {
        throw new IllegalArgumentException("mine");
    }

    @ParameterizedTest
    @MethodSource("kindsAndRunners")
    void aRetryTestThatThrowsMeansNoRetry(Kind kind, Named named) throws Exception {
        RetryPolicy retry = RetryPolicy.builder()
                .maxAttempts(3)
                .retryIf(failure -> kind.<Boolean>fire())
                .build();
        RunOptions options = RunOptions.builder().retry(retry).build();
        try (Runner runner = named.make().get()) {
            Task<Integer> fails = ThrowingCallbacksTest::fails;
            Outcome<Void, Integer> one = outcome(runner.submit(fails, options));
            assertEquals("mine", Objects.requireNonNull(one.exception()).getMessage());
            assertEquals(1, one.attempts());
            for (Outcome<Integer, Integer> each : runner.mapOutcomes(List.of(1, 2, 3), n -> fails(), options)) {
                assertEquals("mine", Objects.requireNonNull(each.exception()).getMessage());
            }
            assertEquals(1, outcome(runner.submit(() -> 1)).value(), "the place is free");
        }
    }

    private static <T> Outcome<Void, T> outcome(TaskFuture<T> future) throws Exception {
        future.toCompletableFuture().handle((value, failure) -> 0).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        return future.awaitOutcome();
    }

    @ParameterizedTest
    @MethodSource("kindsAndRunners")
    void aRetryTestThatThrowsAfterATimeoutMeansNoRetry(Kind kind, Named named) throws Exception {
        RunOptions options = RunOptions.builder()
                .taskTimeout(Duration.ofMillis(20))
                .retry(RetryPolicy.builder()
                        .maxAttempts(3)
                        .retryIf(failure -> kind.<Boolean>fire())
                        .build())
                .build();
        Task<Integer> sleeps = () -> {
            TimeUnit.SECONDS.sleep(PATIENCE_SECONDS);
            return 1;
        };
        Task<Integer> never = Task.async(() -> {
            CompletableFuture<Integer> stage = new CompletableFuture<>();
            TaskContext.current().onCancel(() -> stage.cancel(false));
            return stage;
        });
        try (Runner runner = named.make().get()) {
            Outcome<Void, Integer> one = outcome(runner.submit(named.name().equals("async") ? never : sleeps, options));
            assertEquals(State.TIMED_OUT, one.state());
        }
    }

    @ParameterizedTest
    @MethodSource("kindsAndRunners")
    void aListenerThatThrowsLosesNoOutcome(Kind kind, Named named) throws Exception {
        AtomicInteger told = new AtomicInteger();
        RunOptions options = RunOptions.builder()
                .ordered(true)
                .onProgress(progress -> {
                    told.incrementAndGet();
                    kind.fire();
                })
                .build();
        try (Runner runner = named.make().get()) {
            List<Integer> values = new ArrayList<>();
            for (Outcome<Integer, Integer> one : runner.mapOutcomes(List.of(1, 2, 3), n -> 10 * n, options)) {
                values.add(one.value());
            }
            assertEquals(List.of(10, 20, 30), values);
            assertEquals(List.of(10, 20, 30), runner.map(List.of(1, 2, 3), n -> 10 * n, options));
            assertEquals(6, told.get());
            assertEquals(1, outcome(runner.submit(() -> 1, options)).value());
        }
    }

    @Test
    void anInterruptThatAListenerThrowsIsTheConsumers() throws Exception {
        RunOptions options = RunOptions.builder()
                .onProgress(
                        progress -> ThrowingCallbacksTest.<RuntimeException, Object>sneaky(new InterruptedException()))
                .build();
        try (Runner runner = SequentialRunner.of();
                Outcomes<Integer, Integer> outcomes = runner.mapOutcomes(List.of(1, 2, 3), n -> n, options)) {
            assertEquals(1, outcomes.iterator().next().value());
            assertTrue(Thread.interrupted(), "the next wait is to throw");
        }
        CountDownLatch never = new CountDownLatch(1);
        try (Runner runner = ThreadRunner.of(2)) {
            assertThrows(
                    InterruptedException.class,
                    () -> runner.map(
                            List.of(1, 2), n -> n == 1 || never.await(PATIENCE_SECONDS, TimeUnit.SECONDS), options));
            assertFalse(Thread.interrupted(), "told by the exception");
        }
    }

    @ParameterizedTest
    @EnumSource
    void anOnCancelActionThatThrowsKeepsNoOtherFromRunning(Kind kind) throws Exception {
        CountDownLatch later = new CountDownLatch(2);
        CountDownLatch begun = new CountDownLatch(1);
        try (Runner runner = ThreadRunner.of(1)) {
            TaskFuture<Integer> future = runner.submit(() -> {
                TaskContext context = TaskContext.current();
                context.onCancel(kind::fire);
                context.onCancel(later::countDown);
                begun.countDown();
                try {
                    TimeUnit.SECONDS.sleep(PATIENCE_SECONDS);
                } catch (InterruptedException e) {
                    context.onCancel(kind::fire); // at once, on this thread
                    context.onCancel(later::countDown);
                }
                return 1;
            });
            assertTrue(begun.await(PATIENCE_SECONDS, TimeUnit.SECONDS));
            assertTrue(future.cancel(true));
            assertTrue(later.await(PATIENCE_SECONDS, TimeUnit.SECONDS));
            assertEquals(2, outcome(runner.submit(() -> 2)).value(), "the place is free");
        }
    }

    @ParameterizedTest
    @EnumSource
    void anOnCancelActionThatThrowsInAWorkerKeepsNoOtherFromRunning(Kind kind, @TempDir Path directory)
            throws Exception {
        String begun = directory.resolve("begun").toString();
        String later = directory.resolve("later").toString();
        try (Runner runner = ProcessRunner.of(1)) {
            TaskFuture<Integer> future = runner.submit(() -> {
                TaskContext context = TaskContext.current();
                context.onCancel(kind::fire);
                context.onCancel(() -> create(later));
                create(begun);
                TimeUnit.SECONDS.sleep(PATIENCE_SECONDS);
                return 1;
            });
            awaitFile(begun);
            assertTrue(future.cancel(true));
            awaitFile(later);
            assertEquals(2, outcome(runner.submit(() -> 2)).value(), "the place is free");
        }
    }

    private static void create(String file) {
        try {
            Files.createFile(Path.of(file));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void awaitFile(String file) throws InterruptedException {
        long beganNanos = System.nanoTime();
        while (!Files.exists(Path.of(file))) {
            assertTrue(System.nanoTime() - beganNanos < PATIENCE_SECONDS * 1_000_000_000, file);
            TimeUnit.MILLISECONDS.sleep(2);
        }
    }

    /** Returns a stage with methods that throw, except the method named {@code works}. */
    @SuppressWarnings("unchecked")
    private static CompletionStage<Integer> throwing(Kind kind, String works, CompletableFuture<Integer> done) {
        return (CompletionStage<Integer>) Proxy.newProxyInstance(
                ThrowingCallbacksTest.class.getClassLoader(),
                new Class<?>[] {CompletionStage.class},
                (self, method, in) -> {
                    if (method.getName().equals(works)) {
                        return method.invoke(done, in);
                    }
                    throw kind == Kind.CHECKED ? new IllegalStateException("checked ones come wrapped") : kind.made();
                });
    }

    static Stream<Arguments> kindsAndThreads() {
        return kindsAndRunners().filter(each -> !each.get()[1].toString().startsWith("processes"));
    }

    @ParameterizedTest
    @MethodSource("kindsAndThreads")
    void aStageThatCannotTellHowItEndsFailsItsTask(Kind kind, Named named) throws Exception {
        try (Runner runner = named.make().get()) {
            CompletableFuture<Integer> done = CompletableFuture.completedFuture(1);
            for (String works : List.of("none", "toCompletableFuture")) {
                Task<Integer> task = Task.async(() -> throwing(kind, works, done));
                assertEquals(State.FAILED, outcome(runner.submit(task)).state());
            }
            Task<Integer> tells = Task.async(() -> throwing(kind, "whenComplete", done));
            assertEquals(1, outcome(runner.submit(tells)).value(), "whenComplete is all that is needed");
            assertEquals(2, outcome(runner.submit(() -> 2)).value(), "the place is free");
        }
    }

    /** A stage with a whenComplete that throws a checked exception, which a proxy cannot. */
    private static final class Checked extends CompletableFuture<Integer> {
        private final boolean afterwards;

        Checked(boolean afterwards) {
            this.afterwards = afterwards;
        }

        @Override
        public CompletableFuture<Integer> whenComplete(
                java.util.function.BiConsumer<? super Integer, ? super Throwable> action) {
            if (afterwards) {
                CompletableFuture<Integer> ignored = super.whenComplete(action);
            }
            return Kind.CHECKED.fire();
        }
    }

    @Test
    void aStageThatThrowsACheckedExceptionFailsItsTask() throws Exception {
        try (Runner runner = ThreadRunner.of(1)) {
            Checked done = new Checked(false);
            done.complete(1);
            Outcome<Void, Integer> failed = outcome(runner.submit(Task.async(() -> done)));
            assertTrue(failed.exception() instanceof IOException, failed::toString);
            Checked told = new Checked(true);
            told.complete(1);
            assertEquals(1, outcome(runner.submit(Task.async(() -> told))).value(), "it had told");
        }
    }

    @ParameterizedTest
    @EnumSource
    void anOutputListenerThatThrowsGetsTheLaterLines(Kind kind) throws Exception {
        BlockingQueue<String> lines = new LinkedBlockingQueue<>();
        try (Runner runner = ProcessRunner.builder()
                .workers(1)
                .outputListener(printed -> {
                    lines.add(printed.line());
                    kind.fire();
                })
                .build()) {
            for (int i = 0; i < 3; i++) {
                String line = "line " + i;
                assertEquals(0, outcome(runner.submit(() -> print(line))).value());
                assertEquals(line, lines.poll(PATIENCE_SECONDS, TimeUnit.SECONDS));
            }
        }
    }

    private static int print(String line) {
        System.out.println(line);
        return 0;
    }

    @ParameterizedTest
    @EnumSource
    void anExecutorThatThrowsFailsTheTaskThatItWasBrought(Kind kind) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(1);
        AtomicBoolean throwsNow = new AtomicBoolean(true);
        try (Runner runner = ThreadRunner.over(new Throwing(threads, throwsNow, kind), 1)) {
            assertEquals(State.FAILED, outcome(runner.submit(() -> 1)).state());
            assertFalse(runner.mapOutcomes(List.of(1), n -> n).iterator().next().isSuccess());
            throwsNow.set(false);
            assertEquals(2, outcome(runner.submit(() -> 2)).value(), "the place is free");
        } finally {
            threads.shutdownNow();
        }
    }

    private static final class Throwing extends AbstractExecutorService {
        private final ExecutorService delegate;
        private final AtomicBoolean throwsNow;
        private final Kind kind;

        Throwing(ExecutorService delegate, AtomicBoolean throwsNow, Kind kind) {
            this.delegate = delegate;
            this.throwsNow = throwsNow;
            this.kind = kind;
        }

        @Override
        public void execute(Runnable command) {
            if (throwsNow.get()) {
                kind.fire();
            }
            delegate.execute(command);
        }

        @Override
        public void shutdown() {
            delegate.shutdown();
        }

        @Override
        public List<Runnable> shutdownNow() {
            return delegate.shutdownNow();
        }

        @Override
        public boolean isShutdown() {
            return delegate.isShutdown();
        }

        @Override
        public boolean isTerminated() {
            return delegate.isTerminated();
        }

        @Override
        public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
            return delegate.awaitTermination(timeout, unit);
        }
    }

    /** An action that equals any other, or throws from its {@code equals}. */
    private record Equal(CountDownLatch ran, boolean throwing) implements Runnable {
        @Override
        public void run() {
            ran.countDown();
        }

        @Override
        public boolean equals(Object other) {
            if (throwing) {
                throw new IllegalStateException("an equals that throws, on purpose");
            }
            return true;
        }

        @Override
        public int hashCode() {
            return 1;
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"ERROR", "CHECKED"})
    void anActionIsTakenBackWhateverItsEqualsSays(Kind kind) throws Exception {
        CountDownLatch stays = new CountDownLatch(1);
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch takenBack = new CountDownLatch(1);
        try (Runner runner = ThreadRunner.of(1)) {
            TaskFuture<Integer> future = runner.submit(() -> {
                TaskContext context = TaskContext.current();
                context.onCancel(new Equal(stays, kind == Kind.ERROR));
                Runnable takesBack = context.onCancel(new Equal(takenBack, kind == Kind.ERROR));
                takesBack.run();
                begun.countDown();
                TimeUnit.SECONDS.sleep(PATIENCE_SECONDS);
                return 1;
            });
            assertTrue(begun.await(PATIENCE_SECONDS, TimeUnit.SECONDS));
            assertTrue(future.cancel(true));
            assertTrue(stays.await(PATIENCE_SECONDS, TimeUnit.SECONDS));
            assertEquals(1, takenBack.getCount());
        }
    }
}
