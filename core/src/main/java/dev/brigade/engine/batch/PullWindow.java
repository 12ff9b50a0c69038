package dev.brigade.engine.batch;

import dev.brigade.engine.core.EngineTask;
import dev.brigade.engine.state.DurationHints;
import java.util.Collection;
import java.util.OptionalInt;

/**
 * The limit on inputs that are pulled and not yet delivered. Consumer's thread only.
 *
 * <p>A size that the caller sets is kept exactly. Without it, an inline backend's window is 1. Any other window starts at twice the
 * concurrency limit and tends towards {@value #AHEAD_NANOS} ns of work. Each time as many tasks as its size have been delivered, it grows
 * to at most {@value #GROWTH} times that size. Short bodies need a wide window, to hide the cost of handing them over. Long bodies gain
 * nothing from being pulled early.
 */
final class PullWindow {
    private static final int MAX_TASKS = 4096;
    private static final long MAX_BYTES = 8L << 20;
    private static final long AHEAD_NANOS = 10_000_000;
    private static final int SMOOTHING = 4;
    private static final long GROWTH = 8;

    /** Bodies that take less are brief: the window can do without a few of their tasks for a while. */
    private static final long BRIEF_NANOS = 1_000_000;

    /**
     * Number of tasks that are started together, if their inputs are in memory. Each start costs a round of the dispatcher, perhaps a
     * thread's wake-up, and, with processes, a write. For brief bodies the number is the tasks that run in {@code BURST_NANOS}, if that is
     * more, up to {@code LARGE_BURST}. Tasks that reach {@code BURST_BYTES} together are started at once.
     */
    private static final int BURST = 32;

    private static final int LARGE_BURST = 1024;
    private static final long BURST_NANOS = 100_000;
    private static final long BURST_BYTES = 64 << 10;

    /** Greatest number of settled tasks that a thread may keep: enough to make handing them to the consumer cheap. */
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
        largest = Math.max(MAX_TASKS, smallest);
        size = buffer.orElse(smallest);
    }

    boolean hasRoom() {
        return held < size && (fixed || held < smallest || heldBytes < MAX_BYTES);
    }

    boolean isHalfEmpty(long unsettled) {
        return unsettled <= size / 2;
    }

    /** Returns true if an eighth of the window is free; a burst of fewer tasks is not worth its cost. */
    boolean isWorthABurst() {
        return held <= size - size / 8;
    }

    /**
     * Returns the number of tasks that must settle before the consumer has something to do. A patient consumer waits for all of them if
     * there are no more inputs. If bodies are brief, it leaves half the window unsettled, or as many tasks as the concurrency limit if that
     * is more. So no permit is left unused. In all other cases the consumer waits for one task.
     */
    long worthAWait(long unsettled, boolean exhausted) {
        long kept = exhausted ? 0 : isBrief() ? Math.max(size / 2, limit) : unsettled;
        return patient ? Math.max(1, unsettled - kept) : 1;
    }

    /**
     * Publishes the hints for the threads that run bodies. If the consumer is patient and bodies are brief, the threads may keep settled
     * tasks. Together they keep at most a quarter of the window, so that the consumer sees the half that it waits for.
     */
    void tell(DurationHints hints) {
        hints.set(isBrief(), patient && isBrief() ? (int) Math.min(MAX_KEPT, size / (4L * limit)) : 0);
    }

    private boolean isBrief() {
        return meanNanos < BRIEF_NANOS;
    }

    /** Counts one more task, of {@code bytes}; returns true if the tasks pulled so far are to be started before the next is pulled. */
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

    /** Called when all pulled tasks are started. */
    void started() {
        unstarted = 0;
        unstartedBytes = 0;
        burst = inMemory ? (int) Math.max(BURST, Math.min(LARGE_BURST, BURST_NANOS / Math.max(1, meanNanos))) : 1;
    }

    /** Counts a delivered task, and adapts the window to the duration of its body. */
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

    /** Adds the duration of a body to the mean. */
    private void took(long runningNanos) {
        meanNanos += (runningNanos - meanNanos) / (meanNanos == AHEAD_NANOS ? 1 : SMOOTHING);
    }
}
