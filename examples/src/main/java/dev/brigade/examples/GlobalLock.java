package dev.brigade.examples;

import java.util.concurrent.locks.ReentrantLock;

/** For the lesson {@code gil}: one lock for all, as Python's interpreter has. Java has none, so the lesson brings its own. */
final class GlobalLock {
    private static final int SLICES = 10;

    /** Who computes must hold it. */
    private final ReentrantLock lock = new ReentrantLock();

    private final Gauge computing = new Gauge();
    private final Gauge waiting = new Gauge();

    /** The computation without the lock. */
    static long compute(int limit) {
        long sum = 0;
        for (int slice = 0; slice < SLICES; slice++) {
            sum += Squares.sum(limit);
        }
        return sum;
    }

    static long expected(int limit) {
        return SLICES * Squares.expected(limit);
    }

    /** As Python does it: the lock changes hands now and then, so that no thread waits for ever. */
    long computeLocked(int limit) {
        long sum = 0;
        for (int slice = 0; slice < SLICES; slice++) {
            lock.lock();
            computing.enter();
            try {
                sum += Squares.sum(limit);
            } finally {
                computing.leave();
                lock.unlock();
            }
        }
        return sum;
    }

    /** As Python does it: who waits for a disk or a server lets go of the lock meanwhile. */
    int waitUnlocked(int millis) throws InterruptedException {
        lock.lock();
        try {
            lock.unlock();
            waiting.enter();
            Thread.sleep(millis);
        } finally {
            waiting.leave();
            lock.lock();
        }
        lock.unlock();
        return millis;
    }

    /** How many threads computed at once, at most. */
    int mostComputing() {
        return computing.most();
    }

    /** How many threads waited at once, at most. */
    int mostWaiting() {
        return waiting.most();
    }
}
