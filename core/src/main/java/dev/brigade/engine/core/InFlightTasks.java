package dev.brigade.engine.core;

import com.google.common.base.Throwables;
import dev.brigade.engine.state.TaskState;
import dev.brigade.spi.StopMode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The tasks of one batch that are pulled and not delivered, for threads that end the batch.
 *
 * <p>Design note: only the consumer's thread adds and removes; any thread may look. Each task has a slot, so that its removal needs no
 * search. A look may miss a task that is added meanwhile. So the adding thread checks afterwards, behind a fence, if the batch has been
 * ended. A look may find a task that is removed meanwhile; a cancellation does nothing to it, as it has settled.
 */
final class InFlightTasks<I, R> {
    private static final Logger LOG = LoggerFactory.getLogger(InFlightTasks.class);
    /** One task or null in each slot; replaced by a larger copy when all slots are taken. */
    private volatile AtomicReferenceArray<@Nullable EngineTask<I, R>> slots = new AtomicReferenceArray<>(1);

    /** Stack of the free slots; consumer's thread only. */
    private int[] free = {0};

    private int freeCount = 1;

    void add(EngineTask<I, R> task) {
        if (freeCount == 0) {
            grow();
        }
        task.slot = free[--freeCount];
        slots.setRelease(task.slot, task);
    }

    void remove(EngineTask<I, R> task) {
        slots.setRelease(task.slot, null);
        free[freeCount++] = task.slot;
    }

    /** Drops the settled tasks, on any thread; for a batch that is over and delivers no more outcomes. */
    void forgetSettled() {
        AtomicReferenceArray<@Nullable EngineTask<I, R>> now = slots;
        for (int i = 0; i < now.length(); i++) {
            EngineTask<I, R> task = now.get(i);
            if (task != null && task.isSettled()) {
                now.compareAndSet(i, task, null);
            }
        }
    }

    private void grow() {
        AtomicReferenceArray<@Nullable EngineTask<I, R>> old = slots;
        int size = old.length();
        AtomicReferenceArray<@Nullable EngineTask<I, R>> larger = new AtomicReferenceArray<>(2 * size);
        free = Arrays.copyOf(free, 2 * size);
        for (int i = 0; i < size; i++) {
            larger.setPlain(i, old.getPlain(i));
            free[freeCount++] = 2 * size - 1 - i;
        }
        slots = larger;
    }

    void forEach(Consumer<? super EngineTask<I, R>> action) {
        AtomicReferenceArray<@Nullable EngineTask<I, R>> now = slots;
        for (int i = 0; i < now.length(); i++) {
            EngineTask<I, R> task = now.get(i);
            if (task != null) {
                action.accept(task);
            }
        }
    }

    /**
     * Cancels the tasks that are not RUNNING, and only then the others, whose permits the former would get. A throwable keeps no other task
     * from being cancelled, and is thrown in the end.
     */
    void cancelAll() {
        List<Throwable> thrown = new ArrayList<>(0);
        forEach(task -> {
            if (TaskState.phase(task.word()) != TaskState.RUNNING) {
                cancel(task, thrown);
            }
        });
        forEach(task -> cancel(task, thrown));
        if (!thrown.isEmpty()) {
            Throwable first = thrown.get(0);
            thrown.stream().filter(other -> other != first).forEach(first::addSuppressed);
            Throwables.throwIfUnchecked(first);
        }
    }

    /** As {@link #cancelAll}, but only logs the throwables. */
    void cancelAllOrLog() {
        try {
            cancelAll();
        } catch (RuntimeException | Error e) {
            LOG.warn("not all could be stopped", e);
        }
    }

    private static void cancel(EngineTask<?, ?> task, List<Throwable> thrown) {
        try {
            task.cancel(StopMode.INTERRUPT);
        } catch (RuntimeException | Error e) {
            thrown.add(e);
        }
    }

    /** Returns a task that {@code wanted} accepts; null if there is none. */
    @Nullable
    EngineTask<I, R> find(Predicate<? super EngineTask<I, R>> wanted) {
        AtomicReferenceArray<@Nullable EngineTask<I, R>> now = slots;
        for (int i = 0; i < now.length(); i++) {
            EngineTask<I, R> task = now.get(i);
            if (task != null && wanted.test(task)) {
                return task;
            }
        }
        return null;
    }
}
