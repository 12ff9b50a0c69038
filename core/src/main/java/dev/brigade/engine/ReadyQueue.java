package dev.brigade.engine;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * The items of one call that may be started, first come, first served.
 *
 * <p>Design note: an item is here whenever it is READY, and may be here when it is not: one that is claimed or settled elsewhere
 * stays until it is passed over. Whoever makes an item READY adds it; so a stale entry never hides a ready item.
 */
final class ReadyQueue<I, R> {
    private final Queue<Item<I, R>> ready = new ConcurrentLinkedQueue<>();

    /** Items that came back unstarted: they go first. */
    private final Queue<Item<I, R>> putBack = new ConcurrentLinkedQueue<>();

    void add(Item<I, R> item) {
        ready.add(item);
    }

    void addFirst(Item<I, R> item) {
        putBack.add(item);
    }

    boolean isEmpty() {
        dropStale(putBack);
        dropStale(ready);
        return ready.isEmpty() && putBack.isEmpty();
    }

    private void dropStale(Queue<Item<I, R>> queue) {
        for (Item<I, R> head = queue.peek(); head != null && !head.isReady(); head = queue.peek()) {
            if (queue.remove(head) && head.isReady()) {
                queue.add(head); // it became READY again meanwhile, and this may have been its new entry
            }
        }
    }

    /** Claims the first item that is READY; null when there is none. */
    @Nullable
    BodyAttempt<I, R> claim() {
        while (true) {
            Item<I, R> item = putBack.poll();
            if (item == null) {
                item = ready.poll();
            }
            if (item == null) {
                return null;
            }
            BodyAttempt<I, R> attempt = item.claim();
            if (attempt != null) {
                return attempt;
            }
        }
    }
}
