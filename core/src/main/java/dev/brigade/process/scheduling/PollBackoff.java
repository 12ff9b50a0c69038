package dev.brigade.process.scheduling;

import java.util.concurrent.TimeUnit;

/**
 * How closely the clock watches workers at which items wait behind others: those may be wanted elsewhere, and results of theirs may
 * come without the bell.
 *
 * <p>Design note: plain data, guarded by the pool's lock.
 */
final class PollBackoff {
    /** Results that come without the bell wait no longer than this after something was heard or given. */
    private static final long SOON_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private static final long MAX_NANOS = TimeUnit.MILLISECONDS.toNanos(32);

    /** Whether anything waits behind something. */
    private boolean needed;

    /** Something has been given to a worker since the clock last looked. */
    private boolean active;

    private long nanos = SOON_NANOS;

    /** A worker has been given something, behind other items or not; returns whether the clock sleeps too long for that. */
    boolean begins(boolean behind) {
        active = true;
        if (!behind || (needed && nanos == SOON_NANOS)) {
            return false;
        }
        needed = true;
        nanos = SOON_NANOS;
        return true;
    }

    /** Whether anything waits behind something, as the clock has just seen. */
    void setNeeded(boolean behind) {
        needed = behind;
    }

    /**
     * How soon the clock is to look for results; less and less often while nothing happens.
     *
     * @param news whether there have just been results
     */
    long nextNanos(boolean news) {
        nanos = news || active ? SOON_NANOS : Math.min(2 * nanos, MAX_NANOS);
        active = false;
        return needed ? nanos : PoolState.NEVER_NANOS;
    }
}
