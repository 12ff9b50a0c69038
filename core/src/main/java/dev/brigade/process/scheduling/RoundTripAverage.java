package dev.brigade.process.scheduling;

import java.util.concurrent.TimeUnit;

/** How long it takes to ask a worker and get its answer, apart from the body: a moving average, guarded by the pool's lock. */
final class RoundTripAverage {
    private static final long FIRST_NANOS = TimeUnit.MICROSECONDS.toNanos(100);
    private static final long MAX_NANOS = TimeUnit.MILLISECONDS.toNanos(2);
    private static final int SMOOTHING = 8;

    private long nanos = FIRST_NANOS;

    long nanos() {
        return nanos;
    }

    /** An item that its worker had for itself was away for so long, less what its body took. */
    void sample(long awayNanos) {
        nanos += (Math.min(awayNanos, MAX_NANOS) - nanos) / SMOOTHING;
    }
}
