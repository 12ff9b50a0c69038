package dev.brigade;

import java.time.Duration;
import java.time.Instant;

/**
 * When a task was pulled, when its last attempt began and when it ended.
 *
 * <p>The three figures are nanoseconds since the Unix epoch, read from this JVM's monotonic clock
 * ({@link System#nanoTime()}), which was set against the wall clock once: they never run backwards, and timings of one JVM
 * compare with each other even when the wall clock is stepped.
 *
 * @param submittedNanos when the input was pulled, or the task submitted
 * @param startedNanos when the body of the last attempt began; equal to {@code endedNanos} when no body ever began
 * @param endedNanos when the outcome was decided
 */
public record Timing(long submittedNanos, long startedNanos, long endedNanos) {

    /**
     * How long the task waited before its last attempt began, earlier attempts and back-offs included.
     *
     * @return the time from submission to the start of the last attempt, never negative
     */
    public Duration queued() {
        return Duration.ofNanos(startedNanos - submittedNanos);
    }

    /**
     * How long the last attempt took.
     *
     * @return the time from the start of the last attempt to the outcome, never negative; zero when no body ever began
     */
    public Duration running() {
        return Duration.ofNanos(endedNanos - startedNanos);
    }

    /**
     * When the last attempt began.
     *
     * @return the instant
     */
    public Instant started() {
        return instant(startedNanos);
    }

    /**
     * When the outcome was decided.
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
