package dev.brigade.process;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * What one worker has been given and not answered, in the order in which it runs it: so the head is what it runs now, and what is
 * to blame when it dies.
 *
 * <p>Design note: plain data, guarded by whoever owns it (the pool's lock). Each entry leaves exactly once: by {@link #settle} or
 * by {@link #drain}.
 *
 * @param <T> the entries
 */
final class WorkerQueue<T> {
    private final ArrayDeque<T> entries = new ArrayDeque<>();
    private final ToIntFunction<T> idOf;

    WorkerQueue(ToIntFunction<T> idOf) {
        this.idOf = idOf;
    }

    void add(T entry) {
        entries.add(entry);
    }

    int size() {
        return entries.size();
    }

    /** What the worker runs; null when it is idle. */
    @Nullable
    T head() {
        return entries.peekFirst();
    }

    /** The entry with that number; null when it has left. */
    @Nullable
    T find(int id) {
        for (T entry : entries) {
            if (idOf.applyAsInt(entry) == id) {
                return entry;
            }
        }
        return null;
    }

    /** Takes out the entry that the worker has answered; null when it has left before. */
    @Nullable
    T settle(int id) {
        T head = entries.peekFirst();
        if (head != null && idOf.applyAsInt(head) == id) {
            return entries.pollFirst();
        }
        for (Iterator<T> i = entries.descendingIterator(); i.hasNext(); ) {
            T entry = i.next();
            if (idOf.applyAsInt(entry) == id) {
                i.remove();
                return entry;
            }
        }
        return null;
    }

    /** The last half of what waits behind the head, last first: what another worker might do sooner. */
    List<T> laterHalf() {
        int count = entries.size() / 2;
        List<T> half = new ArrayList<>(count);
        for (Iterator<T> i = entries.descendingIterator(); half.size() < count; ) {
            half.add(i.next());
        }
        return half;
    }

    /** Takes everything out, in order: the worker is dead. */
    List<T> drain() {
        List<T> left = new ArrayList<>(entries);
        entries.clear();
        return left;
    }
}
