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

    /**
     * Inputs that need not be waited for are started so many at a time: each start is a round of the dispatcher and, over
     * processes, a write.
     */
    private static final int BURST = 32;

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

    /** Counts one more; returns whether what has been pulled so far is to be started before the next is. */
    boolean pulled() {
        return held++ % burst == 0;
    }

    void encoded(long bytes) {
        heldBytes += bytes;
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
