package dev.brigade.engine.core;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Counts the attempts of one batch that are under way, against the caller's limit and the runner's.
 *
 * <p>Design note: an attempt is counted before its task is claimed, and until it is answered. So if the count is 0, no body of this batch
 * runs or is about to. A body on the thread of a body that waits for it counts against the caller's limit alone: it uses that body's permit
 * of the runner.
 */
final class ConcurrencyPermits {
    private final RunnerCore engine;
    private final int bound;

    /** Number of attempts that are under way or about to be. */
    private final AtomicInteger underWay = new AtomicInteger();

    ConcurrencyPermits(RunnerCore engine, int maxConcurrency) {
        this.engine = engine;
        bound = engine.backend.queuesAhead() ? Integer.MAX_VALUE : maxConcurrency;
    }

    boolean isIdle() {
        return underWay.get() == 0;
    }

    /** Counts one more attempt; returns false if the caller's limit is reached. */
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

    /** Counts one more attempt and takes a permit of the runner for it; does both, or neither and returns false. */
    boolean tryTake() {
        if (!tryCount()) {
            return false;
        }
        if (engine.tryTakePermit()) {
            return true;
        }
        underWay.decrementAndGet();
        return false;
    }

    void free(boolean withPermit) {
        underWay.decrementAndGet();
        if (withPermit) {
            engine.freePermit();
        }
    }
}
