package dev.brigade;

import java.time.Duration;
import java.time.Instant;

/**
 * The times at which a task was pulled, its last attempt began, and it ended.
 *
 * <p>The three figures are nanoseconds since the Unix epoch. They are read from this JVM's monotonic clock
 * ({@link System#nanoTime()}), which was set against the wall clock once. So they never run backwards, and timings of one JVM
 * compare with each other even when the wall clock is stepped.
 *
 * @param submittedNanos the time at which the input was pulled, or the task submitted
 * @param startedNanos the time at which the body of the last attempt began; equal to {@code endedNanos} when it never began
 * @param endedNanos the time at which the outcome was decided
 */
public record Timing(long submittedNanos, long startedNanos, long endedNanos) {

    /**
     * Returns the time that the task waited before its last attempt began, earlier attempts and retry delays included.
     *
     * @return the time from submission to the start of the last attempt, never negative
     */
    public Duration queued() {
        return Duration.ofNanos(startedNanos - submittedNanos);
    }

    /**
     * Returns the time that the last attempt took.
     *
     * @return the time from the start of the last attempt to the outcome, never negative; zero when its body never began
     */
    public Duration running() {
        return Duration.ofNanos(endedNanos - startedNanos);
    }

    /**
     * Returns the time at which the last attempt began.
     *
     * @return the instant
     */
    public Instant started() {
        return instant(startedNanos);
    }

    /**
     * Returns the time at which the outcome was decided.
     *
     * @return the instant
     */
    public Instant ended() {
        return instant(endedNanos);
    }

    private static Instant instant(long epochNanos) {
        return Instant.ofEpochSecond(0, epochNanos);
    }
}
