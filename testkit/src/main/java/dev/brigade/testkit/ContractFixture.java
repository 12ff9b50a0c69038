package dev.brigade.testkit;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.brigade.Capability;
import dev.brigade.Outcome;
import dev.brigade.Outcomes;
import dev.brigade.Runner;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;

/**
 * The environment of one test: its runner, its signals, and threads to call the runner from.
 *
 * <p>Each test gets its own as a parameter. At the end of the test, bodies that still wait are released, and the runner is closed or
 * kept for another test.
 *
 * <p><b>Thread safety</b>: none; the test's thread.
 */
public final class ContractFixture implements AutoCloseable {
    /** The time to wait for an event that must not happen. */
    static final Duration A_WHILE = Duration.ofMillis(100);

    static final Duration SHORT_GRACE = Duration.ofSeconds(1);

    /** A close time-out for a body that is stuck. */
    static final Duration SHORT_CLOSE = Duration.ofMillis(400);

    /** The tries that a test with an upper time bound has: a broken runner is late each time, a busy machine only sometimes. */
    static final int TRIES = 5;

    private final Contract contract;
    private final Duration patience;
    private final RunnerCache spare;
    private final FileLatches latches;
    private final ExecutorService callers = Executors.newCachedThreadPool(ContractFixture::daemon);
    private final List<Runner> runners = new ArrayList<>();
    private @Nullable Runner runner;
    private boolean passed;

    ContractFixture(Contract contract, Duration patience, RunnerCache spare) {
        this.contract = contract;
        this.spare = spare;
        this.patience = patience;
        latches = FileLatches.create(patience);
    }

    static Thread daemon(Runnable task) {
        Thread thread = new Thread(task, "testkit");
        thread.setDaemon(true);
        return thread;
    }

    /**
     * Returns the settings for tests with no special needs: a body that ends when it is told to has all the time it needs.
     *
     * @return the settings
     */
    public RunnerSettings settings() {
        return new RunnerSettings(patience, patience, false);
    }

    /**
     * Makes a runner that soon ends by force a body that does not end by itself.
     *
     * @return the runner, with a grace of {@link #SHORT_GRACE}
     */
    Runner impatientRunner() {
        return runner(settings().withGrace(SHORT_GRACE));
    }

    /**
     * Returns the runner under test.
     *
     * @return the runner
     */
    public Runner runner() {
        Runner known = runner;
        if (known == null) {
            known = spare.take();
            if (known == null) {
                known = runner(settings());
            } else {
                runners.add(known);
            }
            runner = known;
        }
        return known;
    }

    /** Notes that the test has passed or was skipped: its runner may be reused. */
    void passed() {
        passed = true;
    }

    /**
     * Makes another runner for this test.
     *
     * @param settings its settings; if it does not support them, the test is skipped
     * @return the runner; closed when the test ends
     */
    public Runner runner(RunnerSettings settings) {
        try {
            Runner made = contract.newRunner(settings);
            runners.add(made);
            return made;
        } catch (UnsupportedOperationException e) {
            return Assumptions.abort(String.valueOf(e.getMessage()));
        }
    }

    /**
     * Returns the signals between this test and its bodies.
     *
     * @return the signals
     */
    public FileLatches latches() {
        return latches;
    }

    /**
     * Returns the longest time that this test waits for anything.
     *
     * @return the time
     */
    public Duration patience() {
        return patience;
    }

    /**
     * Skips the test on runners that lack a capability.
     *
     * @param capability the capability
     */
    public void needs(Capability capability) {
        assumeTrue(
                runner().capabilities().contains(capability),
                () -> runner() + " does not claim " + capability + ", which this fact needs");
    }

    /**
     * Skips the test on runners that have a capability.
     *
     * @param capability the capability
     */
    public void needsNo(Capability capability) {
        assumeTrue(
                !runner().capabilities().contains(capability),
                () -> runner() + " has " + capability + ", and so this does not apply");
    }

    /**
     * Skips the test where two bodies do not run at once.
     *
     * @param kind the kind of bodies: asynchronous ones overlap on an event loop, too
     */
    public void needsOverlap(BodyKind kind) {
        assumeTrue(
                runner().maxConcurrency() >= 2,
                () -> runner() + " runs one body at a time, and this fact is about several");
        if (kind == BodyKind.BLOCKING) {
            needs(Capability.PARALLEL);
        }
    }

    /**
     * Returns true if bodies run on the thread that waits for them, so that {@code submit} returns when the task has ended.
     *
     * @return true when they do
     */
    public boolean isInline() {
        return !runner().capabilities().contains(Capability.PARALLEL)
                && !runner().capabilities().contains(Capability.PROMPT_TIMEOUT);
    }

    /**
     * Returns true if tasks reach their bodies as copies.
     *
     * @return true when they do
     */
    public boolean transports() {
        return !runner().capabilities().contains(Capability.SHARED_MEMORY);
    }

    /**
     * Makes a call on a thread of its own, as a runner's caller. On some runners the bodies then run on that thread.
     *
     * @param call the call
     * @param <T> the type of its result
     * @return its future
     */
    public <T extends @Nullable Object> Future<T> call(Callable<T> call) {
        return callers.submit(call);
    }

    /**
     * Waits for a call, no longer than this test has patience.
     *
     * @param call the call
     * @param <T> the type of its result
     * @return its result
     * @throws ExecutionException when the call threw
     * @throws InterruptedException when interrupted
     * @throws AssertionError when it is not done in time
     */
    public <T extends @Nullable Object> T result(Future<T> call) throws ExecutionException, InterruptedException {
        try {
            return call.get(patience.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw new AssertionError("the call has not returned within " + patience, e);
        }
    }

    /**
     * Waits for a call that should throw.
     *
     * @param call the call
     * @return the throwable that it threw
     * @throws InterruptedException when interrupted
     * @throws AssertionError when it returned, or is not done in time
     */
    public Throwable failure(Future<?> call) throws InterruptedException {
        try {
            Object returned = result(call);
            throw new AssertionError("the call returned " + returned + " instead of throwing");
        } catch (ExecutionException e) {
            return e.getCause() == null ? e : e.getCause();
        }
    }

    /**
     * Takes all outcomes, and closes them.
     *
     * @param outcomes the outcomes
     * @param <I> the type of the inputs
     * @param <R> the type of the results
     * @return all of them
     */
    public static <I, R> List<Outcome<I, R>> all(Outcomes<I, R> outcomes) {
        try (outcomes) {
            List<Outcome<I, R>> all = new ArrayList<>();
            outcomes.forEach(all::add);
            return all;
        }
    }

    @Override
    public void close() {
        latches.end();
        for (Runner made : runners) {
            boolean reused = passed && made == runner && spare.offer(made);
            if (!reused) {
                made.closeNow();
            }
        }
        callers.shutdownNow();
        latches.delete();
    }
}
