package dev.brigade.engine.batch;

import dev.brigade.engine.core.EngineTask;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** Items between their settling and their being handed out, in the order of the inputs or as they settled. Consumer only. */
final class ReorderBuffer<I, R> {
    private final boolean ordered;

    /** When ordered: all that is pulled and not handed out. */
    private final ArrayDeque<EngineTask<I, R>> inOrder = new ArrayDeque<>();

    /** When not: the first and the last of what has settled, linked as the completion queue gives them. */
    private @Nullable EngineTask<I, R> first;

    private @Nullable EngineTask<I, R> last;

    private long unsettled;

    ReorderBuffer(boolean ordered) {
        this.ordered = ordered;
    }

    /** How many were pulled, and have not settled as far as the consumer knows. */
    long unsettled() {
        return unsettled;
    }

    void pulled(EngineTask<I, R> task) {
        unsettled++;
        if (ordered) {
            inOrder.add(task);
        }
    }

    /** Takes in what the completion queue gave. */
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

    /** The next to be handed out, which stays; null when there is none. */
    @Nullable
    EngineTask<I, R> peek() {
        EngineTask<I, R> next = ordered ? inOrder.peek() : first;
        return next == null || (ordered && !next.collected) ? null : next;
    }

    /** The next to be handed out; null when there is none. */
    @Nullable
    EngineTask<I, R> poll() {
        EngineTask<I, R> next = peek();
        if (next != null && ordered) {
            inOrder.remove();
        } else if (next != null) {
            first = next.older;
            last = first == null ? null : last;
            next.older = null; // or each item would keep all later ones in memory
        }
        return next;
    }
}
