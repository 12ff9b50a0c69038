package dev.brigade.process;

import dev.brigade.Capability;
import dev.brigade.Task;
import dev.brigade.TaskFunction;
import dev.brigade.process.config.PoolSettings;
import dev.brigade.process.protocol.PoolNesting;
import dev.brigade.process.scheduling.LossHistory;
import dev.brigade.process.scheduling.PoolAttempt;
import dev.brigade.process.scheduling.PoolBatch;
import dev.brigade.process.scheduling.PoolState;
import dev.brigade.spi.Attempt;
import dev.brigade.spi.AttemptHandle;
import dev.brigade.spi.BatchSpec;
import dev.brigade.spi.ExecutionBackend;
import dev.brigade.spi.Session;
import dev.brigade.spi.StopMode;
import dev.brigade.spi.TaskBodies;
import dev.brigade.spi.TaskForm;
import dev.brigade.transport.Codec;
import dev.brigade.transport.Payload;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A pool of child JVMs: the backend under {@link dev.brigade.runner.ProcessRunner}.
 *
 * <p>Design note: {@link PoolState} decides, under one lock; {@link PoolResources} owns threads, processes and sockets, and comes to
 * life with the first task. This class is what the engine sees, and joins them.
 */
public final class ProcessPool implements ExecutionBackend {
    private static final Set<Capability> CAPABILITIES =
            Set.copyOf(EnumSet.of(Capability.PARALLEL, Capability.FORCIBLE_CANCEL, Capability.CRASH_ISOLATION));

    private final PoolSettings settings;
    private final PoolState state;
    private final PoolResources resources;

    /** The last number of an attempt or batch; see {@link #nextNumber}. */
    private final AtomicInteger numbers = new AtomicInteger();

    private volatile Runnable whenClosed = () -> {};

    /**
     * Makes a pool; no process is started before there is something to do.
     *
     * @param settings what was chosen
     * @throws IllegalArgumentException when the initializer cannot be transported: the message names the class and field
     */
    public ProcessPool(PoolSettings settings) {
        this.settings = settings;
        resources = new PoolResources(
                settings, settings.initializer().map(this::encode).orElse(null));
        state = resources.state();
    }

    private Payload encode(Task<?> initializer) {
        return checkSize(Codec.of(BatchSpec.loaderOf(initializer)).encode(initializer), "initializer");
    }

    @Override
    public Set<Capability> capabilities() {
        return CAPABILITIES;
    }

    @Override
    public int maxConcurrency() {
        return settings.workers();
    }

    @Override
    public boolean queuesAhead() {
        return true;
    }

    @Override
    public <I, R> Session<I, R> open(TaskFunction<I, R> function, BatchSpec spec) {
        PoolNesting.check(settings.name(), settings.maxNesting());
        ClassLoader loader = spec.loader();
        Codec codec = Codec.of(loader, settings.resultFilter().orElse(null));
        Object sent = TaskBodies.toSend(function);
        Payload encoded = checkSize(codec.encode(sent), "function");
        Payload context =
                spec.context().isEmpty() ? null : checkSize(codec.encode(new HashMap<>(spec.context())), "context");
        resources.tasksCameFrom(loader);
        PoolBatch.Common common = new PoolBatch.Common(encoded, TaskForm.of(function), context);
        long timeoutNanos = spec.taskTimeout().map(Duration::toNanos).orElse(PoolAttempt.NO_DEADLINE);
        PoolBatch batch = state.open(nextNumber(), spec.name(), spec.maxConcurrency(), timeoutNanos, common);
        resources.flush(); // this thread may have queued the frames of others
        return new ProcessSession<>(this, batch, codec);
    }

    /** From 1 to the largest, and again: the progress file has a meaning of its own for 0 and what is negative. */
    private int nextNumber() {
        return numbers.updateAndGet(ProcessPool::numberAfter);
    }

    static int numberAfter(int last) {
        return last == Integer.MAX_VALUE ? 1 : last + 1;
    }

    /** Refuses what is too large, before it is sent: it is that input's or that function's failure alone. */
    Payload checkSize(Payload payload, String what) {
        if (payload.size() > settings.maxPayloadBytes()) {
            throw new IllegalArgumentException("the " + what + " takes " + payload.size() + " bytes, over the limit of "
                    + settings.maxPayloadBytes() + " bytes (maxPayloadBytes)");
        }
        return payload;
    }

    int room(PoolBatch batch) {
        if (state.isBroken()) {
            return 1; // each that comes is refused, with the cause
        }
        return state.isClosed() ? 0 : batch.room();
    }

    AttemptHandle submit(PoolBatch batch, Codec codec, Payload input, LossHistory losses, Attempt<Object> engine) {
        resources.expectTask();
        ProcessAttempt attempt = ProcessAttempt.of(this, nextNumber(), batch, codec, input, losses, engine);
        if (!state.submit(attempt, System.nanoTime())) {
            engine.returned();
        }
        return attempt;
    }

    void stop(PoolAttempt attempt, StopMode why) {
        state.stop(attempt, why, System.nanoTime());
        resources.flush();
    }

    void flush() {
        resources.flush();
    }

    void release(PoolBatch batch) {
        state.release(batch);
        resources.flush(); // this thread may have queued the frames of others
    }

    @Override
    public boolean close(Duration atMost) throws InterruptedException {
        try {
            return resources.close(atMost);
        } finally {
            whenClosed.run();
        }
    }

    /**
     * Has something done when this has been closed.
     *
     * @param action what, short
     */
    public void whenClosed(Runnable action) {
        whenClosed = action;
    }

    /** Kills all workers at once, without waiting: for a pool that was dropped without a close. */
    public void abandon() {
        resources.abandon();
    }

    /** Breaks the pool as a failed decision does; for tests. */
    void breakDown(Throwable cause) {
        state.breakDown(cause);
        resources.flush();
    }

    /** The process of each worker that lives; for tests. */
    List<ProcessHandle> processes() {
        return resources.processes();
    }

    @Override
    public String toString() {
        return "ProcessPool[" + settings.name() + ", " + settings.workers() + " workers]";
    }
}
