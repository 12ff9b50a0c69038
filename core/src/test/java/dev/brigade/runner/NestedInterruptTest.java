package dev.brigade.runner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.brigade.Outcome;
import dev.brigade.RunOptions;
import dev.brigade.Runner;
import dev.brigade.Task;
import dev.brigade.TaskContext;
import dev.brigade.TaskFuture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Tests of a nested task that runs on its parent's thread: the body that an interrupt reaches. */
@Timeout(60)
class NestedInterruptTest {
    private static final int LONG = 20;

    private record Road(
            String name, Supplier<Runner> runners, BiFunction<Runner, Callable<String>, Future<String>> submit) {
        @Override
        public String toString() {
            return name;
        }
    }

    /** Returns each way in which a nested task is submitted, and then run by its waiting parent. */
    static Stream<Road> roads() {
        return Stream.of(
                new Road("a task", () -> ThreadRunner.of(1), (runner, body) -> runner.submit(body::call)),
                new Road(
                        "a command",
                        () -> ThreadRunner.of(1),
                        (runner, body) -> runner.asExecutorService().submit(body)),
                new Road(
                        "a completion service's command",
                        () -> ThreadRunner.of(1),
                        (runner, body) ->
                                new ExecutorCompletionService<String>(runner.asExecutorService()).submit(body)));
    }

    /** Waits until it is interrupted, and consumes the interrupt. */
    private static String untilInterrupted(CountDownLatch begun) {
        begun.countDown();
        try {
            return new CountDownLatch(1).await(LONG, TimeUnit.SECONDS) ? "released" : "not interrupted";
        } catch (InterruptedException e) {
            return "took it";
        }
    }

    /**
     * Waits for a nested task. Returns {@code interrupted} if this thread was interrupted, else the task's result or the name of its
     * exception.
     */
    private static String waitsFor(Future<String> nested) {
        String ended;
        try {
            ended = nested.get();
        } catch (InterruptedException e) {
            return "interrupted";
        } catch (ExecutionException | RuntimeException e) {
            ended = e.getClass().getSimpleName();
        }
        return Thread.interrupted() ? "interrupted" : ended;
    }

    /**
     * Starts a thread that cancels a nested task. It waits for the task's handle, since the parent's thread may run the task before
     * {@code submit} returns.
     */
    private static Thread canceller(AtomicReference<Future<String>> nested, CountDownLatch begun) {
        Thread thread = new Thread(
                () -> {
                    try {
                        assertTrue(begun.await(LONG, TimeUnit.SECONDS));
                        while (nested.get() == null) {
                            Thread.onSpinWait();
                        }
                        nested.get().cancel(true);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                },
                "canceller");
        thread.start();
        return thread;
    }

    @ParameterizedTest
    @MethodSource("roads")
    void aCancelOfANestedTaskInterruptsItAndNotItsParent(Road road) throws Exception {
        if (road.name().startsWith("a completion")) {
            return; // runs before its future is known
        }
        try (Runner runner = road.runners().get()) {
            for (int round = 0; round < 200; round++) {
                CountDownLatch begun = new CountDownLatch(1);
                AtomicReference<Future<String>> nested = new AtomicReference<>();
                Thread canceller = canceller(nested, begun);
                CompletableFuture<String> saw = new CompletableFuture<>();
                TaskFuture<String> parent = runner.submit(() -> {
                    nested.set(road.submit().apply(runner, () -> {
                        String how = untilInterrupted(begun);
                        saw.complete(how);
                        return how;
                    }));
                    return waitsFor(nested.get());
                });
                assertEquals("CancellationException", parent.get(LONG, TimeUnit.SECONDS), "the parent, round " + round);
                assertEquals("took it", saw.get(LONG, TimeUnit.SECONDS), "the nested one");
                canceller.join();
            }
        }
    }

    /** The nested task is cancelled as it ends, so that the interrupt may come when the task is about to leave its thread. */
    @ParameterizedTest
    @MethodSource("roads")
    void aCancelThatComesAsTheNestedTaskEndsReachesNobodyElse(Road road) throws Exception {
        if (road.name().startsWith("a completion")) {
            return;
        }
        try (Runner runner = road.runners().get()) {
            for (int round = 0; round < 2000; round++) {
                CountDownLatch begun = new CountDownLatch(1);
                AtomicReference<Future<String>> nested = new AtomicReference<>();
                TaskFuture<String> parent = runner.submit(() -> {
                    nested.set(road.submit().apply(runner, () -> {
                        begun.countDown();
                        for (int i = 0; i < 50; i++) {
                            Thread.onSpinWait();
                        }
                        return "ended";
                    }));
                    String how = waitsFor(nested.get());
                    for (int i = 0; i < 200; i++) {
                        Thread.onSpinWait();
                    }
                    return Thread.interrupted() ? "interrupted" : how;
                });
                assertTrue(begun.await(LONG, TimeUnit.SECONDS));
                nested.get().cancel(true);
                String how = parent.get(LONG, TimeUnit.SECONDS);
                assertTrue(List.of("ended", "CancellationException").contains(how), how + " in round " + round);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("roads")
    void aParentThatIsCancelledSeesItThoughTheNestedTaskTookTheInterrupt(Road road) throws Exception {
        try (Runner runner = road.runners().get()) {
            for (int round = 0; round < 200; round++) {
                CountDownLatch begun = new CountDownLatch(1);
                CompletableFuture<String> saw = new CompletableFuture<>();
                TaskFuture<Boolean> parent = runner.submit(() ->
                        saw.complete(waitsFor(road.submit().apply(runner, () -> untilInterrupted(begun)))));
                assertTrue(begun.await(LONG, TimeUnit.SECONDS));
                assertTrue(parent.cancel(true));
                assertEquals("interrupted", saw.get(LONG, TimeUnit.SECONDS), "the parent, round " + round);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("roads")
    void aParentThatIsCancelledWithItsNestedTaskSeesItsOwnInterrupt(Road road) throws Exception {
        if (road.name().startsWith("a completion")) {
            return;
        }
        try (Runner runner = road.runners().get()) {
            for (int round = 0; round < 500; round++) {
                CountDownLatch begun = new CountDownLatch(1);
                CompletableFuture<String> saw = new CompletableFuture<>();
                AtomicReference<Future<String>> nested = new AtomicReference<>();
                Thread canceller = canceller(nested, begun);
                TaskFuture<Boolean> parent = runner.submit(() -> {
                    nested.set(road.submit().apply(runner, () -> untilInterrupted(begun)));
                    return saw.complete(waitsFor(nested.get()));
                });
                assertTrue(begun.await(LONG, TimeUnit.SECONDS));
                if (parent.cancel(true)) { // else the nested task's cancel has let it end
                    canceller.join();
                    assertTrue(saw.get(LONG, TimeUnit.SECONDS) != null);
                }
                canceller.join();
                String how = saw.get(LONG, TimeUnit.SECONDS);
                assertTrue(List.of("interrupted", "CancellationException").contains(how), how);
            }
        }
    }

    @Test
    void aGrandparentsInterruptGoesThroughAllThatRunsOnItsThread() throws Exception {
        try (Runner runner = ThreadRunner.of(1)) {
            CountDownLatch begun = new CountDownLatch(1);
            CompletableFuture<String> parentSaw = new CompletableFuture<>();
            CompletableFuture<String> grandparentSaw = new CompletableFuture<>();
            TaskFuture<Boolean> grandparent = runner.submit(() -> grandparentSaw.complete(waitsFor(runner.submit(() -> {
                String how = waitsFor(runner.submit(() -> untilInterrupted(begun)));
                parentSaw.complete(how);
                return how;
            }))));
            assertTrue(begun.await(LONG, TimeUnit.SECONDS));
            assertTrue(grandparent.cancel(true));
            assertEquals("interrupted", parentSaw.get(LONG, TimeUnit.SECONDS));
            assertEquals("interrupted", grandparentSaw.get(LONG, TimeUnit.SECONDS));
        }
    }

    @Test
    void anInterruptThatTheParentHasDealtWithDoesNotComeAgain() throws Exception {
        try (Runner runner = ThreadRunner.of(1)) {
            CountDownLatch begun = new CountDownLatch(1);
            CompletableFuture<String> saw = new CompletableFuture<>();
            RunOptions brief =
                    RunOptions.builder().taskTimeout(Duration.ofMillis(20)).build();
            TaskFuture<Boolean> parent = runner.submit(() -> {
                String first = untilInterrupted(begun);
                Outcome<Void, String> cleanUp = runner.submit(() -> untilInterrupted(new CountDownLatch(1)), brief)
                        .awaitOutcome();
                return saw.complete(first + ", " + cleanUp.state() + ", " + Thread.interrupted());
            });
            assertTrue(begun.await(LONG, TimeUnit.SECONDS));
            assertTrue(parent.cancel(true));
            assertEquals("took it, TIMED_OUT, false", saw.get(LONG, TimeUnit.SECONDS));
        }
    }

    /** One runner's body waits for a task of another runner, which runs bodies on the waiting thread. */
    @Test
    void anInterruptReachesTheBodyAroundAnotherRunners() throws Exception {
        try (Runner runner = ThreadRunner.of(1);
                Runner inline = SequentialRunner.of()) {
            CountDownLatch begun = new CountDownLatch(1);
            CompletableFuture<String> saw = new CompletableFuture<>();
            TaskFuture<Boolean> parent =
                    runner.submit(() -> saw.complete(waitsFor(inline.submit(() -> untilInterrupted(begun)))));
            assertTrue(begun.await(LONG, TimeUnit.SECONDS));
            assertTrue(parent.cancel(true));
            assertEquals("interrupted", saw.get(LONG, TimeUnit.SECONDS));
        }
    }

    /** No body is around the task: an interrupt that the caller had before stays the caller's, in any outcome of the task. */
    @ParameterizedTest
    @CsvSource({"true, true", "true, false", "false, true", "false, false"})
    void aCallerIsInterruptedAfterATaskOnItsThreadAsBefore(boolean interrupted, boolean timedOut) throws Exception {
        RunOptions brief =
                RunOptions.builder().taskTimeout(Duration.ofMillis(20)).build();
        try (Runner inline = SequentialRunner.of()) {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
            TaskFuture<Boolean> task = inline.submit(
                    () -> {
                        long endNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(LONG);
                        while (timedOut && !TaskContext.current().isCancelled() && System.nanoTime() < endNanos) {
                            Thread.onSpinWait();
                        }
                        return Thread.interrupted();
                    },
                    timedOut ? brief : RunOptions.defaults());
            assertEquals(interrupted, Thread.interrupted());
            assertEquals(
                    timedOut ? Outcome.State.TIMED_OUT : Outcome.State.SUCCESS,
                    task.awaitOutcome().state());
        } finally {
            boolean ignored = Thread.interrupted();
        }
    }

    /** In a worker, too, the nested task runs on the body's thread. */
    @Test
    void inAWorkerAParentThatIsCancelledSeesItToo(@TempDir Path folder) throws Exception {
        String begun = folder.resolve("begun").toString();
        String saw = folder.resolve("saw").toString();
        try (Runner runner = patientWorker()) {
            TaskFuture<String> parent = runner.submit(() -> {
                Runner own = TaskContext.current().runner();
                return write(saw, waitsFor(own.submit(() -> untilInterrupted(write(begun, "yes")))));
            });
            assertEquals("yes", read(begun));
            assertTrue(parent.cancel(true));
            assertEquals("interrupted", read(saw));
        }
    }

    @Test
    void inAWorkerANestedTasksInterruptIsItsOwn() throws Exception {
        try (Runner runner = patientWorker()) {
            Task<String> parent = () -> {
                RunOptions brief =
                        RunOptions.builder().taskTimeout(Duration.ofMillis(20)).build();
                Runner own = TaskContext.current().runner();
                Outcome<Void, String> nested =
                        own.submit(() -> untilInterrupted(""), brief).awaitOutcome();
                return nested.state() + ", " + Thread.interrupted();
            };
            assertEquals("TIMED_OUT, false", runner.submit(parent).get());
        }
    }

    private static String untilInterrupted(String ignored) {
        return untilInterrupted(new CountDownLatch(1));
    }

    private static String write(String file, String text) throws IOException {
        Path made = Files.writeString(Path.of(file + ".new"), text);
        Files.move(made, Path.of(file));
        return text;
    }

    private static String read(String file) throws Exception {
        long endNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(2 * LONG);
        while (!Files.exists(Path.of(file)) && System.nanoTime() < endNanos) {
            Thread.sleep(5);
        }
        return Files.readString(Path.of(file));
    }

    /** Returns a runner with a long grace, since on a busy machine a body may be slow to end. */
    private static Runner patientWorker() {
        return ProcessRunner.builder()
                .workers(1)
                .grace(Duration.ofSeconds(LONG))
                .build();
    }
}
