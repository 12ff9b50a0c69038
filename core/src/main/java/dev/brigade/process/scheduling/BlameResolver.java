package dev.brigade.process.scheduling;

import dev.brigade.WorkerLostException.Reason;
import dev.brigade.process.protocol.ProgressFile;
import org.jspecify.annotations.Nullable;

/**
 * Which attempt a worker's death is put down to.
 *
 * <p>Design note: functions of the records, under the pool's lock. An attempt is to blame when the worker had begun it, as its
 * {@link ProgressFile} tells, or had no memory for what it was sent for it. What is larger than a worker's queue is sent to none
 * that has anything else, so that no other attempt is taken for it.
 */
final class BlameResolver {
    /** So many attempts of one batch in a row may be lost to workers that die before they begin them; then they are blamed. */
    private static final int MAX_UNEXPLAINED = 3;

    private BlameResolver() {}

    /**
     * Returns the attempt that the worker had begun, by its own account; it may have given back those before it, and died before it
     * could say so. Where it kept no account, the one at the head. When it was killed from here, one that began after that was
     * decided is not to blame: it is started again.
     */
    static @Nullable PoolAttempt blamed(WorkerRecord worker, WorkerExit exit) {
        PoolAttempt first = worker.queue.first();
        PoolAttempt head = first == null || !first.begun ? null : first;
        ProgressFile.Entry last = exit.progress();
        if (last == null) {
            return head;
        }
        PoolAttempt begun = worker.queue.find(last.item());
        if (begun != null) {
            return begun.begun || worker.killedFor == null ? begun : null;
        }
        if (head != null && ranOutReceiving(head, worker, exit)) {
            return head;
        }
        return head != null && ++head.batch.lostUnbegun >= MAX_UNEXPLAINED ? head : null;
    }

    /** Returns true if the worker's memory ended before it had begun the attempt, and what it was sent for it is large. */
    static boolean ranOutReceiving(PoolAttempt attempt, WorkerRecord worker, WorkerExit exit) {
        ProgressFile.Entry last = exit.progress();
        return last != null
                && last.item() != attempt.id
                && attempt.sentBytes > PoolState.MAX_QUEUED_BYTES
                && WorkerLossReport.reason(worker, exit) == Reason.OUT_OF_MEMORY;
    }

    /** Returns true if the worker died of the function of the attempt's batch, as far as can be known. */
    static boolean isFunctionsFault(
            PoolAttempt attempt, WorkerRecord worker, WorkerExit exit, Iterable<WorkerRecord> others) {
        PoolBatch batch = attempt.batch;
        ProgressFile.Entry last = exit.progress();
        if (last == null) {
            return false;
        }
        boolean decoded = last.item() == attempt.id && last.hasDecoded();
        batch.functionWorks |= decoded || hasBeenDecoded(batch, exit, others);
        boolean received = !attempt.carriesFunction || !ranOutReceiving(attempt, worker, exit);
        return !batch.functionWorks && (last.decoding() == batch.id || !received);
    }

    /** Returns true if a worker that lives is at a body of the batch's. */
    private static boolean hasBeenDecoded(PoolBatch batch, WorkerExit exit, Iterable<WorkerRecord> others) {
        for (WorkerRecord other : others) {
            ProgressFile.Entry now = exit.living().get(other.number());
            PoolAttempt running = now == null || !now.hasDecoded() ? null : other.queue.find(now.item());
            if (running != null && running.batch == batch) {
                return true;
            }
        }
        return false;
    }
}
