package dev.brigade.engine.core;

import dev.brigade.Capability;
import dev.brigade.Runner;
import dev.brigade.TaskContext;
import dev.brigade.engine.time.EngineThreads;
import dev.brigade.spi.ExecutionBackend;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** The state that all batches of one runner share. */
public final class RunnerCore {
    public final Runner runner;
    public final String name;
    public final ExecutionBackend backend;
    final Dispatcher dispatcher;
    public final EngineThreads threads;
    public final RunnerLifecycle lifecycle;
    final DroppedTaskWatch droppedTaskWatch;

    /** True if the backend can kill bodies: a time-out is then reported only when the body is dead. */
    final boolean forcible;

    private final boolean queuesAhead;

    /** Permits taken: bodies that are under way or being started. */
    private final AtomicInteger taken = new AtomicInteger();

    public RunnerCore(
            Runner runner, String name, ExecutionBackend backend, Duration closeTimeout, EngineThreads threads) {
        this.runner = runner;
        this.name = name;
        this.backend = backend;
        forcible = backend.capabilities().contains(Capability.FORCIBLE_CANCEL);
        queuesAhead = backend.queuesAhead();
        dispatcher = new Dispatcher(this);
        this.threads = threads;
        lifecycle = new RunnerLifecycle(this, closeTimeout);
        droppedTaskWatch = new DroppedTaskWatch(this);
    }

    /** Returns true if the backend's limit leaves a permit; a backend that queues ahead keeps its limit itself. */
    boolean hasPermit() {
        return queuesAhead || taken.get() < backend.maxConcurrency();
    }

    boolean tryTakePermit() {
        while (true) {
            int now = taken.get();
            if (!queuesAhead && now >= backend.maxConcurrency()) {
                return false;
            }
            if (taken.compareAndSet(now, now + 1)) {
                return true;
            }
        }
    }

    /** Returns true if more permits are taken than the backend's limit allows now. */
    boolean isOverLimit() {
        return !queuesAhead && taken.get() > backend.maxConcurrency();
    }

    void freePermit() {
        taken.decrementAndGet();
    }

    boolean nothingRuns() {
        return taken.get() == 0;
    }

    /** Returns true if the calling thread may wait for tasks of this runner. */
    public boolean mayWait() {
        try {
            backend.checkMayWait();
            return true;
        } catch (IllegalStateException refused) {
            return false;
        }
    }

    /** Returns the attempt whose body is the innermost on the calling thread, of whichever runner; null if there is none of this JVM's. */
    public static @Nullable TaskAttempt<?, ?> bodyHere() {
        return TaskContext.find().orElse(null) instanceof TaskAttempt<?, ?> attempt && attempt.isCurrent()
                ? attempt
                : null;
    }

    /** Returns true if the calling thread runs a body of this runner, perhaps with another runner's body inside it. */
    public boolean isAroundThisThread() {
        for (AttemptState body = bodyHere(); body != null; body = body.outer()) {
            if (body instanceof TaskAttempt<?, ?> attempt && attempt.task.batch.engine == this) {
                return true;
            }
        }
        return false;
    }
}
