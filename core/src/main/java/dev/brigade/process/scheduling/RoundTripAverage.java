package dev.brigade.process.scheduling;

import java.util.concurrent.TimeUnit;

/** The moving average of the time between a task's sending and its answer, without the body; guarded by the pool's lock. */
final class RoundTripAverage {
    private static final long FIRST_NANOS = TimeUnit.MICROSECONDS.toNanos(100);
    private static final long MAX_NANOS = TimeUnit.MILLISECONDS.toNanos(2);
    private static final int SMOOTHING = 8;

    private long nanos = FIRST_NANOS;

    long nanos() {
        return nanos;
    }

    /** Adds the time that an attempt was away at a worker that had nothing else, less the time of its body. */
    void sample(long awayNanos) {
        nanos += (Math.min(awayNanos, MAX_NANOS) - nanos) / SMOOTHING;
    }
}
