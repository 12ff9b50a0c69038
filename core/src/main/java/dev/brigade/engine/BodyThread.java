package dev.brigade.engine;

import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The thread that runs one body: lets it be interrupted while the body runs, and never after.
 *
 * <p>Design note: as in {@link java.util.concurrent.FutureTask}, the interrupter announces itself, so that the body's end can
 * wait for an interrupt that is under way and take it back. That wait is as short as {@link Thread#interrupt()}.
 *
 * <pre>
 *  null --begin--> the thread --end--> GONE
 *                      '--interrupt--> INTERRUPTING --> INTERRUPTED --end--> GONE
 * </pre>
 */
final class BodyThread {
    private static final Object INTERRUPTING = new Object();
    private static final Object INTERRUPTED = new Object();
    private static final Object GONE = new Object();

    /** See the diagram. */
    private final AtomicReference<@Nullable Object> state = new AtomicReference<>();

    /** The thread, for stack traces: kept while the body runs. */
    private volatile @Nullable Thread thread;

    /** Whether an interrupt that is not the engine's own is somebody else's business; the body's thread only. */
    private boolean callersThread;

    /** Claims the body; false when another thread has it. */
    boolean begin(Thread self, boolean onCallersThread) {
        if (!state.compareAndSet(null, self)) {
            return false;
        }
        thread = self;
        callersThread = onCallersThread;
        if (!onCallersThread) {
            Thread.interrupted(); // a leftover of whatever this thread did before
        }
        return true;
    }

    /** Interrupts the body, if it runs and has not been interrupted. */
    void interrupt() {
        if (state.get() instanceof Thread running && state.compareAndSet(running, INTERRUPTING)) {
            running.interrupt();
            state.set(INTERRUPTED);
        }
    }

    /**
     * The body has ended; on its thread. Takes back what the engine sent, and what the body did to a thread of a pool. An
     * interrupt that ended the body and that nobody here sent was meant for the caller whose thread this is: it gets it back.
     */
    void end(boolean byInterrupt) {
        boolean untouched = state.compareAndSet(Thread.currentThread(), GONE);
        if (!untouched) {
            while (state.get() == INTERRUPTING) {
                Thread.onSpinWait();
            }
            state.set(GONE);
        }
        thread = null;
        if (!untouched || !callersThread) {
            Thread.interrupted();
        } else if (byInterrupt) {
            Thread.currentThread().interrupt();
        }
    }

    boolean isCurrent() {
        return thread == Thread.currentThread();
    }

    /** The thread while the body runs; else null. */
    @Nullable
    Thread thread() {
        return thread;
    }
}
