package dev.brigade.engine.core;

import dev.brigade.Capability;
import dev.brigade.RunOptions;
import dev.brigade.Task;
import dev.brigade.TaskFunction;
import dev.brigade.engine.time.EngineThreads;
import dev.brigade.spi.Attempt;
import dev.brigade.spi.AttemptHandle;
import dev.brigade.spi.BatchSpec;
import dev.brigade.spi.ExecutionBackend;
import dev.brigade.spi.PreparedTask;
import dev.brigade.spi.Session;
import dev.brigade.spi.StopMode;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * A shipped engine with one batch of one task, on a backend without threads: its bodies begin and end when a test says so.
 *
 * <p>It costs microseconds, so that a test can have a million of them.
 */
final class EngineFixture implements ExecutionBackend, BatchRun.Sink<Void, String> {
    static final String VALUE = "value";

    private static final Task<String> TASK = () -> VALUE;
    private static final TaskFunction<Void, String> FUNCTION = nothing -> VALUE;
    private static final RunOptions OPTIONS =
            RunOptions.builder().taskTimeout(Duration.ofHours(1)).build();

    final RunnerCore engine;
    final AtomicInteger settlements = new AtomicInteger();
    final AtomicInteger closes = new AtomicInteger();
    private final AtomicInteger starts = new AtomicInteger();
    private final boolean endsAtOnce;
    private final Set<Capability> capabilities;

    /** The attempt that was started first. */
    volatile TaskAttempt<?, String> attempt;

    /** How the backend was told to stop the attempt; null while it was not. */
    volatile StopMode stopped;

    private volatile boolean closed;

    private EngineFixture(boolean endsAtOnce, Capability... capabilities) {
        this.endsAtOnce = endsAtOnce;
        this.capabilities = Set.of(capabilities);
        engine = new RunnerCore(null, "fixture", this, Duration.ofSeconds(5), new EngineThreads("fixture"));
    }

    /** One whose bodies go on until a test ends them, and whose timers and callbacks run on the calling thread or never. */
    static EngineFixture slow() {
        return new EngineFixture(false).withoutThreads();
    }

    /** As {@link #slow}, with bodies that can be killed: the end of one that is late is waited for. */
    static EngineFixture killable() {
        return new EngineFixture(false, Capability.FORCIBLE_CANCEL).withoutThreads();
    }

    private EngineFixture withoutThreads() {
        engine.threads.close();
        return this;
    }

    /** One whose bodies end as they begin. */
    static EngineFixture quick() {
        return new EngineFixture(true);
    }

    BatchRun<Void, String> call() {
        return new BatchRun<>(engine, FUNCTION, OPTIONS, FUNCTION, true, this);
    }

    BatchRun<Void, String> registeredCall() {
        BatchRun<Void, String> batch = call();
        engine.lifecycle.register(batch);
        return batch;
    }

    /** A task whose one attempt has been started. */
    EngineTask<Void, String> startedTask() {
        BatchRun<Void, String> batch = call();
        EngineTask<Void, String> task = new EngineTask<>(batch, 0, null);
        batch.add(task, true);
        return task;
    }

    /** Adds and starts a task. */
    static void start(EngineTask<Void, String> task) {
        task.batch.add(task, true);
    }

    /** A future whose one attempt has been started. */
    SubmittedTask<String> startedSubmission() {
        SubmittedTask<String> submission = new SubmittedTask<>(engine, TASK, OPTIONS);
        submission.start();
        return submission;
    }

    /** The state in which the task ended; what the supplier says while it has not. */
    static String stateOf(EngineTask<Void, String> task, Supplier<String> open) {
        return task.isSettled() ? task.outcome().state().toString() : open.get();
    }

    // ---- the backend

    @Override
    public Set<Capability> capabilities() {
        return capabilities;
    }

    @Override
    public int maxConcurrency() {
        return 1;
    }

    @Override
    public <I, R> Session<I, R> open(TaskFunction<I, R> function, BatchSpec spec) {
        return new OneStart<>();
    }

    @Override
    public boolean close(Duration atMost) {
        closes.incrementAndGet();
        closed = true;
        return true;
    }

    @Override
    public void settled(EngineTask<Void, String> task) {
        settlements.incrementAndGet();
    }

    @Override
    public void wake() {
        // Nobody waits.
    }

    /** Has room for one start, as long as the backend is open. */
    private final class OneStart<I, R> implements Session<I, R> {
        @Override
        public int room() {
            return closed || starts.get() > 0 ? 0 : 1;
        }

        @Override
        public PreparedTask<R> prepare(I input) {
            return this::begin;
        }

        @SuppressWarnings("unchecked") // every attempt here is the engine's, of a call above
        private AttemptHandle begin(Attempt<R> begun) {
            starts.incrementAndGet();
            attempt = (TaskAttempt<?, String>) begun;
            if (endsAtOnce) {
                attempt.ended(VALUE, null);
            }
            return how -> stopped = how;
        }
    }
}
