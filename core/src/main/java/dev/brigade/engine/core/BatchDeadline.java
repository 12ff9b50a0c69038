package dev.brigade.engine.core;

import dev.brigade.engine.time.EpochClock;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * When a whole call must be over, if it has a limit.
 *
 * <p><b>Thread safety</b>: all methods, from any thread; started once, before the first item.
 */
final class BatchDeadline {
    /** On {@link EpochClock}; 0 when there is no limit. */
    private volatile long atNanos;

    /** Calls the timer off. */
    private volatile @Nullable Runnable timer;

    void start(RunnerCore engine, Duration time, Runnable whenOver) {
        atNanos = EpochClock.nowNanos() + time.toNanos();
        timer = engine.threads.after(time.toNanos(), whenOver::run);
    }

    /** On {@link EpochClock}; 0 when there is no limit. */
    long atNanos() {
        return atNanos;
    }

    /** The earlier of this and another, of which 0 means no limit. */
    long orEarlier(long otherNanos) {
        long own = atNanos;
        return own == 0 || otherNanos == 0 ? own + otherNanos : Math.min(own, otherNanos);
    }

    /** How long it is until then, on {@link EpochClock}, zero when it has passed; nothing when that is 0, no limit. */
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
