package dev.brigade.engine;

import dev.brigade.Outcome.State;
import dev.brigade.Progress;
import dev.brigade.RunOptions;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts one call's progress, and tells its listener of it.
 *
 * <p>Design note: one thread counts; any thread may ask. A snapshot is made when somebody asks: what has ended is read before what
 * was pulled, so that never more seems to have ended than was pulled.
 */
final class Tally {
    private static final Logger LOG = LoggerFactory.getLogger(Tally.class);

    private final OptionalLong total;

    /** Written by the counting thread alone. */
    private volatile long pulled;

    private volatile long succeeded;
    private volatile long failed;
    private volatile long timedOut;
    private volatile long cancelled;

    Tally(OptionalLong total) {
        this.total = total;
    }

    /** Counts one more input; returns how many there were before. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
    long countPulled() {
        long index = pulled;
        pulled = index + 1;
        return index;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
    void count(State state) {
        switch (state) {
            case SUCCESS -> succeeded++;
            case FAILED -> failed++;
            case TIMED_OUT -> timedOut++;
            case CANCELLED -> cancelled++;
        }
    }

    Progress progress() {
        long[] ended = {succeeded, failed, timedOut, cancelled};
        return new Progress(pulled, ended[0], ended[1], ended[2], ended[3], total);
    }

    /** Tells the call's listener, if it has one; what that throws harms nobody. */
    void tell(RunOptions options) {
        if (options.onProgress().isEmpty()) {
            return;
        }
        try {
            options.onProgress().get().accept(progress());
        } catch (RuntimeException | Error e) {
            LOG.warn("the progress listener of call '{}' threw", options.name(), e);
        }
    }
}
