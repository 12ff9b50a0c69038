package dev.brigade.threads;

import java.util.Arrays;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Waiting threads, each of which checks its condition again after each event. A body that waits runs tasks that have not begun, and must
 * look again at tasks that it could not run before.
 *
 * <p>Design note: each waiter has semaphore permits of its own, or one waiter would use up another's. A waiter enters, and then checks: an
 * event after its check leaves it a permit.
 *
 * <p><b>Thread safety</b>: all methods, from any thread; a waiter belongs to one thread.
 */
public final class Waiters {
    private static final Waiter[] NONE = {};

    /** Copied on each change. */
    private volatile Waiter[] all = NONE;

    /** One waiting thread. */
    public final class Waiter implements AutoCloseable {
        private final Semaphore permits = new Semaphore(0);

        private Waiter() {}

        /** Waits for an event since the last wait; returns false if there is none within {@code nanos}. */
        public boolean await(long nanos) throws InterruptedException {
            boolean woken = permits.tryAcquire(nanos, TimeUnit.NANOSECONDS);
            permits.drainPermits(); // one check covers all events so far
            return woken;
        }

        @Override
        public void close() {
            leave(this);
        }
    }

    /** Registers the calling thread: it misses no event from now on, until it closes the returned waiter. */
    public Waiter enter() {
        Waiter mine = new Waiter();
        synchronized (this) {
            Waiter[] longer = Arrays.copyOf(all, all.length + 1);
            longer[all.length] = mine;
            all = longer;
        }
        return mine;
    }

    private synchronized void leave(Waiter gone) {
        all = Arrays.stream(all).filter(waiter -> waiter != gone).toArray(Waiter[]::new);
    }

    /** Signals an event to all waiters. */
    public void wakeAll() {
        for (Waiter waiter : all) {
            if (waiter.permits.availablePermits()
                    == 0) { // one is enough, and a waiter that runs a long body takes none meanwhile
                waiter.permits.release();
            }
        }
    }
}
