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
 * <p>Design note: {@link #add} is called under the pool's lock, which gives the order. A thread that has decided calls {@link #drain}. The
 * first such thread runs the actions. {@code requests} counts the calls that come meanwhile; for those it looks once more. So an attempt's
 * start is told before its end, and no thread waits for another. Where there is an event loop, a user's thread that comes to the end of an
 * attempt leaves it, and all actions behind it, to the loop.
 */
final class ActionQueue {
    private static final Logger LOG = LoggerFactory.getLogger(ActionQueue.class);

    private final Queue<Action> queue = new ConcurrentLinkedQueue<>();

    /** Calls of {@code drain()} that no round has served yet. The thread that raised it from 0 runs the actions until it is 0 again. */
    private final AtomicInteger requests = new AtomicInteger();

    private static final AtomicIntegerFieldUpdater<ActionQueue> BROKE_OFF =
            AtomicIntegerFieldUpdater.newUpdater(ActionQueue.class, "brokeOff");

    /** 1 if a thread was thrown out of the loop below and left {@code requests} raised, so that no thread runs actions; else 0. */
    private volatile int brokeOff;

    private final PoolState.EventLoop loop;

    ActionQueue(PoolState.EventLoop loop) {
        this.loop = loop;
    }

    /** Appends an action; under the pool's lock. */
    void add(Action action) {
        queue.add(action);
    }

    /** Runs the actions that have been appended, unless another thread does so; that thread then runs these too. Without the lock. */
    void drain() {
        if (brokeOff != 0 && BROKE_OFF.compareAndSet(this, 1, 0)) {
            requests.set(0);
        }
        if (requests.getAndIncrement() == 0) {
            drain(1);
        }
    }

    /** Runs the actions that another thread has left to the event loop. */
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
            // The stack may have ended here, so no method is called. The next thread that drains starts anew.
            if (!finished) {
                brokeOff = 1;
            }
        }
    }

    /** Runs all actions; returns false if the rest has been left to the event loop. */
    private boolean runAll() {
        for (Action action = queue.peek(); action != null; action = queue.peek()) {
            if (action.endsAttempt() && !loop.isCurrent() && isLeftToTheLoop()) {
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

    /** Returns true if the event loop goes on; false if there is none, or no memory to tell it, so that this thread has to. */
    private boolean isLeftToTheLoop() {
        try {
            return loop.execute(this::resume);
        } catch (OutOfMemoryError e) {
            log(e);
            return false;
        }
    }

    /**
     * Runs an action. Its failure must not keep the others from being done, because a thread may wait for any of them. When the stack has
     * ended, nothing more can be done here. The action then stays in the queue, and the next thread recovers it.
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

    /** Logs a failure, if memory and threads allow it. */
    static void log(Throwable e) {
        try {
            LOG.error("a defect in the pool, or the end of memory or threads", e);
        } catch (Throwable again) {
            // The same shortage; the other actions are more important than the log.
        }
    }
}
