package dev.brigade.engine.core;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Counts the attempts of one call that are under way, against the caller's bound and the runner's.
 *
 * <p>Design note: an attempt is counted before its item is claimed, and until it is answered; so whoever sees a count of 0 knows
 * that nothing of this call runs or is about to. A body that runs on the thread of one that waits for it counts against the
 * caller's bound alone: it has the other's place of the runner.
 */
final class ConcurrencyPermits {
    private final RunnerCore engine;
    private final int bound;

    /** Attempts under way, or about to be. */
    private final AtomicInteger underWay = new AtomicInteger();

    ConcurrencyPermits(RunnerCore engine, int maxConcurrency) {
        this.engine = engine;
        bound = engine.backend.queuesAhead() ? Integer.MAX_VALUE : maxConcurrency;
    }

    boolean isIdle() {
        return underWay.get() == 0;
    }

    /** Counts one more, unless the caller's bound is reached. */
    boolean tryCount() {
        while (true) {
            int now = underWay.get();
            if (now >= bound) {
                return false;
            }
            if (underWay.compareAndSet(now, now + 1)) {
                return true;
            }
        }
    }

    /** Counts one more and takes a place of the runner for it; both or neither. */
    boolean tryTake() {
        if (!tryCount()) {
            return false;
        }
        if (engine.tryTakePlace()) {
            return true;
        }
        underWay.decrementAndGet();
        return false;
    }

    void free(boolean withPlace) {
        underWay.decrementAndGet();
        if (withPlace) {
            engine.freePlace();
        }
    }
}
