package dev.brigade.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.brigade.Outcome;
import dev.brigade.Outcomes;
import dev.brigade.RunOptions;
import dev.brigade.Runner;
import dev.brigade.Task;
import dev.brigade.TaskFunction;
import dev.brigade.TaskFuture;
import dev.brigade.TaskTimeoutException;
import dev.brigade.WorkerLostException;
import dev.brigade.process.Leftovers;
import dev.brigade.runner.ProcessRunner;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/**
 * A process runner that is harmed, and the four promises that it keeps all the same: the guilty task alone fails, and says why;
 * nobody hangs; the next hundred tasks succeed; and after the close nothing is left.
 */
final class PoolUnderTest implements AutoCloseable {
    /** Far beyond what anything takes here: reaching it means a hang. */
    static final long WAIT_SECONDS = 30;

    static final Duration WAIT = Duration.ofSeconds(WAIT_SECONDS);
    static final int GUILTY = 7;
    private static final int ITEMS = 20;
    private static final int NEXT = 100;
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(6);

    /** Twice the time for draining, as {@code Runner.close} says, and something for a busy machine. */
    private static final Duration CLOSE_BOUND = Duration.ofSeconds(20);

    private final Leftovers leftovers = new Leftovers();
    final Runner runner;

    PoolUnderTest(ProcessRunner.Builder builder) {
        runner = builder.closeTimeout(CLOSE_TIMEOUT).build();
    }

    /** A batch in which one task does the deed: all others succeed, and so do the next hundred. Returns how the deed ended. */
    Outcome<Integer, Object> guilty(Task<?> deed, RunOptions options) throws Exception {
        TaskFunction<Integer, Object> function = n -> n == GUILTY ? deed.call() : n;
        List<Outcome<Integer, Object>> outcomes = outcomes(numbers(ITEMS), function, options);
        for (Outcome<Integer, Object> outcome : outcomes) {
            if (outcome.index() != GUILTY) {
                assertEquals(outcome.input(), outcome.value(), outcome::toString);
            }
        }
        goesOn();
        return outcomes.get(GUILTY);
    }

    /** As {@link #guilty}, for a deed that must fail. */
    Throwable failure(Task<?> deed) throws Exception {
        Outcome<Integer, Object> outcome = guilty(deed, RunOptions.defaults());
        assertEquals(Outcome.State.FAILED, outcome.state(), outcome::toString);
        return outcome.exception();
    }

    /** As {@link #guilty}, for a deed that must take its worker down. */
    WorkerLostException lost(Task<?> deed) throws Exception {
        return assertInstanceOf(WorkerLostException.class, failure(deed));
    }

    /** For a deed that must be killed for its time-out: a batch that has none goes on beside it, and so do the next hundred. */
    WorkerLostException killedFor(Duration taskTimeout, Task<?> deed) throws Exception {
        goesOn(); // the first task takes a cold JVM its time, and is not to be the one that is late
        RunOptions limited = RunOptions.builder().taskTimeout(taskTimeout).build();
        TaskFuture<?> guilty = runner.submit(deed, limited);
        TaskFunction<Integer, Integer> innocent = n -> n;
        for (Outcome<Integer, Integer> other : outcomes(numbers(ITEMS), innocent, RunOptions.defaults())) {
            assertEquals(other.input(), other.value(), other::toString);
        }
        await("end of the deed", guilty::isDone);
        Outcome<Void, ?> outcome = guilty.awaitOutcome();
        goesOn();
        assertEquals(Outcome.State.TIMED_OUT, outcome.state(), outcome::toString);
        TaskTimeoutException late = assertInstanceOf(TaskTimeoutException.class, outcome.exception());
        WorkerLostException lost = assertInstanceOf(WorkerLostException.class, late.getCause(), late::toString);
        assertEquals(WorkerLostException.Reason.KILLED, lost.reason(), lost::getMessage);
        return lost;
    }

    /** The next hundred tasks succeed. */
    void goesOn() throws Exception {
        goesOn(runner);
    }

    static void goesOn(Runner runner) throws Exception {
        RunOptions bounded = RunOptions.builder().timeout(WAIT).build();
        assertEquals(numbers(NEXT), runner.map(numbers(NEXT), n -> n, bounded));
    }

    /** All outcomes, in the order of the inputs; bounded. */
    <I, R> List<Outcome<I, R>> outcomes(Iterable<I> inputs, TaskFunction<I, R> function, RunOptions options) {
        List<Outcome<I, R>> all = new ArrayList<>();
        RunOptions bounded = options.toBuilder().ordered(true).timeout(WAIT).build();
        try (Outcomes<I, R> outcomes = runner.mapOutcomes(inputs, function, bounded)) {
            outcomes.forEach(all::add);
        }
        return all;
    }

    /** The task's result; bounded. */
    <T> T get(Task<T> task) throws Exception {
        return get(runner.submit(task));
    }

    static <T> T get(TaskFuture<T> future) throws Exception {
        return future.get(WAIT_SECONDS, TimeUnit.SECONDS);
    }

    /** What the task failed with; bounded. */
    static Throwable failureOf(TaskFuture<?> future) {
        return assertThrows(ExecutionException.class, () -> get(future)).getCause();
    }

    /** The number of a worker's process. */
    long pid() throws Exception {
        return get(() -> ProcessHandle.current().pid());
    }

    /** Has both workers up, so that whoever counts processes later counts neither; their process numbers. The tests' bound ends it. */
    Set<Long> bothWorkers() throws Exception {
        Set<Long> pids = new HashSet<>();
        while (pids.size() < 2) {
            pids.clear();
            pids.addAll(runner.map(numbers(4), n -> {
                Thread.sleep(5); // the work: long enough for two to be wanted
                return ProcessHandle.current().pid();
            }));
        }
        return pids;
    }

    static List<Integer> numbers(int count) {
        return IntStream.range(0, count).boxed().toList();
    }

    static void await(BooleanSupplier condition) {
        await("condition", condition);
    }

    static void await(String what, BooleanSupplier condition) throws ConditionTimeoutException {
        Awaitility.await(what)
                .pollInterval(Duration.ofMillis(5))
                .pollDelay(Duration.ZERO)
                .atMost(WAIT)
                .until(condition::getAsBoolean);
    }

    static void awaitEnd(long pid) {
        await("end of process " + pid, () -> Leftovers.isGone(pid));
    }

    /** Closes within the bound, and leaves nothing. */
    @Override
    public void close() {
        long beganNanos = System.nanoTime();
        runner.close();
        Duration took = Duration.ofNanos(System.nanoTime() - beganNanos);
        assertTrue(took.compareTo(CLOSE_BOUND) < 0, () -> "the close took " + took);
        leftovers.assertNone();
    }
}
