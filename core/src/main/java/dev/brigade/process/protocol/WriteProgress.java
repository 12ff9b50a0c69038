package dev.brigade.process.protocol;

/**
 * How much of what was queued a socket has taken, for those who wait for that.
 *
 * <p>Design note: one thread at a time writes, and calls {@link #advance}; it looks at {@code waiting} without the lock, hence the
 * bounded wait. The lock ({@code this}) guards {@code waiting}.
 */
final class WriteProgress {
    private static final long LOOK_MILLIS = 10;

    private volatile long bytes;
    private volatile int waiting;

    /** Nothing more goes out. One way: false to true. */
    private volatile boolean broken;

    /** The socket has taken so many more. By the writer only. */
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
     * Waits until the socket has taken everything up to the mark, or nothing more goes out. Interrupts do not end the wait.
     *
     * @return whether there was one
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
