package dev.brigade.engine.core;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Looks now and then whether what was handed to a user's executor will begin at all: one that is shut down at once, or discards,
 * tells nobody what it drops.
 *
 * <p><b>Thread safety</b>: all methods, from any thread.
 */
final class DroppedTaskWatch {
    private static final long EVERY_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final RunnerCore engine;
    private final boolean needed;

    /** Whether a look is due. */
    private final AtomicBoolean watching = new AtomicBoolean();

    DroppedTaskWatch(RunnerCore engine) {
        this.engine = engine;
        needed = engine.backend.mayQueue();
    }

    /** Something has been started, and may wait for a thread. */
    void started() {
        if (needed && !watching.get() && watching.compareAndSet(false, true)) {
            try {
                engine.threads.after(EVERY_NANOS, this::look);
            } catch (OutOfMemoryError noThread) {
                watching.set(false); // the next start tries again
            }
        }
    }

    private void look() {
        watching.set(false); // first: what is started from now on needs another look
        if (engine.lifecycle.failLost(engine.backend.dropped())) {
            started();
        }
    }
}
