package dev.brigade.engine;

import java.util.ArrayList;
import java.util.List;

/**
 * The items of one call that were pulled and are not handed out, for whoever ends the call.
 *
 * <p><b>Thread safety</b>: one lock, its own, guards all. Each item knows its place in the list, so that none is searched for.
 */
final class Unfinished<I, R> {
    private final List<Item<I, R>> items = new ArrayList<>(1);

    synchronized void add(Item<I, R> item) {
        item.place = items.size();
        items.add(item);
    }

    synchronized void remove(Item<I, R> item) {
        Item<I, R> last = items.remove(items.size() - 1);
        if (last != item) {
            last.place = item.place;
            items.set(item.place, last);
        }
        item.place = -1;
    }

    synchronized List<Item<I, R>> snapshot() {
        return List.copyOf(items);
    }

    /** Cancels what has not begun, and only then what runs, whose places it would be given. */
    void cancelAll() {
        List<Item<I, R>> all = snapshot();
        all.stream().filter(item -> item.current() == null).forEach(Unfinished::cancel);
        all.forEach(Unfinished::cancel);
    }

    private static void cancel(Item<?, ?> item) {
        item.cancel(Strategy.Stop.INTERRUPT);
    }

    synchronized boolean allSettled() {
        return items.stream().allMatch(Item::isSettled);
    }
}
