package dev.brigade.process.scheduling;

import java.util.concurrent.TimeUnit;

/**
 * Decides how often the event loop looks at workers with attempts that wait behind others. Such attempts may be wanted elsewhere, and
 * results of these workers may come without the doorbell.
 *
 * <p>Design note: plain data, guarded by the pool's lock.
 */
final class PollBackoff {
    /** Longest time that a result without the doorbell waits, after results have come or an attempt was given to a worker. */
    private static final long SOON_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private static final long MAX_NANOS = TimeUnit.MILLISECONDS.toNanos(32);

    /** True if an attempt waits behind another. */
    private boolean needed;

    /** True if an attempt has been given to a worker since the event loop last looked. */
    private boolean active;

    private long nanos = SOON_NANOS;

    /** Called when a worker is given an attempt, behind others or not; returns true if the event loop sleeps too long for that. */
    boolean begins(boolean behind) {
        active = true;
        if (!behind || (needed && nanos == SOON_NANOS)) {
            return false;
        }
        needed = true;
        nanos = SOON_NANOS;
        return true;
    }

    /** Called when the event loop has looked; {@code behind} is true if an attempt waits behind another. */
    void setNeeded(boolean behind) {
        needed = behind;
    }

    /**
     * Returns the time until the event loop looks for results again: longer and longer while nothing happens.
     *
     * @param news true if results have just come
     */
    long nextNanos(boolean news) {
        nanos = news || active ? SOON_NANOS : Math.min(2 * nanos, MAX_NANOS);
        active = false;
        return needed ? nanos : PoolState.NEVER_NANOS;
    }
}
