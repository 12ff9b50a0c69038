package dev.brigade.runner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.brigade.Runner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/**
 * Tests of the cost of a task on the channel, in system calls and bytes, which other load on the machine hardly changes. Benchmarks measure
 * the times. Linux counts calls and bytes for each process in {@code /proc/PID/io}.
 *
 * <p>Each bound leaves room above the value that was measured when the bound was set; its message names that value. A bound is to be
 * lowered when the value gets less.
 */
@EnabledOnOs(OS.LINUX)
final class ProcessCostTest {
    private static final int MAP_TASKS = 20_000;
    private static final int TASKS = 2_000;
    private static final int WORKERS = 2;
    private static final int ROUNDS = 3;

    private final Runner runner = ProcessRunner.of(WORKERS);
    private List<Path> workers = List.of();

    /** The calls and bytes of a process on files and sockets since it began. */
    private record Io(long writes, long writtenBytes, long reads) {
        static Io of(Path file) throws IOException {
            List<String> lines = Files.readAllLines(file);
            return new Io(number(lines, "syscw: "), number(lines, "wchar: "), number(lines, "syscr: "));
        }

        private static long number(List<String> lines, String name) {
            String line = lines.stream()
                    .filter(candidate -> candidate.startsWith(name))
                    .findFirst()
                    .orElseThrow();
            return Long.parseLong(line.substring(name.length()));
        }
    }

    /** The average cost of one task, for the parent and for all workers together. */
    private record Cost(List<Io> before, List<Io> after, int tasks) {
        double parent(ToLongFunction<Io> what) {
            return (what.applyAsLong(after.get(0)) - what.applyAsLong(before.get(0))) / (double) tasks;
        }

        double workers(ToLongFunction<Io> what) {
            long sum = 0;
            for (int i = 1; i < after.size(); i++) {
                sum += what.applyAsLong(after.get(i)) - what.applyAsLong(before.get(i));
            }
            return sum / (double) tasks;
        }

        @Override
        public String toString() {
            return String.format(
                    "per item: parent %.2f writes of %.1f bytes, %.2f reads; workers %.2f writes of %.1f bytes, %.2f reads",
                    parent(Io::writes),
                    parent(Io::writtenBytes),
                    parent(Io::reads),
                    workers(Io::writes),
                    workers(Io::writtenBytes),
                    workers(Io::reads));
        }
    }

    @BeforeEach
    void startAllWorkers() throws Exception {
        Set<Long> pids = new HashSet<>();
        for (int round = 0; round < 100 && pids.size() < WORKERS; round++) {
            pids.addAll(runner.map(List.of(1, 2, 3, 4), i -> {
                Thread.sleep(20);
                return ProcessHandle.current().pid();
            }));
        }
        assertEquals(WORKERS, pids.size(), "both workers are up");
        workers = pids.stream().map(pid -> Path.of("/proc/" + pid + "/io")).toList();
        mapAll();
    }

    @AfterEach
    void close() {
        runner.close();
    }

    private void mapAll() throws Exception {
        List<Integer> inputs = IntStream.range(0, MAP_TASKS).boxed().toList();
        List<Integer> results = runner.map(inputs, i -> i + 1);
        assertEquals(MAP_TASKS, results.size());
        assertEquals(MAP_TASKS, results.get(MAP_TASKS - 1));
    }

    private List<Io> look() throws IOException {
        List<Io> all = new ArrayList<>();
        all.add(Io.of(Path.of("/proc/self/io")));
        for (Path worker : workers) {
            all.add(Io.of(worker));
        }
        return all;
    }

    /**
     * Measures the cost of some work. Load makes workers give back and take over tasks, which only adds to the cost, so the least of a few
     * rounds counts.
     */
    private Least least(int tasks, Work work) throws Exception {
        List<Cost> costs = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            List<Io> before = look();
            work.run();
            costs.add(new Cost(before, look(), tasks));
        }
        return new Least(costs);
    }

    /** The work that is measured. */
    private interface Work {
        void run() throws Exception;
    }

    /** The least of several measurements, for each kind of cost. */
    private record Least(List<Cost> costs) {
        void parent(ToLongFunction<Io> what, double bound, String why) {
            check(cost -> cost.parent(what), bound, why);
        }

        void workers(ToLongFunction<Io> what, double bound, String why) {
            check(cost -> cost.workers(what), bound, why);
        }

        private void check(ToDoubleFunction<Cost> what, double bound, String why) {
            double least = costs.stream().mapToDouble(what).min().orElseThrow();
            assertTrue(least <= bound, why + ": at most " + bound + ", were " + least + " in " + costs);
        }
    }

    @Test
    void aMapOverTrivialInputsIsCheapOnTheChannel() throws Exception {
        Least least = least(MAP_TASKS, this::mapAll);
        least.parent(Io::writtenBytes, 42, "bytes of a request, one frame of 36");
        least.workers(
                Io::writtenBytes, 8, "bytes on the channel for a result: only what rings the parent (0.2 to 1.4)");
        least.workers(Io::writes, 0.2, "results go through memory (0.01 to 0.04)");
        least.parent(Io::writes, 0.2, "many requests a write (0.01 to 0.04)");
        least.parent(Io::reads, 0.2, "many results a look (0.01)");
        least.workers(Io::reads, 0.2, "many requests a read (0.01)");
    }

    @Test
    void aRoundTripIsCheapOnTheChannel() throws Exception {
        Least least = least(TASKS, () -> {
            for (int i = 0; i < TASKS; i++) {
                int input = i;
                assertEquals(i + 1, runner.submit(() -> input + 1).get());
            }
        });
        least.parent(Io::writtenBytes, 450, "bytes of task, empty input and release (347)");
        least.workers(Io::writtenBytes, 36, "bytes that ring the parent, one frame of 32");
        least.workers(Io::writes, 1.1, "the parent is rung once");
        least.parent(Io::writes, 2.2, "request and release (1.9)");
        least.workers(Io::reads, 2.2, "request and release (1.8)");
        least.parent(Io::reads, 1.2, "a result (1.0)");
    }
}
