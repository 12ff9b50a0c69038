package dev.brigade.engine;

import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The items of one call that may be started, first come, first served.
 *
 * <p>Design note: an item is here whenever it is READY, and may be here when it is not: one that is claimed or settled elsewhere
 * stays until it is passed over. Whoever makes an item READY adds it; so a stale entry never hides a ready item. Items come in
 * runs, those pulled in one burst, and are taken one by one: a thread takes the next index of the first run, and so has that
 * entry to itself.
 */
final class ReadyQueue<I, R> {
    private final Queue<Run<I, R>> runs = new ConcurrentLinkedQueue<>();

    /** Items that came back unstarted: they go first. */
    private final Queue<Item<I, R>> putBack = new ConcurrentLinkedQueue<>();

    /** Items that became ready together; its number is that of the first entry that is not taken, or more than there are. */
    private static final class Run<I, R> extends AtomicInteger {
        private static final long serialVersionUID = 1;

        /** Each entry is null once taken, or the run would keep it in memory. */
        private final transient @Nullable Item<I, R>[] items;

        @SuppressWarnings({"unchecked", "rawtypes"}) // an array of a generic type
        Run(List<Item<I, R>> burst) {
            items = burst.toArray(new Item[0]);
        }

        boolean isEmpty() {
            return get() >= items.length;
        }

        @Nullable
        Item<I, R> take() {
            int index = isEmpty() ? items.length : getAndIncrement();
            if (index >= items.length) {
                return null;
            }
            Item<I, R> item = items[index];
            items[index] = null;
            return item;
        }
    }

    void add(List<Item<I, R>> burst) {
        runs.add(new Run<>(burst));
    }

    void addFirst(Item<I, R> item) {
        putBack.add(item);
    }

    boolean isEmpty() {
        return putBack.isEmpty() && firstRun() == null;
    }

    private @Nullable Run<I, R> firstRun() {
        Run<I, R> run = runs.peek();
        while (run != null && run.isEmpty()) {
            runs.remove(run);
            run = runs.peek();
        }
        return run;
    }

    private @Nullable Item<I, R> take() {
        Item<I, R> item = putBack.poll();
        for (Run<I, R> run = firstRun(); item == null && run != null; run = firstRun()) {
            item = run.take();
        }
        return item;
    }

    /** Claims the first item that is READY, as {@link Item#claim} does; null when there is none. */
    @Nullable
    BodyAttempt<I, R> claim(@Nullable Thread self) {
        BodyAttempt<I, R> attempt = null;
        for (Item<I, R> item = take(); item != null && attempt == null; ) {
            attempt = item.claim(self);
            item = attempt == null ? take() : item;
        }
        return attempt;
    }
}
