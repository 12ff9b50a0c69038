package dev.brigade.engine.core;

import org.jspecify.annotations.Nullable;

/**
 * The bodies that a thread runs one after the other with one permit: after a body, it runs the next ready tasks of the same batch.
 *
 * <p>Without a chain, the permit is freed, the dispatcher takes it again, and the next task goes through an executor's queue to a thread.
 * Together these steps cost more than a brief body. A task is claimed only when the thread is about to run it, so that none waits behind a
 * slow body while another thread is idle. If others want the thread, it goes on only with bodies that are known to be brief, and not for
 * long.
 *
 * <p><b>Thread safety</b>: the chain's thread only.
 */
final class TaskChain<I, R> {
    /** Time that a thread may go on while others want it. */
    private static final long SHARED_NANOS = 1_000_000;

    private final BatchRun<I, R> batch;

    final Thread thread = Thread.currentThread();

    /** Settled tasks that the {@code Sink} has not been passed yet, linked from the newest to the oldest; null if there are none. */
    private @Nullable EngineTask<I, R> newest;

    private @Nullable EngineTask<I, R> oldest;
    private int kept;

    /** Time at which others were first seen to want this thread, by {@link System#nanoTime()}; 0 before. */
    private long wantedNanos;

    private TaskChain(BatchRun<I, R> batch) {
        this.batch = batch;
    }

    /**
     * Called when a body has ended on the calling thread: begins a chain there if it may, and frees the permit in the end. A caller's
     * thread, which waits for the body, begins none: the chain would clear the caller's interrupts.
     */
    static <I, R> void endedHere(TaskAttempt<I, R> ended) {
        BatchRun<I, R> batch = ended.task.batch;
        if (batch.takesTurns && ended.holdsPermit && !ended.isOnCallersThread()) {
            new TaskChain<>(batch).goOn(ended);
        } else {
            batch.release(ended);
        }
    }

    private void goOn(TaskAttempt<I, R> ended) {
        TaskAttempt<I, R> last = ended;
        boolean permitIsMine = true;
        try {
            while (permitIsMine && mayGoOn()) {
                Thread.interrupted(); // an interrupt from elsewhere, meant for no body of this chain
                if (!batch.hints.brief) {
                    tellSink(); // the next body may take long
                }
                TaskAttempt<I, R> next = batch.claimHere(this);
                if (next == null) {
                    break;
                }
                TaskAttempt<I, R> before = last;
                last = next;
                permitIsMine = next.runInTurn(before); // false if the permit stays with that attempt
            }
        } finally {
            free(last, permitIsMine);
        }
    }

    private void free(TaskAttempt<I, R> last, boolean permitIsMine) {
        try {
            tellSink();
        } finally {
            if (permitIsMine) {
                batch.release(last);
            }
        }
    }

    /**
     * Keeps a settled task of this chain until there are several, because each call of the {@code Sink} contends with all threads for one
     * field. Returns false if the task is not kept: another thread settled it, it failed, or the consumer allows none to be kept.
     */
    boolean keeps(EngineTask<I, R> task) {
        if (Thread.currentThread() != thread) {
            return false;
        }
        int maxKept = batch.hints.maxKept; // read once: the consumer may change it meanwhile
        if (maxKept == 0 || task.failed()) {
            tellSink();
            return false;
        }
        task.older = newest;
        oldest = oldest == null ? task : oldest;
        newest = task;
        if (++kept >= maxKept) {
            tellSink();
        }
        return true;
    }

    private void tellSink() {
        EngineTask<I, R> last = newest;
        EngineTask<I, R> first = oldest;
        if (last != null && first != null) {
            newest = null;
            oldest = null;
            batch.sink().settled(last, first, kept);
            kept = 0;
        }
    }

    private boolean mayGoOn() {
        RunnerCore engine = batch.engine;
        if (engine.isOverLimit() || batch.isAborted()) {
            return false;
        }
        if (!engine.backend.mayQueue() && !engine.dispatcher.othersWait(batch)) {
            return true;
        }
        if (!batch.hints.brief) {
            return false;
        }
        long nowNanos = System.nanoTime();
        if (wantedNanos == 0) {
            wantedNanos = nowNanos;
        }
        return nowNanos - wantedNanos < SHARED_NANOS;
    }
}
