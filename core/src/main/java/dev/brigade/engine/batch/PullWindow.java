package dev.brigade.engine.batch;

import dev.brigade.engine.core.EngineTask;
import dev.brigade.engine.state.DurationHints;
import java.util.Collection;
import java.util.OptionalInt;

/**
 * How many inputs may be pulled and not yet handed out. Consumer's thread only.
 *
 * <p>A bound that the caller sets is kept exactly. Otherwise the window starts at twice the limit and grows, at most
 * {@value #GROWTH} times as wide each time it has been turned over, towards {@value #AHEAD_NANOS} ns of work: short bodies need a wide window to hide the cost
 * of handing them over, long ones gain nothing from being pulled early.
 */
final class PullWindow {
    private static final int MAX_ITEMS = 4096;
    private static final long MAX_BYTES = 8L << 20;
    private static final long AHEAD_NANOS = 10_000_000;
    private static final int SMOOTHING = 4;
    private static final long GROWTH = 8;

    /** Bodies that take less are brief: the window can do without a few for a while. */
    private static final long BRIEF_NANOS = 1_000_000;

    /**
     * Inputs that need not be waited for are started so many at a time, more when bodies are that brief, but no more than so many
     * bytes: each start is a round of the dispatcher, perhaps a thread to wake, and, over processes, a write.
     */
    private static final int BURST = 32;

    private static final int LARGE_BURST = 1024;
    private static final long BURST_NANOS = 100_000;
    private static final long BURST_BYTES = 64 << 10;

    /** How many settled items a thread may keep, at most: enough to make the telling cheap. */
    private static final int MAX_KEPT = 16;

    private final boolean inMemory;
    private final boolean patient;
    private final boolean fixed;
    private final int limit;
    private final int smallest;
    private final int largest;
    private int size;
    private long meanNanos = AHEAD_NANOS;
    private int sinceGrowth;
    private long held;
    private long heldBytes;
    private int burst = 1;
    private int unstarted;
    private long unstartedBytes;

    PullWindow(OptionalInt buffer, int limit, boolean inline, Iterable<?> inputs, boolean patient) {
        inMemory = inputs instanceof Collection;
        this.patient = patient;
        this.limit = limit;
        fixed = buffer.isPresent() || inline;
        smallest = inline ? 1 : (int) Math.min(2L * limit, Integer.MAX_VALUE);
        largest = Math.max(MAX_ITEMS, smallest);
        size = buffer.orElse(smallest);
    }

    boolean hasRoom() {
        return held < size && (fixed || held < smallest || heldBytes < MAX_BYTES);
    }

    boolean isHalfEmpty(long unsettled) {
        return unsettled <= size / 2;
    }

    /** Whether there is room for more than the one or the other. */
    boolean isWorthABurst() {
        return held <= size - size / 8;
    }

    /**
     * How many of what is unsettled must settle before the consumer, if it is patient, has something to do: all when there are no
     * more inputs; else never so many that a body's place would stand empty meanwhile.
     */
    long worthAWait(long unsettled, boolean exhausted) {
        long kept = exhausted ? 0 : isBrief() ? Math.max(size / 2, limit) : unsettled;
        return patient ? Math.max(1, unsettled - kept) : 1;
    }

    /**
     * Tells the threads that run bodies what is known of them. When the consumer is patient, they may keep settled items: never
     * so many, all together, that it does not hear of the half that it waits for.
     */
    void tell(DurationHints hints) {
        hints.set(isBrief(), patient && isBrief() ? (int) Math.min(MAX_KEPT, size / (4L * limit)) : 0);
    }

    private boolean isBrief() {
        return meanNanos < BRIEF_NANOS;
    }

    /** Counts one more, of that size; returns whether what has been pulled so far is to be started before the next is. */
    boolean pulled(long bytes) {
        heldBytes += bytes;
        unstartedBytes += bytes;
        held++;
        boolean now = ++unstarted >= burst || unstartedBytes >= BURST_BYTES;
        if (now) {
            started();
        }
        return now;
    }

    /** All that has been pulled is started. */
    void started() {
        unstarted = 0;
        unstartedBytes = 0;
        burst = inMemory ? (int) Math.max(BURST, Math.min(LARGE_BURST, BURST_NANOS / Math.max(1, meanNanos))) : 1;
    }

    /** An item has been handed out. */
    void delivered(EngineTask<?, ?> task) {
        held--;
        heldBytes -= task.encodedBytes();
        if (task.isTimed()) {
            took(task.tookNanos());
        }
        if (!fixed && ++sinceGrowth >= size) {
            sinceGrowth = 0;
            long wanted = limit * (AHEAD_NANOS / Math.max(1, meanNanos));
            size = (int) Math.max(smallest, Math.min(Math.min(wanted, GROWTH * size), largest));
        }
    }

    /** A body has run so long. */
    private void took(long runningNanos) {
        meanNanos += (runningNanos - meanNanos) / (meanNanos == AHEAD_NANOS ? 1 : SMOOTHING);
    }
}
