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
    private static final int SMOOTHING = 8;

    private final boolean fixed;
    private final int limit;
    private final int smallest;
    private final int largest;
    private int size;
    private long meanNanos = AHEAD_NANOS;
    private int sinceGrowth;
    private long held;
    private long heldBytes;

    Window(OptionalInt buffer, int limit, boolean inline) {
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

    void pulled() {
        held++;
    }

    void encoded(long bytes) {
        heldBytes += bytes;
    }

    void delivered(long bytes, long runningNanos) {
        held--;
        heldBytes -= bytes;
        if (fixed) {
            return;
        }
        meanNanos += (runningNanos - meanNanos) / SMOOTHING;
        if (++sinceGrowth >= size) {
            sinceGrowth = 0;
            long wanted = limit * (AHEAD_NANOS / Math.max(1, meanNanos));
            size = (int) Math.max(smallest, Math.min(Math.min(wanted, 2L * size), largest));
        }
    }
}
