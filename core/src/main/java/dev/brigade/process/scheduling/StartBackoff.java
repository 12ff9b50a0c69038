package dev.brigade.process.scheduling;

import java.util.concurrent.TimeUnit;

/**
 * Decides when another worker may be started after failed starts, and when there is no use in trying again.
 *
 * <p>Design note: plain data, guarded by the pool's lock. Only deaths before a worker was ready count: a task that kills its worker is no
 * reason to delay.
 */
final class StartBackoff {
    private static final long FIRST_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final long MAX_NANOS = TimeUnit.SECONDS.toNanos(2);
    private static final int MAX_DOUBLINGS = 10;

    /** Number of failed starts in a row after which waiting attempts are failed. */
    private static final int MAX_FAILED = 3;

    private int failed;

    /** The last worker to be started did not get ready. */
    private boolean failing;

    /** Time of the next start that is allowed; meaningful while {@code waiting}. */
    private long againAtNanos;

    private boolean waiting;

    /** Returns the time during which no worker may be started; 0 if one may be. */
    long leftNanos(long now) {
        return waiting ? Math.max(0, againAtNanos - now) : 0;
    }

    /** Returns true if the last start failed, so that no attempt waits for another worker. */
    boolean isFailing() {
        return failing;
    }

    int failed() {
        return failed;
    }

    /** A worker is ready. */
    void succeeded() {
        failed = 0;
        failing = false;
    }

    /**
     * A worker has died before it was ready.
     *
     * @return true if that has happened so often that there is no use in waiting
     */
    boolean failedAgain(long now) {
        failing = true;
        failed++;
        waiting = true;
        againAtNanos = now + Math.min(FIRST_NANOS << Math.min(failed - 1, MAX_DOUBLINGS), MAX_NANOS);
        return failed >= MAX_FAILED;
    }

    /** The waiting attempts have been failed: one more failure is enough for later attempts. */
    void gaveUp() {
        failed = MAX_FAILED - 1;
    }

    /** Lets the next attempt start a worker at once. */
    void allowNow() {
        waiting = false;
    }
}
