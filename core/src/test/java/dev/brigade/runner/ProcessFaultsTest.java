package dev.brigade.runner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.brigade.Outcome;
import dev.brigade.Outcomes;
import dev.brigade.RetryPolicy;
import dev.brigade.RunOptions;
import dev.brigade.Runner;
import dev.brigade.Task;
import dev.brigade.TaskFunction;
import dev.brigade.TaskFuture;
import dev.brigade.TaskTimeoutException;
import dev.brigade.WorkerLostException;
import dev.brigade.WorkerLostException.Reason;
import dev.brigade.worker.Leftovers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a process runner does when tasks take their process down: the guilty one fails alone, and nothing is left. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class ProcessFaultsTest {
    private static final int WAIT_SECONDS = 60;
    private static final int GUILTY = 50;

    private final Leftovers leftovers = new Leftovers();

    @AfterEach
    void leavesNothing() {
        leftovers.assertNone();
    }

    /** Runs a hundred items of which one is guilty, and then a hundred more: all but the guilty one succeed. */
    private static WorkerLostException onlyTheGuiltyFails(Runner runner, Task<?> deed) throws Exception {
        TaskFunction<Integer, Integer> function = n -> {
            if (n == GUILTY) {
                deed.call();
            }
            return n;
        };
        List<Outcome<Integer, Integer>> outcomes = all(runner, function, RunOptions.defaults());
        assertEquals(100, outcomes.size());
        Throwable failure = null;
        for (Outcome<Integer, Integer> outcome : outcomes) {
            if (outcome.index() == GUILTY) {
                failure = outcome.exception();
            } else {
                assertEquals(Outcome.State.SUCCESS, outcome.state(), outcome::toString);
            }
        }
        List<Integer> next = IntStream.range(0, 100).boxed().toList();
        assertEquals(next, runner.map(next, n -> n));
        return assertInstanceOf(WorkerLostException.class, failure);
    }

    private static List<Outcome<Integer, Integer>> all(
            Runner runner, TaskFunction<Integer, Integer> function, RunOptions options) {
        List<Outcome<Integer, Integer>> all = new ArrayList<>();
        try (Outcomes<Integer, Integer> outcomes =
                runner.mapOutcomes(IntStream.range(0, 100).boxed().toList(), function, options)) {
            outcomes.forEach(all::add);
        }
        return all;
    }

    @Test
    void survivesSystemExit() throws Exception {
        for (int code : new int[] {0, 3, 7, 143}) {
            try (Runner runner = ProcessRunner.of(2)) {
                WorkerLostException lost = onlyTheGuiltyFails(runner, () -> {
                    System.err.println("last words");
                    System.exit(code);
                    return null;
                });
                assertEquals(Reason.EXITED, lost.reason(), lost::getMessage);
                assertEquals(code, lost.exitCode().orElseThrow());
                assertEquals(List.of("last words"), lost.stderr());
            }
        }
    }

    @Test
    void survivesHalt() throws Exception {
        try (Runner runner = ProcessRunner.of(2)) {
            WorkerLostException lost = onlyTheGuiltyFails(runner, () -> {
                Runtime.getRuntime().halt(9);
                return null;
            });
            assertEquals(Reason.EXITED, lost.reason(), lost::getMessage);
            assertEquals(9, lost.exitCode().orElseThrow());
        }
    }

    @Test
    void survivesKillMinusNine() throws Exception {
        try (Runner runner = ProcessRunner.of(2)) {
            WorkerLostException lost = onlyTheGuiltyFails(runner, () -> {
                new ProcessBuilder("kill", "-9", "" + ProcessHandle.current().pid()).start();
                Thread.sleep(60_000);
                return null;
            });
            assertEquals(Reason.SIGNALLED, lost.reason(), lost::getMessage);
            assertEquals(9, lost.signal().orElseThrow());
            assertTrue(lost.getMessage().contains("SIGKILL"), lost::getMessage);
        }
    }

    @Test
    void survivesTheEndOfItsHeap() throws Exception {
        try (Runner runner =
                ProcessRunner.builder().workers(2).maxHeapBytes(32 << 20).build()) {
            WorkerLostException lost = onlyTheGuiltyFails(runner, () -> {
                List<byte[]> all = new ArrayList<>();
                while (!all.contains(null)) { // never true, and looked at, so that the list is kept
                    all.add(new byte[1 << 20]);
                }
                return all.size();
            });
            assertEquals(Reason.OUT_OF_MEMORY, lost.reason(), lost::getMessage);
        }
    }

    @Test
    void replacesAWorkerThatSawAnOutOfMemoryError() throws Exception {
        try (Runner runner = ProcessRunner.of(1)) {
            long first = runner.submit(() -> ProcessHandle.current().pid()).get(WAIT_SECONDS, TimeUnit.SECONDS);
            TaskFuture<Integer> failing = runner.submit(() -> {
                throw new OutOfMemoryError("by hand");
            });
            ExecutionException e =
                    assertThrows(ExecutionException.class, () -> failing.get(WAIT_SECONDS, TimeUnit.SECONDS));
            assertInstanceOf(OutOfMemoryError.class, e.getCause());
            long second = runner.submit(() -> ProcessHandle.current().pid()).get(WAIT_SECONDS, TimeUnit.SECONDS);
            assertTrue(first != second, "another process");
        }
    }

    @Test
    void keepsAWorkerThatOverflowedItsStack() throws Exception {
        try (Runner runner = ProcessRunner.of(1)) {
            long first = runner.submit(() -> ProcessHandle.current().pid()).get(WAIT_SECONDS, TimeUnit.SECONDS);
            TaskFuture<Integer> failing = runner.submit(() -> overflow(0));
            ExecutionException e =
                    assertThrows(ExecutionException.class, () -> failing.get(WAIT_SECONDS, TimeUnit.SECONDS));
            assertInstanceOf(StackOverflowError.class, e.getCause());
            assertEquals(
                    first, runner.submit(() -> ProcessHandle.current().pid()).get(WAIT_SECONDS, TimeUnit.SECONDS));
        }
    }

    @SuppressWarnings("InfiniteRecursion") // the fault under test
    private static int overflow(int depth) {
        return 1 + overflow(depth + 1);
    }

    @Test
    void survivesTheDeathOfAnIdleWorker() throws Exception {
        try (Runner runner = ProcessRunner.of(1)) {
            long pid = runner.submit(() -> ProcessHandle.current().pid()).get(WAIT_SECONDS, TimeUnit.SECONDS);
            ProcessHandle.of(pid).orElseThrow().destroyForcibly();
            Awaitility.await()
                    .atMost(Duration.ofSeconds(10))
                    .until(() -> ProcessHandle.of(pid).isEmpty());
            Thread.sleep(100);
            List<Integer> next = IntStream.range(0, 100).boxed().toList();
            assertEquals(next, runner.map(next, n -> n));
        }
    }

    @Test
    void killsAnEndlessLoopAtItsTimeout() throws Exception {
        try (Runner runner =
                ProcessRunner.builder().workers(2).grace(Duration.ofMillis(500)).build()) {
            runner.map(List.of(1, 2), n -> n);
            RunOptions options =
                    RunOptions.builder().taskTimeout(Duration.ofMillis(500)).build();
            TaskFuture<Integer> endless = runner.submit(ProcessFaultsTest::spin, options);
            long began = System.nanoTime();
            ExecutionException e =
                    assertThrows(ExecutionException.class, () -> endless.get(WAIT_SECONDS, TimeUnit.SECONDS));
            long tookMillis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
            assertTrue(tookMillis < 500 + 500 + 1000, "took " + tookMillis + " ms");
            assertInstanceOf(TaskTimeoutException.class, e.getCause());
            WorkerLostException lost =
                    assertInstanceOf(WorkerLostException.class, e.getCause().getCause());
            assertEquals(Reason.KILLED, lost.reason());
            assertTrue(lost.getMessage().contains("ProcessFaultsTest.spin"), lost::getMessage);
            List<Integer> next = IntStream.range(0, 100).boxed().toList();
            assertEquals(next, runner.map(next, n -> n));
        }
    }

    private static int spin() {
        int n = 0;
        while (System.nanoTime() != 0) {
            n++;
        }
        return n;
    }

    @Test
    void saysWhyThereIsNoDumpOfAStoppedProcess() throws Exception {
        try (Runner runner =
                ProcessRunner.builder().workers(1).grace(Duration.ofMillis(300)).build()) {
            RunOptions options =
                    RunOptions.builder().taskTimeout(Duration.ofSeconds(5)).build();
            TaskFuture<Integer> frozen = runner.submit(
                    () -> {
                        new ProcessBuilder(
                                        "kill",
                                        "-STOP",
                                        "" + ProcessHandle.current().pid())
                                .start();
                        Thread.sleep(60_000);
                        return 1;
                    },
                    options);
            ExecutionException e =
                    assertThrows(ExecutionException.class, () -> frozen.get(WAIT_SECONDS, TimeUnit.SECONDS));
            assertInstanceOf(TaskTimeoutException.class, e.getCause());
            assertTrue(
                    e.getCause().getCause().getMessage().contains("process state T"),
                    e.getCause().getCause()::getMessage);
        }
    }

    @Test
    void interruptsBeforeItKills() throws Exception {
        try (Runner runner =
                ProcessRunner.builder().workers(1).grace(Duration.ofSeconds(20)).build()) {
            long first = runner.submit(() -> ProcessHandle.current().pid()).get(WAIT_SECONDS, TimeUnit.SECONDS);
            TaskFuture<Integer> sleeper = runner.submit(() -> {
                Thread.sleep(60_000);
                return 1;
            });
            Thread.sleep(200);
            sleeper.cancel(true);
            assertThrows(CancellationException.class, () -> sleeper.get(WAIT_SECONDS, TimeUnit.SECONDS));
            assertEquals(
                    first, runner.submit(() -> ProcessHandle.current().pid()).get(10, TimeUnit.SECONDS));
        }
    }

    @Test
    void killsWhatTheTaskHasStarted(@TempDir Path directory) throws Exception {
        Path pidFile = directory.resolve("pid");
        String name = pidFile.toString();
        try (Runner runner =
                ProcessRunner.builder().workers(1).grace(Duration.ofMillis(200)).build()) {
            RunOptions options =
                    RunOptions.builder().taskTimeout(Duration.ofSeconds(2)).build();
            TaskFuture<Integer> parent = runner.submit(
                    () -> {
                        Process child =
                                new ProcessBuilder("sh", "-c", "sleep 300 & echo $! > " + name + "; wait").start();
                        while (true) {
                            try {
                                child.waitFor();
                            } catch (InterruptedException swallowed) {
                                // as bad tasks do
                            }
                        }
                    },
                    options);
            assertThrows(ExecutionException.class, () -> parent.get(WAIT_SECONDS, TimeUnit.SECONDS));
        }
        long pid = Long.parseLong(Files.readString(pidFile).trim());
        Awaitility.await().atMost(Duration.ofSeconds(5)).until(() -> Leftovers.isGone(pid));
    }

    @Test
    void tasksQueuedBehindTheGuiltyLoseNoAttempt() throws Exception {
        try (Runner runner = ProcessRunner.of(1)) {
            runner.map(IntStream.range(0, 2000).boxed().toList(), n -> n);
            RunOptions twice = RunOptions.builder().retry(RetryPolicy.of(2)).build();
            List<Outcome<Integer, Integer>> outcomes = all(
                    runner,
                    n -> {
                        if (n == GUILTY) {
                            Runtime.getRuntime().halt(1);
                        }
                        return n;
                    },
                    twice);
            for (Outcome<Integer, Integer> outcome : outcomes) {
                boolean guilty = outcome.index() == GUILTY;
                assertEquals(guilty ? 2 : 1, outcome.attempts(), outcome::toString);
                assertEquals(guilty ? Outcome.State.FAILED : Outcome.State.SUCCESS, outcome.state(), outcome::toString);
            }
        }
    }

    @Test
    void failsWhatWaitsWhenNoWorkerGetsReady() throws Exception {
        Task<?> broken = () -> {
            throw new IllegalStateException("no licence");
        };
        try (Runner runner =
                ProcessRunner.builder().workers(2).initializer(broken).build()) {
            TaskFuture<Integer> one = runner.submit(() -> 1);
            TaskFuture<Integer> two = runner.submit(() -> 2);
            Throwable first = assertThrows(ExecutionException.class, () -> one.get(WAIT_SECONDS, TimeUnit.SECONDS))
                    .getCause();
            Throwable second = assertThrows(ExecutionException.class, () -> two.get(WAIT_SECONDS, TimeUnit.SECONDS))
                    .getCause();
            assertNotSame(first, second);
            WorkerLostException lost = assertInstanceOf(WorkerLostException.class, first);
            assertEquals(Reason.NEVER_READY, lost.reason());
            assertEquals(89, lost.exitCode().orElseThrow());
            assertTrue(lost.getMessage().contains("no licence"), lost::getMessage);
        }
    }

    @Test
    void saysThatThereIsNoJava() {
        try (Runner runner =
                ProcessRunner.builder().workers(1).javaHome(Path.of("/nowhere")).build()) {
            ExecutionException e = assertThrows(
                    ExecutionException.class, () -> runner.submit(() -> 1).get(WAIT_SECONDS, TimeUnit.SECONDS));
            WorkerLostException lost = assertInstanceOf(WorkerLostException.class, e.getCause());
            assertEquals(Reason.NEVER_READY, lost.reason());
            assertTrue(lost.getCause().getMessage().contains("/nowhere/bin/java"), lost.getCause()::getMessage);
        }
    }

    @Test
    void saysWhichFlagTheJvmDoesNotKnow() {
        try (Runner runner =
                ProcessRunner.builder().workers(1).jvmArgs("-XX:+NoSuchFlag").build()) {
            ExecutionException e = assertThrows(
                    ExecutionException.class, () -> runner.submit(() -> 1).get(WAIT_SECONDS, TimeUnit.SECONDS));
            assertTrue(e.getCause().getMessage().contains("NoSuchFlag"), e.getCause()::getMessage);
        }
    }

    @Test
    void killsAWorkerWhoseInitializerHangs() {
        Task<?> hangs = () -> {
            Thread.sleep(100_000);
            return null;
        };
        try (Runner runner = ProcessRunner.builder()
                .workers(1)
                .initializer(hangs)
                .startTimeout(Duration.ofSeconds(1))
                .build()) {
            ExecutionException e = assertThrows(
                    ExecutionException.class, () -> runner.submit(() -> 1).get(WAIT_SECONDS, TimeUnit.SECONDS));
            assertTrue(e.getCause().getMessage().contains("not ready within PT1S"), e.getCause()::getMessage);
        }
    }

    @Test
    void closesWhileWorkersStartAndWhileTheyRun() throws Exception {
        for (int millis : new int[] {0, 30, 100, 300, 600}) {
            Runner runner = ProcessRunner.of(2);
            TaskFuture<Integer> one = runner.submit(() -> spin());
            TaskFuture<Integer> two = runner.submit(() -> spin());
            Thread.sleep(millis);
            runner.closeNow();
            assertTrue(one.isDone() && two.isDone());
            leftovers.assertNone();
        }
    }
}
