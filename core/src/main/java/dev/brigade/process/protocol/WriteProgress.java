package dev.brigade.process.protocol;

/**
 * Counts the bytes that a socket has taken, for threads that wait for them; in a worker only.
 *
 * <p>Design note: one thread at a time writes, and calls {@link #advance}. It reads {@code waiting} without the lock, so each wait is
 * bounded. The lock ({@code this}) guards changes of {@code waiting}.
 */
final class WriteProgress {
    private static final long LOOK_MILLIS = 10;

    private volatile long bytes;
    private volatile int waiting;

    /** Nothing more is written. One way: false to true. */
    private volatile boolean broken;

    /** Adds {@code more} bytes that the socket has taken. Writer only. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // there is one writer
    void advance(int more) {
        bytes += more;
        if (waiting > 0) {
            synchronized (this) {
                notifyAll();
            }
        }
    }

    synchronized void breakOff() {
        broken = true;
        notifyAll();
    }

    boolean isBroken() {
        return broken;
    }

    /**
     * Waits until the socket has taken everything up to the mark, or nothing more is written. An interrupt does not end the wait.
     *
     * @return true if the thread was interrupted meanwhile; its flag is cleared
     */
    @SuppressWarnings("NonAtomicVolatileUpdate") // waiting is only changed under the lock
    boolean await(long mark) {
        if (bytes >= mark || broken) {
            return false;
        }
        boolean interrupted = false;
        synchronized (this) {
            waiting++;
            while (bytes < mark && !broken) {
                try {
                    wait(LOOK_MILLIS);
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
            waiting--;
        }
        return interrupted;
    }
}
