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
 * Counts a batch's progress, and reports it to the batch's listener.
 *
 * <p>Design note: one thread counts; any thread may read. A snapshot reads the outcome counts before the pulled count, so that the outcomes
 * never outnumber the pulled inputs.
 */
public final class ProgressCounter {
    private static final Logger LOG = LoggerFactory.getLogger(ProgressCounter.class);

    private static final VarHandle PULLED = handle("pulled");
    private static final VarHandle SUCCEEDED = handle("succeeded");
    private static final VarHandle FAILED = handle("failed");
    private static final VarHandle TIMED_OUT = handle("timedOut");
    private static final VarHandle CANCELLED = handle("cancelled");

    private final OptionalLong total;

    // The counting thread alone writes each, with release; any thread reads it, with acquire.
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

    /** Counts one more input; returns the count before it. */
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

    /** Returns the total, or {@code inputs} if that is more: a collection may have more elements in the end than its size said. */
    private OptionalLong atLeast(long inputs) {
        return total.isPresent() && total.getAsLong() < inputs ? OptionalLong.of(inputs) : total;
    }

    private long get(VarHandle field) {
        return (long) field.getAcquire(this);
    }

    /** Calls the batch's progress listener, if there is one. A throwable from it is logged and goes no further. */
    public void tell(RunOptions options) {
        if (options.onProgress().isEmpty()) {
            return;
        }
        Callbacks.run(
                () -> options.onProgress().get().accept(progress()),
                t -> LOG.warn("the progress listener of batch '{}' threw", options.name(), t));
    }
}
