package dev.brigade.engine;

import java.util.OptionalInt;

/**
 * How many inputs may be pulled and not yet handed out. Consumer's thread only.
 *
 * <p>A bound that the caller sets is kept exactly. Otherwise the window starts at twice the limit and grows, at most doubling
 * each time it has been turned over, towards {@value #AHEAD_NANOS} ns of work: short bodies need a wide window to hide the cost
 * of handing them over, long ones gain nothing from being pulled early.
 */
final class Window {
    private static final int MAX_ITEMS = 4096;
    private static final long MAX_BYTES = 8L << 20;
    private static final long AHEAD_NANOS = 10_000_000;
    private static final int SMOOTHING = 4;

    /** Bodies that take less are brief: the window can do without a few for a while. */
    private static final long BRIEF_NANOS = 1_000_000;

    /**
     * Inputs that need not be waited for are started so many at a time, or so many bytes: each start is a round of the dispatcher
     * and, over processes, a write.
     */
    private static final int BURST = 128;

    private static final long BURST_BYTES = 64 << 10;

    private final int burst;
    private final boolean fixed;
    private final int limit;
    private final int smallest;
    private final int largest;
    private int size;
    private long meanNanos = AHEAD_NANOS;
    private int sinceGrowth;
    private long held;
    private long heldBytes;
    private long unstartedBytes;

    Window(OptionalInt buffer, int limit, boolean inline, boolean inMemory) {
        burst = inMemory ? BURST : 1;
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

    /**
     * How many of what is unsettled must settle before the window is worth filling up: never so many that a body's place would
     * stand empty meanwhile.
     */
    int worthAWait(long unsettled) {
        long kept = isBrief() ? Math.max(size / 2, limit) : unsettled;
        return (int) Math.max(1, unsettled - kept);
    }

    /** Whether bodies take little time, as far as is known. */
    boolean isBrief() {
        return meanNanos < BRIEF_NANOS;
    }

    /** Counts one more, of that size; returns whether what has been pulled so far is to be started before the next is. */
    boolean pulled(long bytes) {
        heldBytes += bytes;
        unstartedBytes += bytes;
        boolean now = held++ % burst == 0 || unstartedBytes >= BURST_BYTES;
        unstartedBytes = now ? 0 : unstartedBytes;
        return now;
    }

    void delivered(long bytes) {
        held--;
        heldBytes -= bytes;
        if (!fixed && ++sinceGrowth >= size) {
            sinceGrowth = 0;
            long wanted = limit * (AHEAD_NANOS / Math.max(1, meanNanos));
            size = (int) Math.max(smallest, Math.min(Math.min(wanted, 2L * size), largest));
        }
    }

    /** A body has run so long. */
    void took(long runningNanos) {
        meanNanos += (runningNanos - meanNanos) / (meanNanos == AHEAD_NANOS ? 1 : SMOOTHING);
    }
}
