package dev.brigade.runner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.brigade.Outcome;
import dev.brigade.Outcomes;
import dev.brigade.RunOptions;
import dev.brigade.Runner;
import dev.brigade.TaskContext;
import dev.brigade.TaskFuture;
import dev.brigade.WorkerChannel;
import dev.brigade.process.Leftovers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.MDC;

/** Tests of a process runner when nothing goes wrong. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class ProcessRunnerTest {
    @BeforeAll
    static void prepare() {
        Leftovers.prepare();
    }

    private static final int WAIT_SECONDS = 60;
    private static int counter;

    @ParameterizedTest
    @EnumSource(
            value = WorkerChannel.class,
            names = {"UNIX", "TCP"})
    void mapsInOtherProcessesAndLeavesNothing(WorkerChannel channel) throws Exception {
        Leftovers leftovers = new Leftovers();
        try (Runner runner = ProcessRunner.builder().workers(2).channel(channel).build()) {
            List<Integer> inputs = IntStream.range(0, 20_000).boxed().toList();
            assertEquals(inputs.stream().map(n -> n + 1).toList(), runner.map(inputs, n -> n + 1));
            Set<Long> pids = new HashSet<>();
            while (pids.size() < 2) { // the second worker may still be starting; the test's time-out is the bound
                pids.addAll(runner.map(inputs.subList(0, 100), n -> {
                    Thread.sleep(1); // the work
                    return ProcessHandle.current().pid();
                }));
            }
            assertEquals(2, pids.size());
            assertFalse(pids.contains(ProcessHandle.current().pid()));
        }
        leftovers.assertNone();
    }

    @Test
    void carriesNullsAndExceptions() throws Exception {
        try (Runner runner = ProcessRunner.of(1)) {
            assertEquals(
                    Arrays.asList(null, "a!"), runner.map(Arrays.asList(null, "a"), s -> s == null ? null : s + "!"));
            TaskFuture<Integer> failing = runner.submit(() -> {
                throw new IOException("told");
            });
            ExecutionException e =
                    assertThrows(ExecutionException.class, () -> failing.get(WAIT_SECONDS, TimeUnit.SECONDS));
            assertInstanceOf(IOException.class, e.getCause());
            assertEquals("told", e.getCause().getMessage());
        }
    }

    @Test
    void tagsWhatTasksPrint() throws Exception {
        List<String> lines = new CopyOnWriteArrayList<>();
        try (Runner runner = ProcessRunner.builder()
                .workers(1)
                .outputListener(printed -> lines.add(printed.worker() + "|" + printed.task() + "|" + printed.line()))
                .build()) {
            RunOptions named = RunOptions.builder().name("talk").build();
            runner.map(
                    List.of(1, 2),
                    n -> {
                        System.out.println("out " + n);
                        System.err.print("err " + n);
                        System.out.println("äöü €");
                        return n;
                    },
                    named);
            List<String> wanted = List.of(
                    "worker-1|talk #0|out 1",
                    "worker-1|talk #0|äöü €",
                    "worker-1|talk #0|err 1",
                    "worker-1|talk #1|out 2",
                    "worker-1|talk #1|äöü €",
                    "worker-1|talk #1|err 2");
            Awaitility.await().atMost(Duration.ofSeconds(10)).until(() -> lines.size() >= wanted.size());
            assertEquals(wanted, lines);
        }
    }

    @Test
    void giveTasksTheirContext() throws Exception {
        try (Runner runner = ProcessRunner.of(1)) {
            MDC.put("request", "r-7");
            RunOptions options =
                    RunOptions.builder().taskTimeout(Duration.ofSeconds(100)).build();
            List<String> seen = runner.map(
                    List.of(1),
                    n -> {
                        TaskContext context = TaskContext.current();
                        long seconds = context.remaining().orElseThrow().toSeconds();
                        int nested = context.runner().submit(() -> 5).get();
                        return context.attempt() + " " + (seconds > 0 && seconds <= 100) + " " + nested + " "
                                + MDC.get("request");
                    },
                    options);
            assertEquals(List.of("1 true 5 r-7"), seen);
            MDC.remove("request");
            assertNull(runner.submit(() -> MDC.get("request")).get(WAIT_SECONDS, TimeUnit.SECONDS));
        } finally {
            MDC.remove("request");
        }
    }

    @Test
    void mdcOfOneTaskReachesNoOther() throws Exception {
        try (Runner runner = ProcessRunner.of(1)) {
            runner.submit(() -> {
                        MDC.put("left", "behind");
                        return 1;
                    })
                    .get(WAIT_SECONDS, TimeUnit.SECONDS);
            assertNull(runner.submit(() -> MDC.get("left")).get(WAIT_SECONDS, TimeUnit.SECONDS));
        }
    }

    @Test
    void runsTheInitializerInEachWorkerFirst() throws Exception {
        try (Runner runner = ProcessRunner.builder()
                .workers(2)
                .initializer(() -> counter = 42)
                .build()) {
            assertEquals(
                    Set.of(42),
                    new HashSet<>(runner.map(IntStream.range(0, 50).boxed().toList(), n -> counter)));
            assertEquals(0, counter, "memory is not shared");
        }
    }

    @Test
    void replacesWorkersAfterTheirNumberOfTasks() throws Exception {
        try (Runner runner =
                ProcessRunner.builder().workers(1).maxTasksPerWorker(10).build()) {
            List<Long> pids = runner.map(
                    IntStream.range(0, 35).boxed().toList(),
                    n -> ProcessHandle.current().pid());
            assertEquals(4, new HashSet<>(pids).size(), pids::toString);
        }
    }

    @Test
    void endsIdleWorkersAndStartsOthersWhenNeeded() throws Exception {
        try (Runner runner = ProcessRunner.builder()
                .workers(1)
                .idleTimeout(Duration.ofMillis(100))
                .build()) {
            long first = runner.submit(() -> ProcessHandle.current().pid()).get(WAIT_SECONDS, TimeUnit.SECONDS);
            Awaitility.await()
                    .atMost(Duration.ofSeconds(10))
                    .until(() -> ProcessHandle.of(first).isEmpty());
            long second = runner.submit(() -> ProcessHandle.current().pid()).get(WAIT_SECONDS, TimeUnit.SECONDS);
            assertNotEquals(first, second);
        }
    }

    @Test
    void aFastTaskDoesNotWaitBehindASlowOneWhileAWorkerIsIdle(@TempDir Path directory) throws Exception {
        Path go = directory.resolve("go");
        String name = go.toString();
        try (Runner runner = ProcessRunner.of(2)) {
            runner.map(IntStream.range(0, 5000).boxed().toList(), n -> n);
            RunOptions options = RunOptions.builder().ordered(false).buffer(400).build();
            List<Integer> inputs = IntStream.range(0, 400).boxed().toList();
            try (Outcomes<Integer, Boolean> outcomes =
                    runner.mapOutcomes(inputs, n -> n > 0 || ProcessBlameTest.waitFor(name), options)) {
                Iterator<Outcome<Integer, Boolean>> ended = outcomes.iterator();
                for (int fast = 1; fast < 400; fast++) {
                    assertNotEquals(0, ended.next().index(), "fast ones that came before the slow one: " + (fast - 1));
                }
                Files.createFile(go); // the slow task ends when all others have
                assertEquals(true, ended.next().value());
            }
        }
    }

    @Test
    void refusesBadOptionsWithValueBoundAndUnit() {
        assertRefused(
                "workers must be between 1 and 1024 (processes), was 0",
                ProcessRunner.builder().workers(0));
        assertRefused(
                "maxPayloadBytes must be between 65536 and 1073741824 (bytes), was 5",
                ProcessRunner.builder().maxPayloadBytes(5));
        assertRefused(
                "grace must be at least 0 s and at most " + RunOptions.MAX_DURATION + ", was PT-1S",
                ProcessRunner.builder().grace(Duration.ofSeconds(-1)));
        assertRefused(
                "startTimeout must be more than 0 s and at most " + RunOptions.MAX_DURATION + ", was PT0S",
                ProcessRunner.builder().startTimeout(Duration.ZERO));
    }

    private static void assertRefused(String message, ProcessRunner.Builder builder) {
        assertEquals(
                message,
                assertThrows(IllegalArgumentException.class, builder::build).getMessage());
    }
}
