package dev.brigade.engine.state;

import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Hands settled tasks from many threads to the one consumer of a batch, in the order in which they are pushed.
 *
 * <p>Design note: the queue is a stack, linked through the tasks themselves. A push is one compare-and-set; the consumer takes the whole
 * stack at once and reverses it. The newest node holds the number of nodes. So a consumer that waits for several nodes is woken by the push
 * that makes them enough, and by no other.
 *
 * <p>No wake-up is lost: the consumer writes {@code enough}, then {@code waiter}, and parks only if it then sees fewer nodes than
 * {@code enough}. It alone takes nodes. So the push that makes them enough comes after that check, and its thread sees both fields.
 *
 * @param <T> the type of the tasks
 */
public final class CompletionQueue<T extends CompletionQueue.Node<T>> {
    /**
     * Time that a consumer waits for several nodes; after that, one is enough. Tasks that take longer settle one by one, and the consumer
     * wants each at once.
     */
    private static final long PATIENCE_NANOS = 10_000_000;

    /** A node of a queue; it is pushed once, to one queue. */
    public abstract static class Node<T> {
        /** The node pushed before this one; owned by the queue from the push until it is taken. */
        @Nullable
        public T older;

        /** Number of nodes, this one included, when this was pushed as the newest. */
        private int depth;
    }

    /** The newest node; the link from it to the oldest is the whole content. */
    private final AtomicReference<@Nullable T> newest = new AtomicReference<>();

    /** Number of nodes that the consumer waits for; it writes this before {@code waiter}. */
    private int enough;

    /** The consumer while it is about to park or parked; null otherwise. */
    private volatile @Nullable Thread waiter;

    /** Set by {@link #wake}, cleared by the consumer: it must return even if there are not enough nodes. */
    private volatile boolean woken;

    public void push(T node) {
        push(node, node, 1);
    }

    /** Pushes {@code count} nodes that are linked already, from the newest to the oldest. */
    public void push(T newestOfThem, T oldestOfThem, int count) {
        Thread wanting = add(newestOfThem, oldestOfThem, count);
        if (wanting != null) {
            LockSupport.unpark(wanting);
        }
    }

    /** Pushes the nodes; returns the consumer's thread if this push makes them enough for it, else null. */
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

    /** Takes all nodes; returns the oldest, linked through {@code older} to the newer ones, or null if there are none. Consumer only. */
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

    /** Waits for {@code nodes} nodes, or for a {@link #wake}; after {@code PATIENCE_NANOS}, one node is enough. Consumer only. */
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

    /** Waits at most {@code atMostNanos}, or without a limit if that is 0. */
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

    /**
     * Tells the pushing threads that the calling thread waits for {@code nodes} nodes. The calling thread checks the queue only after this.
     */
    void announce(int nodes) {
        enough = nodes;
        waiter = Thread.currentThread();
    }

    /** Returns true while there are fewer than {@code nodes} nodes, and no {@link #wake}. */
    boolean mustWait(int nodes) {
        return depth(newest.get()) < nodes && !woken;
    }
}
