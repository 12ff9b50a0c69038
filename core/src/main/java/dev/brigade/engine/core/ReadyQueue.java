package dev.brigade.engine.core;

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
    private final Queue<EngineTask<I, R>> putBack = new ConcurrentLinkedQueue<>();

    /**
     * Items that became ready together; its number is that of the first entry that is not taken, or more than there are.
     *
     * @param <I> the type of the inputs
     * @param <R> the type of the results
     */
    private static final class Run<I, R> extends AtomicInteger {
        private static final long serialVersionUID = 1;

        /** Each entry is null once taken, or the run would keep it in memory. */
        private final transient List<@Nullable EngineTask<I, R>> items;

        @SuppressWarnings({"unchecked", "rawtypes"}) // it may hold nulls now
        Run(List<EngineTask<I, R>> burst) {
            items = (List) burst;
        }

        @Nullable
        EngineTask<I, R> take() {
            int index = getAndIncrement(); // not looked at before: that would fetch it twice from another processor
            if (index >= items.size()) {
                return null;
            }
            return items.set(index, null);
        }
    }

    /** Adds items in order; the list is this queue's from now on. */
    void add(List<EngineTask<I, R>> burst) {
        runs.add(new Run<>(burst));
    }

    void addFirst(EngineTask<I, R> task) {
        putBack.add(task);
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

    private @Nullable EngineTask<I, R> take() {
        EngineTask<I, R> task = putBack.poll();
        for (Run<I, R> run = runs.peek(); task == null && run != null; run = runs.peek()) {
            task = run.take();
            if (task == null) {
                runs.remove(run);
            }
        }
        return task;
    }

    /** Claims the first item that may be claimed, as {@link EngineTask#claim} does; null when there is none. */
    @Nullable
    TaskAttempt<I, R> claim(@Nullable TaskChain<I, R> chain, boolean holdsPlace) {
        TaskAttempt<I, R> attempt = null;
        for (EngineTask<I, R> task = take(); task != null && attempt == null; ) {
            attempt = task.claim(chain, holdsPlace);
            task = attempt == null ? take() : task;
        }
        return attempt;
    }
}
