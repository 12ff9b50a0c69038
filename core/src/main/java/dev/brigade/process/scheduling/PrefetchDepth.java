package dev.brigade.process.scheduling;

import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The prefetch depth, from the duration of bodies: about four round trips of work wait at a worker. Nothing waits there if bodies are long,
 * or while a worker is to come, as {@link PoolState} says.
 *
 * <p>Design note: plain data, guarded by the pool's lock. The moving average follows a fall twice as fast as a rise, because the first
 * bodies of a cold JVM are slow and say nothing.
 */
final class PrefetchDepth {
    /** Nothing waits behind bodies longer than this: a round trip does not matter to them. */
    private static final long LONG_BODY_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private static final long MIN_BODY_NANOS = 250;
    private static final int ROUND_TRIPS = 4;
    private static final int MAX_DEPTH = 1024;
    private static final long UNKNOWN = -1;

    private final @Nullable PrefetchDepth general;
    private long bodyNanos = UNKNOWN;

    /** Makes a depth without samples; {@code general} takes its place until there is one. */
    PrefetchDepth(@Nullable PrefetchDepth general) {
        this.general = general;
    }

    /** Adds the duration of a body. */
    void sample(long nanos) {
        if (bodyNanos == UNKNOWN) {
            bodyNanos = nanos;
        } else {
            bodyNanos += (nanos - bodyNanos) / (nanos < bodyNanos ? 2 : 4);
        }
        if (general != null) {
            general.sample(nanos);
        }
    }

    /** Returns the number of attempts that may wait behind the running one. */
    int depth(long roundTripNanos) {
        if (bodyNanos == UNKNOWN) {
            return general == null ? 0 : general.depth(roundTripNanos);
        }
        if (bodyNanos > LONG_BODY_NANOS) {
            return 0;
        }
        long depth = 1 + ROUND_TRIPS * roundTripNanos / Math.max(bodyNanos, MIN_BODY_NANOS);
        return (int) Math.min(depth, MAX_DEPTH);
    }
}
