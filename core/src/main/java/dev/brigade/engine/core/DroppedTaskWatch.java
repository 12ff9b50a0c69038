package dev.brigade.engine.core;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Checks once a second if attempts that wait in a user's executor will begin at all. An executor that discards commands, or has been shut
 * down at once, does not report the commands that it drops.
 *
 * <p><b>Thread safety</b>: all methods, from any thread.
 */
final class DroppedTaskWatch {
    private static final long EVERY_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final RunnerCore engine;
    private final boolean needed;

    /** True if a check is due. */
    private final AtomicBoolean watching = new AtomicBoolean();

    DroppedTaskWatch(RunnerCore engine) {
        this.engine = engine;
        needed = engine.backend.mayQueue();
    }

    /** Called when attempts have been started, which may wait for a thread. */
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
        watching.set(false); // first: an attempt that is started from now on needs another check
        if (engine.lifecycle.failLost(engine.backend.dropped())) {
            started();
        }
    }
}
