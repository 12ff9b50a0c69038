package dev.brigade.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.util.concurrent.Uninterruptibles;
import dev.brigade.Outcome;
import dev.brigade.Outcomes;
import dev.brigade.RunOptions;
import dev.brigade.Runner;
import dev.brigade.TaskFuture;
import dev.brigade.WorkerChannel;
import dev.brigade.process.Leftovers;
import dev.brigade.runner.ProcessRunner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs all faults at once, at random, and checks that every outcome is counted and is the one expected.
 *
 * <p>The actions of the tasks follow from a seed, which is printed; {@code -Dbrigade.seed=n} repeats them.
 */
@Timeout(value = 60, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class RandomFaultsSoakTest {
    private static final int TASKS = Soak.times(400, 10_000);
    private static final int CLOSES = Soak.times(10, 200);
    private static final int WORKERS = 4;
    private static final int HEAP_BYTES = 32 << 20;

    /** A time-out that means a hang, however busy the machine is. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** Time-out of the tasks that hang. */
    private static final Duration TASK_TIMEOUT = Duration.ofSeconds(Soak.times(3, 10));

    /** The grace limits a worker's exit as well, which is slow on a busy machine. */
    private static final Duration GRACE = Duration.ofSeconds(Soak.times(2, 5));

    private static Random random(String what) {
        long seed = Long.getLong("brigade.seed", System.nanoTime());
        System.out.println(what + ": -Dbrigade.seed=" + seed);
        return new Random(seed);
    }

    @Test
    void everyOutcomeIsTheOneExpected(@TempDir Path directory) throws Exception {
        Random random = random("soak");
        List<RandomFault.Order> orders = orders(random, TASKS, directory);
        AtomicLong printedChars = new AtomicLong();
        long beganNanos = System.nanoTime();
        try (Killer killer = new Killer(directory);
                PoolUnderTest pool = new PoolUnderTest(ProcessRunner.builder()
                        .workers(WORKERS)
                        .maxHeapBytes(HEAP_BYTES)
                        .grace(GRACE)
                        .outputListener(printed -> printedChars.addAndGet(countable(printed.line()))))) {
            Map<RandomFault, Integer> counted = countExpected(pool.runner, orders);
            System.out.println(
                    "soak: " + counted + ", " + TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - beganNanos) + " s");
            assertEquals(planned(orders), counted);
            assertEquals(counted.getOrDefault(RandomFault.IS_KILLED_FROM_OUTSIDE, 0), killer.kills.get());
            long expectedChars = (long) counted.getOrDefault(RandomFault.PRINTS_A_MEGABYTE, 0)
                    * RandomFault.PRINTED_LINES
                    * (RandomFault.LINE_CHARS - 1);
            PoolUnderTest.await("the lines that were printed", () -> printedChars.get() == expectedChars);
            pool.goesOn();
        }
    }

    /** Returns the length of a line that a task has printed, and 0 for the JVM's own lines, such as those at an OutOfMemoryError. */
    private static int countable(String line) {
        return line.startsWith("xxx") ? line.length() : 0;
    }

    private static List<RandomFault.Order> orders(Random random, int count, Path directory) {
        List<RandomFault.Order> orders = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            orders.add(new RandomFault.Order(i, RandomFault.next(random), directory.toString()));
        }
        return orders;
    }

    private static Map<RandomFault, Integer> planned(List<RandomFault.Order> orders) {
        Map<RandomFault, Integer> counts = new EnumMap<>(RandomFault.class);
        orders.forEach(order -> counts.merge(order.action(), 1, Integer::sum));
        return counts;
    }

    /**
     * Runs all tasks, counts those that end as expected, and fails at the first that does not. A task that hangs is submitted when its turn
     * comes: any time-out suits it, while the others may be slow on a busy machine.
     */
    private static Map<RandomFault, Integer> countExpected(Runner runner, List<RandomFault.Order> orders)
            throws Exception {
        OutcomeCounts tally = new OutcomeCounts();
        Deque<RandomFault.Order> hanging = new ArrayDeque<>();
        List<RandomFault.Order> others = new ArrayList<>();
        orders.forEach(order -> (order.action() == RandomFault.HANGS ? hanging : others).add(order));
        Map<RandomFault.Order, TaskFuture<Object>> hung = new LinkedHashMap<>();
        RunOptions patient = options(PATIENCE).toBuilder().ordered(false).build();
        try (Outcomes<RandomFault.Order, Object> outcomes = runner.mapOutcomes(others, RandomFault::run, patient)) {
            for (Outcome<RandomFault.Order, Object> outcome : outcomes) {
                tally.count(outcome.input(), outcome);
                while (!hanging.isEmpty() && hanging.element().number() < tally.counted()) {
                    RandomFault.Order next = hanging.remove();
                    hung.put(next, runner.submit(() -> RandomFault.run(next), options(TASK_TIMEOUT)));
                }
            }
        }
        for (RandomFault.Order last : hanging) {
            hung.put(last, runner.submit(() -> RandomFault.run(last), options(TASK_TIMEOUT)));
        }
        for (Map.Entry<RandomFault.Order, TaskFuture<Object>> one : hung.entrySet()) {
            tally.count(one.getKey(), one.getValue().awaitOutcome());
        }
        return tally.counts;
    }

    private static RunOptions options(Duration taskTimeout) {
        return RunOptions.builder().taskTimeout(taskTimeout).name("soak").build();
    }

    /** Counts the tasks that have ended as expected, each once. */
    private static final class OutcomeCounts {
        final Map<RandomFault, Integer> counts = new EnumMap<>(RandomFault.class);
        private final BitSet seen = new BitSet();

        void count(RandomFault.Order order, Outcome<?, Object> outcome) {
            if (!RandomFault.isExpected(order, outcome)) {
                throw new AssertionError(order + ": " + outcome, outcome.exception());
            }
            assertTrue(!seen.get(order.number()), () -> "twice: " + outcome);
            seen.set(order.number());
            counts.merge(order.action(), 1, Integer::sum);
        }

        int counted() {
            return seen.cardinality();
        }
    }

    /** Kills, from this process, the workers that announce themselves in a directory. */
    private static final class Killer implements AutoCloseable {
        private final Path directory;
        private final Thread thread = new Thread(this::run, "killer");
        private volatile boolean stopped;
        final AtomicInteger kills = new AtomicInteger();

        Killer(Path directory) {
            this.directory = directory;
            thread.start();
        }

        private void run() {
            try {
                while (!stopped) {
                    killAnnounced();
                    Thread.sleep(2);
                }
            } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }

        private void killAnnounced() throws IOException {
            try (Stream<Path> all = Files.list(directory)) {
                for (Path file : all.toList()) {
                    if (file.getFileName().toString().startsWith(RandomFault.ANNOUNCEMENT)) {
                        long pid = Long.parseLong(Files.readString(file));
                        Files.delete(file);
                        kills.addAndGet(ProcessHandle.of(pid).orElseThrow().destroyForcibly() ? 1 : 0);
                    }
                }
            }
        }

        @Override
        public void close() {
            stopped = true;
            Uninterruptibles.joinUninterruptibly(thread);
        }
    }

    @Test
    void aCloseAtAnyMomentLeavesNothing(@TempDir Path directory) throws Exception {
        Random random = random("closes");
        Duration longest = Duration.ZERO;
        for (int round = 0; round < CLOSES; round++) {
            Leftovers leftovers = new Leftovers();
            Runner runner = ProcessRunner.builder()
                    .workers(1 + random.nextInt(WORKERS))
                    .channel(random.nextBoolean() ? WorkerChannel.UNIX : WorkerChannel.TCP)
                    .maxHeapBytes(HEAP_BYTES)
                    .grace(Duration.ofMillis(100))
                    .closeTimeout(Duration.ofMillis(300))
                    .outputListener(output -> {})
                    .build();
            List<TaskFuture<Object>> futures = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                RandomFault[] actions = RandomFault.values();
                RandomFault.Order order = new RandomFault.Order(
                        100 * round + i, actions[random.nextInt(actions.length)], directory.toString());
                futures.add(runner.submit(() -> RandomFault.run(order)));
            }
            Thread.sleep(random.nextInt(600)); // the close comes at a random moment
            Duration took = close(runner, random.nextBoolean());
            longest = took.compareTo(longest) > 0 ? took : longest;
            futures.forEach(future -> assertTrue(future.isDone(), future::toString));
            leftovers.assertNone();
        }
        System.out.println("closes: " + CLOSES + " rounds, the longest close took " + longest);
        Duration bound = Duration.ofSeconds(10);
        assertTrue(longest.compareTo(bound) < 0, "the longest close took " + longest);
    }

    private static Duration close(Runner runner, boolean now) {
        long beganNanos = System.nanoTime();
        if (now) {
            runner.closeNow();
        } else {
            runner.close();
        }
        return Duration.ofNanos(System.nanoTime() - beganNanos);
    }
}
