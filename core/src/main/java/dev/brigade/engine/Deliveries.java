package dev.brigade.engine;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** Items between their settling and their being handed out, in the order of the inputs or as they settled. Consumer only. */
final class Deliveries<I, R> {
    private final boolean ordered;

    /** When ordered: all that is pulled and not handed out. */
    private final ArrayDeque<Item<I, R>> inOrder = new ArrayDeque<>();

    /** When not: the first and the last of what has settled, linked as the completion queue gives them. */
    private @Nullable Item<I, R> first;

    private @Nullable Item<I, R> last;

    private long unsettled;

    Deliveries(boolean ordered) {
        this.ordered = ordered;
    }

    /** How many were pulled, and have not settled as far as the consumer knows. */
    long unsettled() {
        return unsettled;
    }

    void pulled(Item<I, R> item) {
        unsettled++;
        if (ordered) {
            inOrder.add(item);
        }
    }

    /** Takes in what the completion queue gave. */
    void add(@Nullable Item<I, R> settled) {
        Item<I, R> newest = null;
        for (Item<I, R> item = settled; item != null; unsettled--) {
            newest = item;
            item = item.older;
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
    Item<I, R> peek() {
        Item<I, R> next = ordered ? inOrder.peek() : first;
        return next == null || (ordered && !next.collected) ? null : next;
    }

    /** The next to be handed out; null when there is none. */
    @Nullable
    Item<I, R> poll() {
        Item<I, R> next = peek();
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
