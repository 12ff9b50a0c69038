package dev.brigade.engine;

import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Hands settled items from many threads to the one consumer of a call, in the order in which they settled.
 *
 * <p>Design note: a stack that threads push onto with one compare-and-set, linked through the items themselves; the consumer
 * takes the whole stack at once and turns it round. Only the push that finds the stack empty need wake the consumer: it takes
 * all that is there, and looks once more after it has said that it is about to park.
 *
 * @param <T> the type of the items
 */
final class CompletionQueue<T extends CompletionQueue.Node<T>> {

    /** What can be queued, in one queue, once. */
    abstract static class Node<T> {
        /** The node pushed before this one; owned by the queue from push to take. */
        @Nullable
        T older;
    }

    /** The newest node; the link from it to the oldest is the whole content. */
    private final AtomicReference<@Nullable T> newest = new AtomicReference<>();

    /** The consumer while it is about to park or parked; null otherwise. */
    private volatile @Nullable Thread waiter;

    /** Set by {@link #wake}, cleared by the consumer: something other than a node wants its attention. */
    private volatile boolean woken;

    void push(T node) {
        T head;
        do {
            head = newest.get();
            node.older = head;
        } while (!newest.compareAndSet(head, node));
        if (head == null) {
            unparkWaiter();
        }
    }

    /** Makes the consumer's present or next {@link #await} return. */
    void wake() {
        woken = true;
        unparkWaiter();
    }

    private void unparkWaiter() {
        Thread thread = waiter;
        if (thread != null) {
            LockSupport.unpark(thread);
        }
    }

    /** Takes all nodes: the one that settled first, linked through {@code older} to the ones after it. Consumer only. */
    @Nullable
    T takeAll() {
        if (newest.get() == null) {
            return null;
        }
        T node = newest.getAndSet(null);
        T turned = null;
        while (node != null) {
            T next = node.older;
            node.older = turned;
            turned = node;
            node = next;
        }
        return turned;
    }

    /** Waits until there is a node or a {@link #wake}. Consumer only. */
    void await() throws InterruptedException {
        waiter = Thread.currentThread();
        try {
            while (newest.get() == null && !woken) {
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
                LockSupport.park(this);
            }
            woken = false;
        } finally {
            waiter = null;
        }
    }
}
