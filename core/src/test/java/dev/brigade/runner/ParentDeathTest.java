package dev.brigade.runner;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.brigade.Runner;
import dev.brigade.TaskFuture;
import dev.brigade.process.Leftovers;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests that workers do not outlive their parent process. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class ParentDeathTest {
    @BeforeAll
    static void prepare() {
        Leftovers.prepare();
    }

    private static final int WORKERS = 2;

    /** A parent that prints its workers' process ids, and then ends by itself or waits to be killed. */
    public static final class Parent {
        private Parent() {}

        /** Takes an argument that says if the workers are busy, and if this process exits, halts or waits. */
        public static void main(String[] arguments) throws Exception {
            Runner runner = ProcessRunner.of(WORKERS);
            List<Long> pids = List.of();
            while (pids.stream().distinct().count() < WORKERS) {
                pids = runner.map(IntStream.range(0, 20).boxed().toList(), n -> {
                    Thread.sleep(5);
                    return ProcessHandle.current().pid();
                });
            }
            if (arguments[0].contains("busy")) {
                for (int i = 0; i < WORKERS; i++) {
                    String begun = Files.createTempFile("begun", "").toString();
                    TaskFuture<Integer> endless = runner.submit(() -> {
                        Files.delete(Path.of(begun));
                        while (true) {
                            Thread.onSpinWait();
                        }
                    });
                    while (Files.exists(Path.of(begun))) {
                        Thread.sleep(1);
                    }
                    assertFalse(endless.isDone());
                }
            }
            pids.stream().distinct().forEach(System.out::println);
            System.out.println("ready");
            if (arguments[0].contains("exit")) {
                System.exit(0);
            }
            if (arguments[0].contains("halt")) {
                Runtime.getRuntime().halt(0);
            }
            Thread.sleep(100_000);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"idle", "busy"})
    void workersEndWithinTwoSecondsOfTheirParentsKill(String what) throws Exception {
        Process parent = start(what);
        List<Long> pids = workersOf(parent);
        parent.toHandle().destroyForcibly();
        parent.waitFor(10, TimeUnit.SECONDS);
        Awaitility.await()
                .pollInterval(Duration.ofMillis(20))
                .atMost(Duration.ofSeconds(2))
                .until(() -> pids.stream().allMatch(Leftovers::isGone));
        Awaitility.await()
                .atMost(Duration.ofSeconds(5))
                .untilAsserted(() -> assertEquals(Set.of(), Leftovers.directoriesOf(parent.pid())));
    }

    @ParameterizedTest
    @ValueSource(strings = {"idle exit", "busy exit", "idle halt", "busy halt"})
    void workersEndWithAParentThatDoesNotClose(String what) throws Exception {
        Process parent = start(what);
        List<Long> pids = workersOf(parent);
        assertTrue(parent.waitFor(10, TimeUnit.SECONDS));
        assertEquals(0, parent.exitValue());
        Awaitility.await()
                .atMost(Duration.ofSeconds(2))
                .until(() -> pids.stream().allMatch(Leftovers::isGone));
        Awaitility.await()
                .atMost(Duration.ofSeconds(5))
                .untilAsserted(() -> assertEquals(Set.of(), Leftovers.directoriesOf(parent.pid())));
    }

    @Test
    void workersOfARunnerThatNobodyHoldsEnd() throws Exception {
        List<Long> pids = forgetARunner();
        Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> {
            System.gc();
            return pids.stream().allMatch(Leftovers::isGone);
        });
    }

    @SuppressWarnings("MustBeClosedChecker") // the point
    private static List<Long> forgetARunner() throws Exception {
        Runner runner = ProcessRunner.of(1);
        return runner.map(List.of(1), n -> ProcessHandle.current().pid());
    }

    private static Process start(String what) throws Exception {
        Process parent = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Djava.io.tmpdir=" + System.getProperty("java.io.tmpdir"),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Parent.class.getName(),
                        what)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        parent.getOutputStream().close();
        return parent;
    }

    private static List<Long> workersOf(Process parent) throws Exception {
        BufferedReader reader = new BufferedReader(new InputStreamReader(parent.getInputStream(), UTF_8));
        List<Long> pids = new java.util.ArrayList<>();
        for (String line = reader.readLine(); line != null && !line.equals("ready"); line = reader.readLine()) {
            pids.add(Long.parseLong(line));
        }
        assertEquals(WORKERS, pids.size());
        return pids;
    }
}
