package dev.brigade.runner;

import static org.junit.jupiter.api.Assertions.assertEquals;
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
import dev.brigade.process.Leftovers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Tests of a process runner that ends tasks, attempts and itself. The package {@code faults} tests the harm that tasks may do to it, fault
 * by fault.
 */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class ProcessFaultsTest {
    private static final int WAIT_SECONDS = 60;
    private static final int BLAMED = 50;

    private final Leftovers leftovers = new Leftovers();

    @AfterEach
    void leavesNothing() {
        leftovers.assertNone();
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

    private static int spin() {
        int n = 0;
        while (System.nanoTime() != 0) {
            n++;
        }
        return n;
    }

    @Test
    void interruptsBeforeItKills(@TempDir Path directory) throws Exception {
        String begun = directory.resolve("begun").toString();
        try (Runner runner =
                ProcessRunner.builder().workers(1).grace(Duration.ofSeconds(20)).build()) {
            long first = runner.submit(() -> ProcessHandle.current().pid()).get(WAIT_SECONDS, TimeUnit.SECONDS);
            TaskFuture<Integer> sleeper = runner.submit(() -> {
                Files.createFile(Path.of(begun));
                Thread.sleep(60_000);
                return 1;
            });
            Awaitility.await().atMost(Duration.ofSeconds(WAIT_SECONDS)).until(() -> Files.exists(Path.of(begun)));
            sleeper.cancel(true);
            assertThrows(CancellationException.class, () -> sleeper.get(WAIT_SECONDS, TimeUnit.SECONDS));
            assertEquals(
                    first, runner.submit(() -> ProcessHandle.current().pid()).get(10, TimeUnit.SECONDS));
        }
    }

    @Test
    void tasksQueuedBehindTheBlamedOneLoseNoAttempt() throws Exception {
        try (Runner runner = ProcessRunner.of(1)) {
            runner.map(IntStream.range(0, 2000).boxed().toList(), n -> n);
            RunOptions twice =
                    RunOptions.builder().retry(RetryPolicy.ofMaxAttempts(2)).build();
            List<Outcome<Integer, Integer>> outcomes = all(
                    runner,
                    n -> {
                        if (n == BLAMED) {
                            Runtime.getRuntime().halt(1);
                        }
                        return n;
                    },
                    twice);
            for (Outcome<Integer, Integer> outcome : outcomes) {
                boolean blamed = outcome.index() == BLAMED;
                assertEquals(blamed ? 2 : 1, outcome.attempts(), outcome::toString);
                assertEquals(blamed ? Outcome.State.FAILED : Outcome.State.SUCCESS, outcome.state(), outcome::toString);
            }
        }
    }

    /** The stages that two workers may have reached. The test waits for each stage, which may pass at once. */
    private enum Moment {
        NOTHING_HAS_HAPPENED,
        A_PROCESS_IS_THERE,
        ONE_TASK_HAS_BEGUN,
        BOTH_TASKS_HAVE_BEGUN
    }

    @ParameterizedTest
    @EnumSource(Moment.class)
    void closesWhileWorkersStartAndWhileTheyRun(Moment moment, @TempDir Path directory) {
        long before = ProcessHandle.current().children().count();
        Path one = directory.resolve("one");
        Path two = directory.resolve("two");
        Runner runner = ProcessRunner.of(2);
        TaskFuture<Integer> first = runner.submit(spinning(one));
        TaskFuture<Integer> second = runner.submit(spinning(two));
        Awaitility.await()
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(1))
                .atMost(Duration.ofSeconds(WAIT_SECONDS))
                .until(() -> switch (moment) {
                    case NOTHING_HAS_HAPPENED -> true;
                    case A_PROCESS_IS_THERE ->
                        ProcessHandle.current().children().count() > before;
                    case ONE_TASK_HAS_BEGUN -> Files.exists(one) || Files.exists(two);
                    case BOTH_TASKS_HAVE_BEGUN -> Files.exists(one) && Files.exists(two);
                });
        runner.closeNow();
        assertTrue(first.isDone() && second.isDone());
    }

    /** Returns a task that makes a file when it begins, and then loops for ever. */
    private static Task<Integer> spinning(Path begun) {
        String name = begun.toString();
        return () -> {
            Files.createFile(Path.of(name));
            return spin();
        };
    }
}
