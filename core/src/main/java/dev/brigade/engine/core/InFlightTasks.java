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
 * The items of one call that were pulled and are not handed out, for whoever ends the call.
 *
 * <p>Design note: one thread adds and removes, the consumer's; any may look. Each item has a slot, so that none is searched for.
 * A look may miss what is added meanwhile: so whoever adds looks afterwards, behind a fence, whether the call has been ended. It
 * may find what is removed meanwhile, and does nothing to it, as that has settled.
 */
final class InFlightTasks<I, R> {
    private static final Logger LOG = LoggerFactory.getLogger(InFlightTasks.class);
    /** One item or null in each slot; a larger copy takes its place when all are taken. */
    private volatile AtomicReferenceArray<@Nullable EngineTask<I, R>> slots = new AtomicReferenceArray<>(1);

    /** The slots that are free, as a stack; the adding thread only. */
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

    /** Lets go of what has settled, on any thread: of a call that is over, which hands out nothing more. */
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
     * Cancels what has not begun, and only then what runs, whose places it would be given. What one throws keeps none of the others
     * from it, and is thrown in the end.
     */
    void cancelAll() {
        List<Throwable> thrown = new ArrayList<>(0);
        forEach(task -> {
            if (TaskState.phase(task.word()) != TaskState.HANDED) {
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

    /** As {@link #cancelAll}, but only logs what was thrown. */
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

    /** Some item that is as wanted; null when there is none. */
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
