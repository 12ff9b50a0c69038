package dev.brigade.engine.batch;

import dev.brigade.engine.core.EngineTask;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** Settled tasks that are not delivered yet, in the order of the inputs or in the order of settling. Consumer's thread only. */
final class ReorderBuffer<I, R> {
    private final boolean ordered;

    /** If ordered: all tasks that are pulled and not delivered. */
    private final ArrayDeque<EngineTask<I, R>> inOrder = new ArrayDeque<>();

    /** If not ordered: the first and the last settled task, linked as the completion queue returns them. */
    private @Nullable EngineTask<I, R> first;

    private @Nullable EngineTask<I, R> last;

    private long unsettled;

    ReorderBuffer(boolean ordered) {
        this.ordered = ordered;
    }

    /** Returns the number of pulled tasks that have not settled, as far as the consumer knows. */
    long unsettled() {
        return unsettled;
    }

    void pulled(EngineTask<I, R> task) {
        unsettled++;
        if (ordered) {
            inOrder.add(task);
        }
    }

    /** Adds the tasks that the completion queue returned. */
    void add(@Nullable EngineTask<I, R> settled) {
        EngineTask<I, R> newest = null;
        for (EngineTask<I, R> task = settled; task != null; unsettled--) {
            newest = task;
            task = task.older;
            if (ordered) {
                newest.collected = true;
                newest.older = null;
            }
        }
        if (newest != null && !ordered) {
            if (last == null) {
                first = settled;
            } else {
                last.older = settled;
            }
            last = newest;
        }
    }

    /** Returns the next task to deliver, without removing it; null if there is none. */
    @Nullable
    EngineTask<I, R> peek() {
        EngineTask<I, R> next = ordered ? inOrder.peek() : first;
        return next == null || (ordered && !next.collected) ? null : next;
    }

    /** Removes and returns the next task to deliver; null if there is none. */
    @Nullable
    EngineTask<I, R> poll() {
        EngineTask<I, R> next = peek();
        if (next != null && ordered) {
            inOrder.remove();
        } else if (next != null) {
            first = next.older;
            last = first == null ? null : last;
            next.older = null; // or each task would keep all later ones in memory
        }
        return next;
    }
}
