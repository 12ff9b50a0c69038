package dev.brigade.process.scheduling;

import dev.brigade.WorkerLostException.Reason;
import dev.brigade.process.protocol.ProgressFile;
import org.jspecify.annotations.Nullable;

/**
 * Decides which attempt is blamed for a worker's death.
 *
 * <p>Design note: functions of the records, under the pool's lock. An attempt is to blame if the worker had begun it, as its
 * {@link ProgressFile} tells. So is an attempt whose bytes there was no memory for. An attempt that is larger than a worker's queue is sent
 * only to an idle worker, so no other attempt is taken for it.
 */
final class BlameResolver {
    /** Number of attempts of one batch, lost in a row to workers that had not begun them, of which the last is blamed. */
    private static final int MAX_UNEXPLAINED = 3;

    private BlameResolver() {}

    /**
     * Returns the attempt to blame, null for none: the attempt in the progress file, or the queue's head if there is no file. The worker
     * may have given back the attempts before it, and died before it could report that. If the pool killed the worker, an attempt that
     * began after that decision is not blamed, but started again.
     */
    static @Nullable PoolAttempt blamed(WorkerRecord worker, WorkerExit exit) {
        PoolAttempt first = worker.queue.first();
        PoolAttempt head = first == null || !first.begun ? null : first;
        ProgressFile.Entry last = exit.progress();
        if (last == null) {
            return head;
        }
        PoolAttempt begun = worker.queue.find(last.attempt());
        if (begun != null) {
            return begun.begun || worker.killedFor == null ? begun : null;
        }
        if (head != null && ranOutReceiving(head, worker, exit)) {
            return head;
        }
        return head != null && ++head.batch.lostUnbegun >= MAX_UNEXPLAINED ? head : null;
    }

    /** Returns true if the worker's memory ended before it had begun the attempt, and it was sent more bytes for it than a queue holds. */
    static boolean ranOutReceiving(PoolAttempt attempt, WorkerRecord worker, WorkerExit exit) {
        ProgressFile.Entry last = exit.progress();
        return last != null
                && last.attempt() != attempt.id
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
        boolean decoded = last.attempt() == attempt.id && last.hasDecoded();
        batch.functionWorks |= decoded || hasBeenDecoded(batch, exit, others);
        boolean received = !attempt.carriesFunction || !ranOutReceiving(attempt, worker, exit);
        return !batch.functionWorks && (last.decoding() == batch.id || !received);
    }

    /** Returns true if a living worker runs a body of the batch. */
    private static boolean hasBeenDecoded(PoolBatch batch, WorkerExit exit, Iterable<WorkerRecord> others) {
        for (WorkerRecord other : others) {
            ProgressFile.Entry now = exit.living().get(other.number());
            PoolAttempt running = now == null || !now.hasDecoded() ? null : other.queue.find(now.attempt());
            if (running != null && running.batch == batch) {
                return true;
            }
        }
        return false;
    }
}
