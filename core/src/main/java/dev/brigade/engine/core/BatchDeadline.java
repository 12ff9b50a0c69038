package dev.brigade.engine.core;

import dev.brigade.engine.time.EpochClock;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The time at which a whole batch must be over, if it has a limit.
 *
 * <p><b>Thread safety</b>: all methods, from any thread; started once, before the first task.
 */
final class BatchDeadline {
    /** The deadline, on {@link EpochClock}; 0 if there is no limit. */
    private volatile long atNanos;

    /** Cancels the timer; null if there is none. */
    private volatile @Nullable Runnable timer;

    void start(RunnerCore engine, Duration time, Runnable whenOver) {
        atNanos = EpochClock.nowNanos() + time.toNanos();
        timer = engine.threads.after(time.toNanos(), whenOver::run);
    }

    long atNanos() {
        return atNanos;
    }

    /** Returns the earlier of this deadline and {@code otherNanos}; 0 stands for no limit in all three. */
    long orEarlier(long otherNanos) {
        long own = atNanos;
        return own == 0 || otherNanos == 0 ? own + otherNanos : Math.min(own, otherNanos);
    }

    /** Returns the time until {@code atNanos} on {@link EpochClock}: zero if it has passed, empty if {@code atNanos} is 0, for no limit. */
    static Optional<Duration> left(long atNanos) {
        return atNanos == 0
                ? Optional.empty()
                : Optional.of(Duration.ofNanos(Math.max(0, atNanos - EpochClock.nowNanos())));
    }

    void callOff() {
        Runnable callOff = timer;
        if (callOff != null) {
            callOff.run();
        }
    }
}
