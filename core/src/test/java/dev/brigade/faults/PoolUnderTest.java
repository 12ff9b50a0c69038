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
 * A process runner to which a test does harm. It must keep four promises: only the harmful task fails, and says why; no caller hangs; the
 * next hundred tasks succeed; after the close nothing is left.
 */
final class PoolUnderTest implements AutoCloseable {
    /** Far longer than anything takes here, so that reaching it means a hang. */
    static final long WAIT_SECONDS = 30;

    static final Duration WAIT = Duration.ofSeconds(WAIT_SECONDS);
    static final int FAILING = 7;
    private static final int TASKS = 20;
    private static final int NEXT = 100;
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(6);

    /** Twice the time for draining, as {@code Runner.close} says, and some time for a busy machine. */
    private static final Duration CLOSE_BOUND = Duration.ofSeconds(20);

    private final Leftovers leftovers = new Leftovers();
    final Runner runner;

    PoolUnderTest(ProcessRunner.Builder builder) {
        runner = builder.closeTimeout(CLOSE_TIMEOUT).build();
    }

    /**
     * Runs a batch in which one task does the action: all others succeed, and so do the next hundred tasks. Returns the outcome of that
     * task.
     */
    Outcome<Integer, Object> outcomeOf(Task<?> action, RunOptions options) throws Exception {
        TaskFunction<Integer, Object> function = n -> n == FAILING ? action.call() : n;
        List<Outcome<Integer, Object>> outcomes = outcomes(numbers(TASKS), function, options);
        for (Outcome<Integer, Object> outcome : outcomes) {
            if (outcome.index() != FAILING) {
                assertEquals(outcome.input(), outcome.value(), outcome::toString);
            }
        }
        goesOn();
        return outcomes.get(FAILING);
    }

    /** Like {@link #outcomeOf}, for an action that must fail. Returns its exception. */
    Throwable failure(Task<?> action) throws Exception {
        Outcome<Integer, Object> outcome = outcomeOf(action, RunOptions.defaults());
        assertEquals(Outcome.State.FAILED, outcome.state(), outcome::toString);
        return outcome.exception();
    }

    /** Like {@link #outcomeOf}, for an action that must cost its worker. */
    WorkerLostException lost(Task<?> action) throws Exception {
        return assertInstanceOf(WorkerLostException.class, failure(action));
    }

    /**
     * Runs an action that must be killed at its time-out. A batch without a time-out succeeds beside it, and so do the next hundred tasks.
     */
    WorkerLostException killedFor(Duration taskTimeout, Task<?> action) throws Exception {
        goesOn(); // the first task in a cold JVM is slow, and must not be the late one
        RunOptions limited = RunOptions.builder().taskTimeout(taskTimeout).build();
        TaskFuture<?> killed = runner.submit(action, limited);
        TaskFunction<Integer, Integer> identity = n -> n;
        for (Outcome<Integer, Integer> other : outcomes(numbers(TASKS), identity, RunOptions.defaults())) {
            assertEquals(other.input(), other.value(), other::toString);
        }
        await("end of the task", killed::isDone);
        Outcome<Void, ?> outcome = killed.awaitOutcome();
        goesOn();
        assertEquals(Outcome.State.TIMED_OUT, outcome.state(), outcome::toString);
        TaskTimeoutException late = assertInstanceOf(TaskTimeoutException.class, outcome.exception());
        WorkerLostException lost = assertInstanceOf(WorkerLostException.class, late.getCause(), late::toString);
        assertEquals(WorkerLostException.Reason.KILLED, lost.reason(), lost::getMessage);
        return lost;
    }

    /** Asserts that the next hundred tasks succeed. */
    void goesOn() throws Exception {
        goesOn(runner);
    }

    static void goesOn(Runner runner) throws Exception {
        RunOptions bounded = RunOptions.builder().timeout(WAIT).build();
        assertEquals(numbers(NEXT), runner.map(numbers(NEXT), n -> n, bounded));
    }

    /** Returns all outcomes, in the order of the inputs; waits at most {@link #WAIT}. */
    <I, R> List<Outcome<I, R>> outcomes(Iterable<I> inputs, TaskFunction<I, R> function, RunOptions options) {
        List<Outcome<I, R>> all = new ArrayList<>();
        RunOptions bounded = options.toBuilder().ordered(true).timeout(WAIT).build();
        try (Outcomes<I, R> outcomes = runner.mapOutcomes(inputs, function, bounded)) {
            outcomes.forEach(all::add);
        }
        return all;
    }

    /** Returns the task's result; waits at most {@link #WAIT}. */
    <T> T get(Task<T> task) throws Exception {
        return get(runner.submit(task));
    }

    static <T> T get(TaskFuture<T> future) throws Exception {
        return future.get(WAIT_SECONDS, TimeUnit.SECONDS);
    }

    /** Returns the exception of a task that fails; waits at most {@link #WAIT}. */
    static Throwable failureOf(TaskFuture<?> future) {
        return assertThrows(ExecutionException.class, () -> get(future)).getCause();
    }

    /** Returns the process id of a worker. */
    long pid() throws Exception {
        return get(() -> ProcessHandle.current().pid());
    }

    /**
     * Starts both workers, so that they cannot disturb a later count of processes. Returns their process ids. Only the test's time-out
     * limits the wait.
     */
    Set<Long> bothWorkers() throws Exception {
        Set<Long> pids = new HashSet<>();
        while (pids.size() < 2) {
            pids.clear();
            pids.addAll(runner.map(numbers(4), n -> {
                Thread.sleep(5); // long enough for two workers to be needed
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

    /** Closes the runner; asserts that this takes no longer than the bound and leaves nothing behind. */
    @Override
    public void close() {
        long beganNanos = System.nanoTime();
        runner.close();
        Duration took = Duration.ofNanos(System.nanoTime() - beganNanos);
        assertTrue(took.compareTo(CLOSE_BOUND) < 0, () -> "the close took " + took);
        leftovers.assertNone();
    }
}
