package dev.brigade.engine.core;

import org.jspecify.annotations.Nullable;

/**
 * What a thread does that has run a body and keeps its place: it runs the next ready items of the same call, one at a time.
 *
 * <p>To free the place, and have the dispatcher take it again and bring the next item to an executor's queue and so to a thread,
 * costs more than a brief body. An item is claimed only when the thread is about to run it, so none waits behind a slow body
 * while another thread is idle. Where others want the thread, it goes on only with bodies that are known to be brief, and not
 * for long.
 *
 * <p><b>Thread safety</b>: one thread's own.
 */
final class TaskChain<I, R> {
    /** How long a thread that others want may go on. */
    private static final long SHARED_NANOS = 1_000_000;

    private final BatchRun<I, R> batch;

    final Thread thread = Thread.currentThread();

    /** What has settled here and the sink has not been told, linked from the newest to the oldest. */
    private @Nullable EngineTask<I, R> newest;

    private @Nullable EngineTask<I, R> oldest;
    private int kept;

    /** When it was first seen that others want this thread; 0 before. */
    private long wantedNanos;

    private TaskChain(BatchRun<I, R> batch) {
        this.batch = batch;
    }

    /**
     * A body has ended on the calling thread: goes on there if it may, and frees the place in the end. Not on the thread of one
     * who waits for the body, whose interrupts a turn would eat.
     */
    static <I, R> void endedHere(TaskAttempt<I, R> ended) {
        BatchRun<I, R> batch = ended.task.batch;
        if (batch.takesTurns && ended.holdsPlace && !ended.isOnCallersThread()) {
            new TaskChain<>(batch).goOn(ended);
        } else {
            batch.release(ended);
        }
    }

    private void goOn(TaskAttempt<I, R> ended) {
        TaskAttempt<I, R> last = ended;
        boolean placeIsMine = true;
        try {
            while (placeIsMine && mayGoOn()) {
                Thread.interrupted(); // somebody's who meant no body of ours
                if (!batch.hints.brief) {
                    tellSink(); // the next may take long
                }
                TaskAttempt<I, R> next = batch.claimHere(this);
                if (next == null) {
                    break;
                }
                TaskAttempt<I, R> before = last;
                last = next;
                placeIsMine = next.runInTurn(before); // or its place goes with it
            }
        } finally {
            free(last, placeIsMine);
        }
    }

    private void free(TaskAttempt<I, R> last, boolean placeIsMine) {
        try {
            tellSink();
        } finally {
            if (placeIsMine) {
                batch.release(last);
            }
        }
    }

    /**
     * An item of this turn has settled: keeps it until there are some, as each telling is a word fought over by all threads. Not
     * when another thread settled it, nor when it failed.
     */
    boolean keeps(EngineTask<I, R> task) {
        if (Thread.currentThread() != thread) {
            return false;
        }
        int mayBeKept = batch.hints.mayBeKept; // once: the consumer may change it meanwhile
        if (mayBeKept == 0 || task.failed()) {
            tellSink();
            return false;
        }
        task.older = newest;
        oldest = oldest == null ? task : oldest;
        newest = task;
        if (++kept >= mayBeKept) {
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
