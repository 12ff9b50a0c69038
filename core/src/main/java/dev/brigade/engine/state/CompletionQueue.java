package dev.brigade.engine.state;

import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Hands settled items from many threads to the one consumer of a call, in the order in which they settled.
 *
 * <p>Design note: a stack that threads push onto with one compare-and-set, linked through the items themselves; the consumer
 * takes the whole stack at once and turns it round. The newest node knows how many there are, so that a consumer that has no use
 * for a few is woken by the push that makes them enough, and by no other.
 *
 * <p>No wake-up is lost: the consumer parks only after it has written {@code enough} and then {@code waiter}, and has then seen
 * fewer nodes than that. As it alone takes nodes, the push that makes them enough comes after that look, so its thread sees both.
 *
 * @param <T> the type of the items
 */
public final class CompletionQueue<T extends CompletionQueue.Node<T>> {
    /** How long a consumer waits for more than one node: what takes longer comes one by one, and is wanted one by one. */
    private static final long PATIENCE_NANOS = 10_000_000;

    /** What can be queued, in one queue, once. */
    public abstract static class Node<T> {
        /** The node pushed before this one; owned by the queue from push to take. */
        @Nullable
        public T older;

        /** How many nodes there were when this was pushed as the newest. */
        private int depth;
    }

    /** The newest node; the link from it to the oldest is the whole content. */
    private final AtomicReference<@Nullable T> newest = new AtomicReference<>();

    /** How many nodes the consumer waits for; written by it before {@code waiter}. */
    private int enough;

    /** The consumer while it is about to park or parked; null otherwise. */
    private volatile @Nullable Thread waiter;

    /** Set by {@link #wake}, cleared by the consumer: something other than enough nodes wants its attention. */
    private volatile boolean woken;

    public void push(T node) {
        push(node, node, 1);
    }

    /** Pushes so many nodes that are linked already, from the newest to the oldest. */
    public void push(T newestOfThem, T oldestOfThem, int count) {
        Thread wanting = add(newestOfThem, oldestOfThem, count);
        if (wanting != null) {
            LockSupport.unpark(wanting);
        }
    }

    /** Pushes the nodes, and returns the consumer if they make enough for it; null if nobody is to be woken. */
    @Nullable
    Thread add(T newestOfThem, T oldestOfThem, int count) {
        Node<T> top = newestOfThem;
        Node<T> bottom = oldestOfThem;
        T head;
        do {
            head = newest.get();
            bottom.older = head;
            top.depth = depth(head) + count;
        } while (!newest.compareAndSet(head, newestOfThem));
        Thread thread = waiter;
        return thread != null && top.depth >= enough && top.depth - count < enough ? thread : null;
    }

    private static int depth(@Nullable Node<?> node) {
        return node == null ? 0 : node.depth;
    }

    /** Makes the consumer's present or next {@link #await} return. */
    public void wake() {
        woken = true;
        Thread thread = waiter;
        if (thread != null) {
            LockSupport.unpark(thread);
        }
    }

    /** Takes all nodes: the one that settled first, linked through {@code older} to the ones after it. Consumer only. */
    @Nullable
    public T takeAll() {
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

    /**
     * Waits until there are so many nodes, or a {@link #wake}; or one node, when the others are long in coming. Consumer only.
     */
    public void await(int nodes) throws InterruptedException {
        try {
            await(nodes, nodes > 1 ? PATIENCE_NANOS : 0);
            if (nodes > 1 && !woken) {
                await(1, 0);
            }
            woken = false;
        } finally {
            waiter = null;
        }
    }

    /** Waits at most so long, or for ever when that is 0. */
    private void await(int nodes, long atMostNanos) throws InterruptedException {
        long startNanos = System.nanoTime();
        announce(nodes);
        while (mustWait(nodes)) {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            if (atMostNanos == 0) {
                LockSupport.park(this);
                continue;
            }
            long leftNanos = atMostNanos - (System.nanoTime() - startNanos);
            if (leftNanos <= 0) {
                return;
            }
            LockSupport.parkNanos(this, leftNanos);
        }
    }

    /** Tells the threads that push that the calling thread wants so many nodes. The look at the queue comes after this. */
    void announce(int nodes) {
        enough = nodes;
        waiter = Thread.currentThread();
    }

    /** Returns true while there are fewer nodes, and no {@link #wake}. */
    boolean mustWait(int nodes) {
        return depth(newest.get()) < nodes && !woken;
    }
}
