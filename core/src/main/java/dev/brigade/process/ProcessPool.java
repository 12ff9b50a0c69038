package dev.brigade.process;

import dev.brigade.Capability;
import dev.brigade.Task;
import dev.brigade.TaskFunction;
import dev.brigade.engine.Bodies;
import dev.brigade.engine.CallSpec;
import dev.brigade.engine.Strategy;
import dev.brigade.process.config.PoolSettings;
import dev.brigade.process.protocol.PoolNesting;
import dev.brigade.transport.Codec;
import dev.brigade.transport.Payload;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A pool of child JVMs: the strategy under {@link dev.brigade.runner.ProcessRunner}.
 *
 * <p>Design note: {@link PoolState} and {@link WorkerSupervisor} decide, under one lock; {@link PoolResources} owns threads, processes and sockets,
 * and comes to life with the first item. This class is what the engine sees, and joins them: every decision's effects are
 * performed after leaving the lock, on the thread that brought it about.
 */
public final class ProcessPool implements Strategy {
    private static final Set<Capability> CAPABILITIES =
            Set.copyOf(EnumSet.of(Capability.PARALLEL, Capability.FORCIBLE_CANCEL, Capability.CRASH_ISOLATION));

    private final PoolSettings settings;
    private final PoolState crew;
    private final PoolResources house;
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
        crew = new PoolState(
                settings.workers(),
                settings.maxTasksPerWorker(),
                settings.grace().toNanos());
        house = new PoolResources(
                settings, crew, settings.initializer().map(this::encode).orElse(null));
    }

    private Payload encode(Task<?> initializer) {
        return checkSize(Codec.of(CallSpec.loaderOf(initializer)).encode(initializer), "initializer");
    }

    @Override
    public Set<Capability> capabilities() {
        return CAPABILITIES;
    }

    @Override
    public int limit() {
        return settings.workers();
    }

    @Override
    public boolean queuesAhead() {
        return true;
    }

    @Override
    public <I, R> Lane<I, R> open(TaskFunction<I, R> function, CallSpec spec) {
        PoolNesting.check(settings.name(), settings.maxNesting());
        ClassLoader loader = spec.loader();
        Codec codec = Codec.of(loader, settings.resultFilter().orElse(null));
        Object sent = Bodies.toSend(function);
        Payload encoded = checkSize(codec.encode(sent), "function");
        Payload context =
                spec.context().isEmpty() ? null : checkSize(codec.encode(new HashMap<>(spec.context())), "context");
        house.tasksCameFrom(loader);
        PoolBatch.Sent what = new PoolBatch.Sent(encoded, sent instanceof Task && sent != function, context);
        return new PoolBatch<>(this, numbers.incrementAndGet(), spec, codec, what, crew.pace);
    }

    /** Refuses what is too large, before it is sent: it is that input's or that function's failure alone. */
    Payload checkSize(Payload payload, String what) {
        if (payload.size() > settings.maxPayloadBytes()) {
            throw new IllegalArgumentException("the " + what + " takes " + payload.size() + " bytes, over the limit of "
                    + settings.maxPayloadBytes() + " bytes (maxPayloadBytes)");
        }
        return payload;
    }

    int room(PoolBatch<?, ?> lane) {
        return crew.room(lane);
    }

    Running start(PoolBatch<?, ?> lane, Payload input, LossHistory losses, Attempt<Object> attempt) {
        PoolActions effects = new PoolActions();
        PoolAttempt item = new PoolAttempt(numbers.incrementAndGet(), lane, input, losses, attempt);
        if (crew.start(item, effects)) {
            house.recruit(effects);
        } else {
            effects.returned(item);
        }
        effects.perform();
        if (effects.isClockDue()) {
            house.wakeup();
        }
        return item;
    }

    void stop(PoolAttempt item, Stop why) {
        PoolActions effects = new PoolActions();
        crew.stop(item, why, effects);
        effects.perform();
        house.flush();
        house.wakeup();
    }

    void flush() {
        house.flush();
    }

    void release(PoolBatch<?, ?> lane) {
        crew.release(lane);
    }

    @Override
    public boolean close(Duration atMost) throws InterruptedException {
        try {
            return house.close(atMost);
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

    /** Kills all workers at once, without waiting: for a pool that nobody has closed. */
    public void abandon() {
        house.abandon();
    }

    /** The process of each worker that lives; for tests. */
    List<ProcessHandle> processes() {
        return house.processes();
    }

    @Override
    public String toString() {
        return "WorkerPool[" + settings.name() + ", " + settings.workers() + " workers]";
    }
}
