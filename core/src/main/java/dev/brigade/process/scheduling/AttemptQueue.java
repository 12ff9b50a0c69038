package dev.brigade.process.scheduling;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Attempts in order, linked through themselves.
 *
 * <p>Design note: guarded by the pool's lock. The links are fields of the attempts, so no attempt can be in two queues. Adding and removing
 * allocate nothing, so the end of memory cannot leave an attempt in no queue.
 */
final class AttemptQueue {
    private @Nullable PoolAttempt first;
    private @Nullable PoolAttempt last;
    private int size;

    int size() {
        return size;
    }

    boolean isEmpty() {
        return size == 0;
    }

    /** Returns the first; null when there is none. */
    @Nullable
    PoolAttempt first() {
        return first;
    }

    /** Returns the attempt behind {@code attempt}; null if it is the last. */
    static @Nullable PoolAttempt after(PoolAttempt attempt) {
        return attempt.next;
    }

    /** Adds an attempt that is in no queue. */
    void addLast(PoolAttempt attempt) {
        link(last, attempt, null);
    }

    /** Adds an attempt that is in no queue. */
    void addFirst(PoolAttempt attempt) {
        link(null, attempt, first);
    }

    private void link(@Nullable PoolAttempt before, PoolAttempt attempt, @Nullable PoolAttempt behind) {
        if (attempt.queue != null) {
            throw new IllegalStateException(attempt.label() + " is in a queue already");
        }
        attempt.queue = this;
        attempt.previous = before;
        attempt.next = behind;
        if (before == null) {
            first = attempt;
        } else {
            before.next = attempt;
        }
        if (behind == null) {
            last = attempt;
        } else {
            behind.previous = attempt;
        }
        size++;
    }

    /** Removes an attempt that is in this queue. */
    void remove(PoolAttempt attempt) {
        if (attempt.queue != this) {
            throw new IllegalStateException(attempt.label() + " is in another queue");
        }
        PoolAttempt before = attempt.previous;
        PoolAttempt behind = attempt.next;
        if (before == null) {
            first = behind;
        } else {
            before.next = behind;
        }
        if (behind == null) {
            last = before;
        } else {
            behind.previous = before;
        }
        attempt.queue = null;
        attempt.previous = null;
        attempt.next = null;
        size--;
    }

    /** Returns the attempt of that number; null when it is not here. The head is the usual answer. */
    @Nullable
    PoolAttempt find(int id) {
        for (PoolAttempt attempt = first; attempt != null; attempt = attempt.next) {
            if (attempt.id == id) {
                return attempt;
            }
        }
        return null;
    }

    /** Returns the last half of the queue, without its head and in reverse order: another worker might run these attempts sooner. */
    List<PoolAttempt> laterHalf() {
        int count = size / 2;
        List<PoolAttempt> half = new ArrayList<>(count);
        for (PoolAttempt attempt = last; attempt != null && half.size() < count; attempt = attempt.previous) {
            half.add(attempt);
        }
        return half;
    }

    /** Returns all, in order. */
    List<PoolAttempt> toList() {
        List<PoolAttempt> all = new ArrayList<>(size);
        for (PoolAttempt attempt = first; attempt != null; attempt = attempt.next) {
            all.add(attempt);
        }
        return all;
    }
}
