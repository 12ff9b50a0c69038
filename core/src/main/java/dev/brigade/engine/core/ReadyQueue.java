package dev.brigade.engine.core;

import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The tasks of one batch that may be started, first come, first served.
 *
 * <p>Design note: a task is in the queue whenever it is READY or RETURNED. A task that is claimed or settled elsewhere also stays in it
 * until a thread skips it. A thread that makes a task READY or RETURNED adds it, so an old entry never hides a ready task. Tasks come in
 * runs, each pulled in one burst, and are taken one by one. A thread takes the next index of the first run, and so has that entry to
 * itself.
 */
final class ReadyQueue<I, R> {
    private final Queue<Run<I, R>> runs = new ConcurrentLinkedQueue<>();

    /** Tasks whose attempts were given back: they go first. */
    private final Queue<EngineTask<I, R>> putBack = new ConcurrentLinkedQueue<>();

    /**
     * Tasks that became ready together. The number is the index of the first entry that is not taken; if all are taken, it is their count
     * or more.
     *
     * @param <I> the type of the inputs
     * @param <R> the type of the results
     */
    private static final class Run<I, R> extends AtomicInteger {
        private static final long serialVersionUID = 1;

        /** An entry becomes null when it is taken; otherwise the run would keep it in memory. */
        private final transient List<@Nullable EngineTask<I, R>> tasks;

        @SuppressWarnings({"unchecked", "rawtypes"}) // it may hold nulls from now on
        Run(List<EngineTask<I, R>> burst) {
            tasks = (List) burst;
        }

        @Nullable
        EngineTask<I, R> take() {
            int index = getAndIncrement(); // no read first: that fetches the cache line twice from another processor
            if (index >= tasks.size()) {
                return null;
            }
            return tasks.set(index, null);
        }
    }

    /** Adds tasks in order; this queue owns the list from now on. */
    void add(List<EngineTask<I, R>> burst) {
        runs.add(new Run<>(burst));
    }

    void addFirst(EngineTask<I, R> task) {
        putBack.add(task);
    }

    boolean isEmpty() {
        Run<I, R> run = runs.peek();
        while (run != null && run.get() >= run.tasks.size()) {
            runs.remove(run);
            run = runs.peek();
        }
        return run == null && putBack.isEmpty();
    }

    /** Removes all tasks, none of which is wanted. */
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

    /** Claims the first task that can be claimed, as {@link EngineTask#claim} does; returns null if there is none. */
    @Nullable
    TaskAttempt<I, R> claim(@Nullable TaskChain<I, R> chain, boolean holdsPermit) {
        TaskAttempt<I, R> attempt = null;
        for (EngineTask<I, R> task = take(); task != null && attempt == null; ) {
            attempt = task.claim(chain, holdsPermit);
            task = attempt == null ? take() : task;
        }
        return attempt;
    }
}
