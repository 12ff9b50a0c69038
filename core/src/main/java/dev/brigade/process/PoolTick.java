package dev.brigade.process;

import dev.brigade.process.protocol.FrameChannel;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What the channel's thread does between two waits: takes results, does what is due, sends what is queued.
 *
 * <p>Design note: on that thread only, except {@link #flush}.
 */
final class PoolTick implements PoolEventLoop.Clock {
    private final PoolState crew;
    private final WorkerSupervisor supervisor;
    private final ResultRingPoller vigil;
    private final Supplier<@Nullable WorkerAcceptor> gate;

    /** Something has been asked for that may be due before the time that was worked out. */
    private boolean dueAgain;

    PoolTick(
            PoolState crew,
            WorkerSupervisor supervisor,
            ResultRingPoller vigil,
            Supplier<@Nullable WorkerAcceptor> gate) {
        this.crew = crew;
        this.supervisor = supervisor;
        this.vigil = vigil;
        this.gate = gate;
    }

    @Override
    public long tick() {
        boolean news = vigil.takeAll();
        dueAgain = false;
        PoolActions effects = new PoolActions();
        long next = supervisor.tick(news, effects);
        effects.perform();
        flush();
        WorkerAcceptor open = gate.get();
        long ofGate = open == null ? next : open.tick(System.nanoTime());
        return dueAgain ? 0 : Math.min(next, ofGate);
    }

    /** There is to be another round before the next wait. */
    void again() {
        dueAgain = true;
    }

    /** Sends what is queued for any worker. Any thread. */
    void flush() {
        for (WorkerRecord worker : crew.takeDirty()) {
            FrameChannel link = worker.link;
            if (link != null) {
                link.flush();
            }
        }
    }

    @Override
    public boolean mayWait() {
        return vigil.mayWait();
    }

    @Override
    public void waited() {
        vigil.waited();
    }
}
