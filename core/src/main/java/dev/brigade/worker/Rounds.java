package dev.brigade.worker;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What the channel's thread does between two waits: takes results, does what is due, sends what is queued.
 *
 * <p>Design note: on that thread only, except {@link #flush}.
 */
final class Rounds implements IoLoop.Clock {
    private final Crew crew;
    private final Supervisor supervisor;
    private final Vigil vigil;
    private final Supplier<@Nullable Gate> gate;

    /** Something has been asked for that may be due before the time that was worked out. */
    private boolean dueAgain;

    Rounds(Crew crew, Supervisor supervisor, Vigil vigil, Supplier<@Nullable Gate> gate) {
        this.crew = crew;
        this.supervisor = supervisor;
        this.vigil = vigil;
        this.gate = gate;
    }

    @Override
    public long tick() {
        boolean news = vigil.takeAll();
        dueAgain = false;
        Effects effects = new Effects();
        long next = supervisor.tick(news, effects);
        effects.perform();
        flush();
        Gate open = gate.get();
        long ofGate = open == null ? next : open.tick(System.nanoTime());
        return dueAgain ? 0 : Math.min(next, ofGate);
    }

    /** There is to be another round before the next wait. */
    void again() {
        dueAgain = true;
    }

    /** Sends what is queued for any worker. Any thread. */
    void flush() {
        for (Worker worker : crew.takeDirty()) {
            Link link = worker.link;
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
