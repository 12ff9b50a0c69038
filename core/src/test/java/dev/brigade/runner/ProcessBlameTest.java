package dev.brigade.runner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.brigade.Outcome;
import dev.brigade.Outcome.State;
import dev.brigade.Outcomes;
import dev.brigade.RunOptions;
import dev.brigade.Runner;
import dev.brigade.TaskFunction;
import dev.brigade.TaskFuture;
import dev.brigade.WorkerLostException;
import dev.brigade.faults.DiesWhenDecoded;
import dev.brigade.process.Leftovers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Tests of the task that is blamed for a worker's death, and of the order in which tasks begin. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class ProcessBlameTest {
    private static final int WAIT_SECONDS = 60;
    private static final int WARM = 200;
    private static int counted;

    private final Leftovers leftovers = new Leftovers();

    @AfterEach
    void leavesNothing() {
        leftovers.assertNone();
    }

    /** The task is in the socket of a stopped worker, which is then killed. */
    @Test
    void aTaskThatItsWorkerHadNotBegunIsNotBlamed() throws Exception {
        try (Runner runner = ProcessRunner.of(1)) {
            long pid = runner.submit(() -> ProcessHandle.current().pid()).get(WAIT_SECONDS, TimeUnit.SECONDS);
            assertEquals(
                    0, new ProcessBuilder("kill", "-STOP", "" + pid).start().waitFor());
            Awaitility.await().atMost(Duration.ofSeconds(10)).until(() -> stateOf(pid) == 'T');
            TaskFuture<Long> next = runner.submit(() -> ProcessHandle.current().pid());
            ProcessHandle.of(pid).orElseThrow().destroyForcibly();
            Outcome<Void, Long> outcome = next.awaitOutcome();
            assertEquals(State.SUCCESS, outcome.state(), outcome::toString);
            assertEquals(1, outcome.attempts());
            assertFalse(outcome.value() == pid);
        }
    }

    /** Later tasks of the batch arrive while the pool waits before the next start. */
    @Test
    void everyTaskOfABatchFailsWhenNoWorkerCanBeStarted(@TempDir Path noJava) {
        List<Integer> inputs = IntStream.range(0, 30).boxed().toList();
        RunOptions bounded =
                RunOptions.builder().timeout(Duration.ofSeconds(WAIT_SECONDS)).build();
        int failed = 0;
        try (Runner runner = ProcessRunner.builder().workers(2).javaHome(noJava).build();
                Outcomes<Integer, Integer> outcomes = runner.mapOutcomes(inputs, n -> n, bounded)) {
            for (Outcome<Integer, Integer> outcome : outcomes) {
                WorkerLostException lost = assertInstanceOf(WorkerLostException.class, outcome.exception());
                assertEquals(WorkerLostException.Reason.NEVER_READY, lost.reason());
                failed++;
            }
        }
        assertEquals(inputs.size(), failed);
    }

    /** An operator may send SIGTERM. A task that exits with the same code is not mistaken for it. */
    @Test
    void aSigtermFromOutsideReplacesTheWorkerAfterItsTask() throws Exception {
        // On a busy machine an exit takes longer than the default grace, and would be a kill.
        Duration patient = Duration.ofSeconds(WAIT_SECONDS);
        try (Runner runner = ProcessRunner.builder().workers(1).grace(patient).build()) {
            long terminated = runner.submit(() -> {
                        long pid = ProcessHandle.current().pid();
                        new ProcessBuilder("kill", "-TERM", "" + pid).start().waitFor();
                        Thread.sleep(1000); // the task goes on meanwhile
                        return pid;
                    })
                    .get(WAIT_SECONDS, TimeUnit.SECONDS);
            long next = runner.submit(() -> ProcessHandle.current().pid()).get(WAIT_SECONDS, TimeUnit.SECONDS);
            assertNotEquals(terminated, next);
            TaskFuture<Void> exited = runner.submit(() -> {
                System.exit(128 + 15);
                return null;
            });
            assertEquals(WorkerLostException.Reason.EXITED, reasonOf(exited));
        }
    }

    /** The signal comes with the first task; the handler must be installed before that. */
    @Test
    void aSigtermInAWorkersFirstMomentsReplacesItAfterItsTask() throws Exception {
        for (int i = 0; i < 5; i++) {
            try (Runner runner = ProcessRunner.of(1)) {
                long terminated = runner.submit(ProcessBlameTest::terminate).get(WAIT_SECONDS, TimeUnit.SECONDS);
                awaitAnotherThan(terminated, runner);
            }
        }
    }

    @Test
    void aSigtermInAnInitializerReplacesTheWorkerOnceThatHasRun(@TempDir Path directory) throws Exception {
        String file = directory.resolve("terminated").toString();
        try (Runner runner = ProcessRunner.builder()
                .workers(1)
                .initializer(() -> {
                    if (Files.notExists(Path.of(file))) {
                        Files.writeString(Path.of(file), "" + terminate());
                    }
                    return null;
                })
                .build()) {
            runner.submit(() -> 1).get(WAIT_SECONDS, TimeUnit.SECONDS);
            awaitAnotherThan(Long.parseLong(Files.readString(Path.of(file))), runner);
        }
    }

    private static void awaitAnotherThan(long pid, Runner runner) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(WAIT_SECONDS))
                .until(() ->
                        runner.submit(() -> ProcessHandle.current().pid()).get(WAIT_SECONDS, TimeUnit.SECONDS) != pid);
    }

    /** Raises SIGTERM in this process, and waits for anything that this does at once. */
    private static long terminate() throws Exception {
        Class<?> signal = Class.forName("sun.misc.Signal");
        signal.getMethod("raise", signal)
                .invoke(null, signal.getConstructor(String.class).newInstance("TERM"));
        Thread.sleep(500);
        return ProcessHandle.current().pid();
    }

    /** The grace is for tasks that ignore their cancellation. A JVM that exits gets its time even without any grace. */
    @Test
    void anExitIsToldAsOneWithoutAnyGrace() throws Exception {
        try (Runner runner =
                ProcessRunner.builder().workers(1).grace(Duration.ZERO).build()) {
            TaskFuture<Void> exited = runner.submit(() -> {
                System.exit(7);
                return null;
            });
            WorkerLostException lost = assertInstanceOf(
                    WorkerLostException.class, exited.awaitOutcome().exception());
            // On a machine so busy that the exit takes longer than a second, the worker is killed then, and not before.
            boolean late = lost.getMessage().contains("it did not exit within PT1S");
            assertTrue(late || lost.reason() == WorkerLostException.Reason.EXITED, lost::getMessage);
        }
    }

    private static WorkerLostException.Reason reasonOf(TaskFuture<?> future) throws InterruptedException {
        Outcome<Void, ?> outcome = future.awaitOutcome();
        return assertInstanceOf(WorkerLostException.class, outcome.exception(), outcome::toString)
                .reason();
    }

    /** A worker sees its share of the machine's processors, unless an option says otherwise. */
    @Test
    void workersShareTheProcessors() throws Exception {
        int processors = Runtime.getRuntime().availableProcessors();
        try (Runner runner = ProcessRunner.of(processors)) {
            assertEquals(
                    List.of(1), runner.map(List.of(0), n -> Runtime.getRuntime().availableProcessors()));
        }
        try (Runner runner = ProcessRunner.builder()
                .workers(1)
                .jvmArgs("-XX:ActiveProcessorCount=5")
                .build()) {
            assertEquals(
                    List.of(5), runner.map(List.of(0), n -> Runtime.getRuntime().availableProcessors()));
        }
    }

    private static char stateOf(long pid) throws IOException {
        String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
        return stat.charAt(stat.lastIndexOf(')') + 2);
    }

    @Test
    void aFunctionThatKillsItsWorkersWhileItIsDecodedFailsItsCall() throws Exception {
        try (Runner runner = ProcessRunner.of(2)) {
            List<Outcome<Integer, Integer>> outcomes = all(runner, 100, new DiesWhenDecoded());
            int tried = 0;
            for (Outcome<Integer, Integer> outcome : outcomes) {
                WorkerLostException lost = assertInstanceOf(WorkerLostException.class, outcome.exception());
                assertEquals(5, lost.exitCode().orElseThrow());
                tried += lost.getMessage().contains("was not tried") ? 0 : 1;
            }
            assertTrue(tried >= 3 && tried <= 4, tried + " workers were lost");
            List<Integer> next = IntStream.range(0, 100).boxed().toList();
            assertEquals(next, runner.map(next, n -> n));
        }
    }

    @Test
    void bodiesThatKillTheirWorkersFailOneByOne() {
        try (Runner runner = ProcessRunner.of(2)) {
            List<Outcome<Integer, Integer>> outcomes = all(runner, 6, n -> {
                Runtime.getRuntime().halt(n + 10);
                return n;
            });
            for (Outcome<Integer, Integer> outcome : outcomes) {
                WorkerLostException lost = assertInstanceOf(WorkerLostException.class, outcome.exception());
                assertEquals(outcome.index() + 10, lost.exitCode().orElseThrow(), lost::getMessage);
            }
        }
    }

    private static List<Outcome<Integer, Integer>> all(
            Runner runner, int count, TaskFunction<Integer, Integer> function) {
        List<Outcome<Integer, Integer>> all = new ArrayList<>();
        List<Integer> inputs = IntStream.range(0, count).boxed().toList();
        try (Outcomes<Integer, Integer> outcomes = runner.mapOutcomes(inputs, function, RunOptions.defaults())) {
            outcomes.forEach(all::add);
        }
        return all;
    }

    /** Both tasks go to the only worker that runs, which has been quick until now. */
    @Test
    void aQuickTaskBehindASlowOneIsRunByAnotherWorker(@TempDir Path directory) throws Exception {
        Path begun = directory.resolve("begun");
        Path release = directory.resolve("release");
        String begunName = begun.toString();
        String releaseName = release.toString();
        try (Runner runner = quickWithOneWorkerUp()) {
            TaskFuture<String> slow = runner.submit(() -> {
                Files.createFile(Path.of(begunName));
                waitFor(releaseName);
                return "slow";
            });
            TaskFuture<String> quick = runner.submit(() -> "quick");
            assertEquals("quick", quick.get(WAIT_SECONDS, TimeUnit.SECONDS));
            assertTrue(Files.exists(begun) && !slow.isDone());
            Files.createFile(release);
            assertEquals("slow", slow.get(WAIT_SECONDS, TimeUnit.SECONDS));
        }
    }

    /**
     * As above, but later tasks keep the other worker, which is still being started, busy. Bodies that wait for an earlier body must find
     * it running, as on any runner with two permits.
     */
    @Test
    void aTaskOfAMapAfterALongOneIsBegunBeforeThoseAfterIt(@TempDir Path directory) throws Exception {
        TaskFunction<Integer, Boolean> function = untilOneBegins(directory);
        RunOptions two = RunOptions.builder().maxConcurrency(2).buffer(50).build();
        try (Runner runner = quickWithOneWorkerUp()) {
            List<Integer> inputs = IntStream.range(0, 50).boxed().toList();
            assertEquals(Collections.nCopies(50, true), runner.map(inputs, function, two));
        }
    }

    @Test
    void aTaskAfterALongOneIsBegunBeforeThoseAfterIt(@TempDir Path directory) throws Exception {
        TaskFunction<Integer, Boolean> function = untilOneBegins(directory);
        List<TaskFuture<Boolean>> futures = new ArrayList<>();
        try (Runner runner = quickWithOneWorkerUp()) {
            for (int i = 0; i < 50; i++) {
                int n = i;
                futures.add(runner.submit(() -> function.apply(n)));
            }
            for (TaskFuture<Boolean> future : futures) {
                assertTrue(future.get(WAIT_SECONDS, TimeUnit.SECONDS));
            }
        }
    }

    /** As above, but the other worker runs the last of its tasks, and a successor takes its slot. */
    @Test
    void aTaskAfterALongOneIsBegunByTheSuccessorOfAWorkerThatRetires(@TempDir Path directory) throws Exception {
        String release = directory.resolve("release").toString();
        TaskFunction<Integer, Boolean> function = untilOneBegins(directory);
        List<TaskFuture<Boolean>> futures = new ArrayList<>();
        try (Runner runner =
                ProcessRunner.builder().workers(2).maxTasksPerWorker(WARM + 1).build()) {
            warmUp(runner);
            TaskFuture<Boolean> last = runner.submit(() -> waitFor(release));
            warmUp(runner, WARM / 2); // on the second worker
            for (int i = 0; i < 50; i++) {
                int n = i;
                futures.add(runner.submit(() -> function.apply(n)));
            }
            Files.createFile(Path.of(release));
            assertTrue(last.get(WAIT_SECONDS, TimeUnit.SECONDS));
            for (TaskFuture<Boolean> future : futures) {
                assertTrue(future.get(WAIT_SECONDS, TimeUnit.SECONDS));
            }
        }
    }

    /** The worker that takes over counts the tasks in their order. */
    @Test
    void whatADeadWorkerHadQueuedIsRunBeforeWhatCameLater(@TempDir Path directory) throws Exception {
        String release = directory.resolve("release").toString();
        try (Runner runner = ProcessRunner.of(1)) {
            warmUp(runner);
            TaskFuture<Integer> failing = runner.submit(() -> {
                waitFor(release);
                Runtime.getRuntime().halt(7);
                return 0;
            });
            List<TaskFuture<Integer>> others = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                others.add(runner.submit(() -> ++counted));
            }
            Files.createFile(Path.of(release));
            assertInstanceOf(WorkerLostException.class, failing.awaitOutcome().exception());
            List<Integer> order = new ArrayList<>();
            for (TaskFuture<Integer> other : others) {
                order.add(other.get(WAIT_SECONDS, TimeUnit.SECONDS));
            }
            assertEquals(IntStream.rangeClosed(1, 200).boxed().toList(), order);
        }
    }

    private static Runner quickWithOneWorkerUp() throws Exception {
        Runner runner = ProcessRunner.of(2);
        warmUp(runner);
        return runner;
    }

    /** Runs tasks one after the other, so that one worker runs them all. */
    private static void warmUp(Runner runner) throws Exception {
        warmUp(runner, WARM);
    }

    private static void warmUp(Runner runner, int tasks) throws Exception {
        for (int i = 0; i < tasks; i++) {
            runner.submit(() -> 1).get(WAIT_SECONDS, TimeUnit.SECONDS);
        }
    }

    /** Waits 20 s at most until another process has made the file. Returns true if it has. */
    static boolean waitFor(String file) throws InterruptedException {
        long untilNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!Files.exists(Path.of(file)) && untilNanos - System.nanoTime() > 0) {
            Thread.sleep(1);
        }
        return Files.exists(Path.of(file));
    }

    /** Returns a function that waits, for 20 s at most, until the body of input 1 has begun, and returns true if it has. */
    private static TaskFunction<Integer, Boolean> untilOneBegins(Path directory) {
        String begun = directory.resolve("begun").toString();
        return n -> {
            if (n == 1) {
                Files.createFile(Path.of(begun));
            }
            return waitFor(begun);
        };
    }

    /** The stacks of a task that has ended within the grace after all are not shown for a later task. */
    @Test
    void theStacksOfOneTaskAreNotShownForAnother() throws Exception {
        RunOptions limited =
                RunOptions.builder().taskTimeout(Duration.ofMillis(200)).build();
        try (Runner runner =
                ProcessRunner.builder().workers(1).grace(Duration.ofSeconds(2)).build()) {
            long pid = runner.submit(() -> ProcessHandle.current().pid()).get(WAIT_SECONDS, TimeUnit.SECONDS);
            runner.submit(() -> ignoresItsEndFor(1500), limited).awaitOutcome();
            assertEquals(pid, runner.submit(() -> ProcessHandle.current().pid()).get(WAIT_SECONDS, TimeUnit.SECONDS));
            Outcome<Void, Integer> frozen = runner.submit(
                            () -> {
                                new ProcessBuilder(
                                                "kill",
                                                "-STOP",
                                                "" + ProcessHandle.current().pid())
                                        .start();
                                return ignoresItsEndFor(60_000);
                            },
                            limited)
                    .awaitOutcome();
            assertEquals(State.TIMED_OUT, frozen.state());
            String message = frozen.exception().getCause().getMessage();
            assertTrue(message.contains("there is no thread dump"), message);
        }
    }

    private static int ignoresItsEndFor(int millis) {
        long untilNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        int turns = 0;
        while (untilNanos - System.nanoTime() > 0) {
            turns++;
        }
        return turns;
    }
}
