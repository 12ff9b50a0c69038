package dev.brigade.process.scheduling;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The actions of all decisions, in the order of the decisions, and their execution: one thread at a time, without the pool's lock.
 *
 * <p>Design note: {@link #add} is called under the pool's lock, which gives the order. A thread that has decided calls
 * {@link #drain}; the first to come runs what there is, and goes round again for the requests that it finds in {@code requests}.
 * So an attempt's start is told before its end, without a wait. Where there is an event loop, a thread of the user's leaves the ends
 * of attempts to it.
 */
final class ActionQueue {
    private static final Logger LOG = LoggerFactory.getLogger(ActionQueue.class);

    private final Queue<Action> queue = new ConcurrentLinkedQueue<>();

    /** How many threads have asked; the one that raised it from 0 runs the actions until it is 0 again. */
    private final AtomicInteger requests = new AtomicInteger();

    private static final AtomicIntegerFieldUpdater<ActionQueue> BROKE_OFF =
            AtomicIntegerFieldUpdater.newUpdater(ActionQueue.class, "brokeOff");

    /** Not 0 when a thread has been thrown out of the loop below, and left {@code requests} raised: nobody runs actions. */
    private volatile int brokeOff;

    private final PoolState.EventLoop loop;

    ActionQueue(PoolState.EventLoop loop) {
        this.loop = loop;
    }

    /** Appends an action; under the pool's lock. */
    void add(Action action) {
        queue.add(action);
    }

    /** Runs what has been appended, unless another thread is at it, which then does. Without the lock. */
    void drain() {
        if (brokeOff != 0 && BROKE_OFF.compareAndSet(this, 1, 0)) {
            requests.set(0);
        }
        if (requests.getAndIncrement() == 0) {
            drain(1);
        }
    }

    /** Goes on where another thread left the rest to the event loop. */
    private void resume() {
        drain(requests.get());
    }

    private void drain(int seenRequests) {
        int seen = seenRequests;
        boolean finished = false;
        try {
            while (seen != 0) {
                if (!runAll()) {
                    finished = true;
                    return;
                }
                seen = requests.addAndGet(-seen);
            }
            finished = true;
        } finally {
            // Where the stack has ended, no method may be called: the next to drain starts anew.
            if (!finished) {
                brokeOff = 1;
            }
        }
    }

    /** Runs all there is; false when the rest has been left to the event loop. */
    private boolean runAll() {
        for (Action action = queue.peek(); action != null; action = queue.peek()) {
            if (action.endsAttempt() && !loop.isCurrent() && loop.execute(this::resume)) {
                return false;
            }
            if (action.entered) {
                queue.remove();
                action.entered = false;
                runSafely(action, true);
            } else {
                action.entered = true;
                runSafely(action, false);
                queue.remove();
                action.entered = false; // an action may be in the queue more than once
            }
        }
        return true;
    }

    /**
     * An action that fails keeps no other from being done: each may be what a thread waits for. At the end of the stack nothing can be
     * done any more: the action stays where it is, and the next thread recovers it.
     */
    private static void runSafely(Action action, boolean again) {
        try {
            if (again) {
                action.recover();
            } else {
                action.run();
            }
        } catch (StackOverflowError e) {
            if (!again) {
                throw e;
            }
            log(e);
        } catch (Throwable e) {
            log(e);
        }
    }

    /** Tells of a failure, if there is what it takes. */
    static void log(Throwable e) {
        try {
            LOG.error("a defect in the pool, or the end of memory or threads", e);
        } catch (Throwable again) {
            // The same shortage; the other actions come first.
        }
    }
}
