package dev.brigade.engine;

import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The items of one call that may be started, first come, first served.
 *
 * <p>Design note: an item is here whenever it is READY or RETURNED, and may be here when it is not: one that is claimed or settled
 * elsewhere stays until it is passed over. Whoever makes an item so adds it; so a stale entry never hides a ready item. Items come in
 * runs, those pulled in one burst, and are taken one by one: a thread takes the next index of the first run, and so has that
 * entry to itself.
 */
final class ReadyQueue<I, R> {
    private final Queue<Run<I, R>> runs = new ConcurrentLinkedQueue<>();

    /** Items that came back unstarted: they go first. */
    private final Queue<Item<I, R>> putBack = new ConcurrentLinkedQueue<>();

    /**
     * Items that became ready together; its number is that of the first entry that is not taken, or more than there are.
     *
     * @param <I> the type of the inputs
     * @param <R> the type of the results
     */
    private static final class Run<I, R> extends AtomicInteger {
        private static final long serialVersionUID = 1;

        /** Each entry is null once taken, or the run would keep it in memory. */
        private final transient List<@Nullable Item<I, R>> items;

        @SuppressWarnings({"unchecked", "rawtypes"}) // it may hold nulls now
        Run(List<Item<I, R>> burst) {
            items = (List) burst;
        }

        @Nullable
        Item<I, R> take() {
            int index = getAndIncrement(); // not looked at before: that would fetch it twice from another processor
            if (index >= items.size()) {
                return null;
            }
            return items.set(index, null);
        }
    }

    /** Adds items in order; the list is this queue's from now on. */
    void add(List<Item<I, R>> burst) {
        runs.add(new Run<>(burst));
    }

    void addFirst(Item<I, R> item) {
        putBack.add(item);
    }

    boolean isEmpty() {
        Run<I, R> run = runs.peek();
        while (run != null && run.get() >= run.items.size()) {
            runs.remove(run);
            run = runs.peek();
        }
        return run == null && putBack.isEmpty();
    }

    /** Drops all, none of which is wanted. */
    void clear() {
        runs.clear();
        putBack.clear();
    }

    private @Nullable Item<I, R> take() {
        Item<I, R> item = putBack.poll();
        for (Run<I, R> run = runs.peek(); item == null && run != null; run = runs.peek()) {
            item = run.take();
            if (item == null) {
                runs.remove(run);
            }
        }
        return item;
    }

    /** Claims the first item that may be claimed, as {@link Item#claim} does; null when there is none. */
    @Nullable
    BodyAttempt<I, R> claim(@Nullable Turn<I, R> turn, boolean holdsPlace) {
        BodyAttempt<I, R> attempt = null;
        for (Item<I, R> item = take(); item != null && attempt == null; ) {
            attempt = item.claim(turn, holdsPlace);
            item = attempt == null ? take() : item;
        }
        return attempt;
    }
}
