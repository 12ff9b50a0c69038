package dev.brigade.threads;

import java.util.Arrays;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Threads that wait for something, each of which looks again whenever something has happened: a body that waits runs what has not
 * begun, and must see what it could not run before.
 *
 * <p>Design note: each waiter has permits of its own, or one would use up another's. A waiter enters, and then looks: what happens
 * after its look leaves it a permit.
 *
 * <p><b>Thread safety</b>: all methods, from any thread; a waiter is one thread's own.
 */
public final class Waiters {
    private static final Waiter[] NONE = {};

    /** Never changed: copied. */
    private volatile Waiter[] all = NONE;

    /** One thread that waits. */
    public final class Waiter implements AutoCloseable {
        private final Semaphore permits = new Semaphore(0);

        private Waiter() {}

        /** Waits until something has happened since the last wait; false when nothing has in that time. */
        public boolean await(long nanos) throws InterruptedException {
            boolean woken = permits.tryAcquire(nanos, TimeUnit.NANOSECONDS);
            permits.drainPermits(); // one look sees all of it
            return woken;
        }

        @Override
        public void close() {
            leave(this);
        }
    }

    /** From now on, the calling thread misses nothing; until it closes what this returns. */
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

    /** Something has happened. */
    public void wakeAll() {
        for (Waiter waiter : all) {
            waiter.permits.release();
        }
    }
}
