package dev.brigade.engine.state;

import dev.brigade.Outcome.State;
import dev.brigade.Progress;
import dev.brigade.RunOptions;
import dev.brigade.threads.Callbacks;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts one call's progress, and tells its listener of it.
 *
 * <p>Design note: one thread counts; any thread may ask. A snapshot is made when somebody asks: what has ended is read before what
 * was pulled, so that never more seems to have ended than was pulled.
 */
public final class ProgressCounter {
    private static final Logger LOG = LoggerFactory.getLogger(ProgressCounter.class);

    private static final VarHandle PULLED = handle("pulled");
    private static final VarHandle SUCCEEDED = handle("succeeded");
    private static final VarHandle FAILED = handle("failed");
    private static final VarHandle TIMED_OUT = handle("timedOut");
    private static final VarHandle CANCELLED = handle("cancelled");

    private final OptionalLong total;

    // Each written by the counting thread alone, with release; read by any, with acquire.
    private long pulled;
    private long succeeded;
    private long failed;
    private long timedOut;
    private long cancelled;

    public ProgressCounter(OptionalLong total) {
        this.total = total;
    }

    private static VarHandle handle(String field) {
        try {
            return MethodHandles.lookup().findVarHandle(ProgressCounter.class, field, long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** Counts one more input; returns how many there were before. */
    public long countPulled() {
        long index = pulled;
        PULLED.setRelease(this, index + 1);
        return index;
    }

    public void count(State state) {
        switch (state) {
            case SUCCESS -> SUCCEEDED.setRelease(this, succeeded + 1);
            case FAILED -> FAILED.setRelease(this, failed + 1);
            case TIMED_OUT -> TIMED_OUT.setRelease(this, timedOut + 1);
            case CANCELLED -> CANCELLED.setRelease(this, cancelled + 1);
        }
    }

    public Progress progress() {
        long[] ended = {get(SUCCEEDED), get(FAILED), get(TIMED_OUT), get(CANCELLED)};
        long inputs = get(PULLED);
        return new Progress(inputs, ended[0], ended[1], ended[2], ended[3], atLeast(inputs));
    }

    /** The total: a collection may have said less than it had in the end. */
    private OptionalLong atLeast(long inputs) {
        return total.isPresent() && total.getAsLong() < inputs ? OptionalLong.of(inputs) : total;
    }

    private long get(VarHandle field) {
        return (long) field.getAcquire(this);
    }

    /** Tells the call's listener, if it has one; what that throws harms nobody. */
    public void tell(RunOptions options) {
        if (options.onProgress().isEmpty()) {
            return;
        }
        Callbacks.run(
                () -> options.onProgress().get().accept(progress()),
                t -> LOG.warn("the progress listener of call '{}' threw", options.name(), t));
    }
}
