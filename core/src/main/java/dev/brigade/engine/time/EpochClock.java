package dev.brigade.engine.time;

import java.time.Instant;

/** Nanoseconds since the Unix epoch that never decrease: {@link System#nanoTime()}, set against the wall clock once. */
public final class EpochClock {
    private static final long OFFSET_NANOS = offsetNanos();

    private EpochClock() {}

    public static long nowNanos() {
        return System.nanoTime() + OFFSET_NANOS;
    }

    private static long offsetNanos() {
        Instant now = Instant.now();
        return now.getEpochSecond() * 1_000_000_000L + now.getNano() - System.nanoTime();
    }
}
