package dev.brigade.process.scheduling;

import dev.brigade.WorkerLostException.Reason;
import dev.brigade.process.protocol.ProgressFile;
import org.jspecify.annotations.Nullable;

/**
 * Decides which attempt is blamed for a worker's death.
 *
 * <p>An attempt is to blame
 *
 * <ul>
 *   <li>if the worker had begun it, as its {@link ProgressFile} tells; without a file, if it was the queue's head;
 *   <li>if the worker's memory ended while it received it. An attempt larger than a worker's queue is sent only to an idle worker, so no
 *       other attempt is taken for it;
 *   <li>if it is the third attempt of its batch in a row that was the head when a worker died that had not begun it.
 * </ul>
 *
 * <p>Design note: under the pool's lock. The methods change what they count: {@code lostUnbegun} and {@code functionWorks} of the batch.
 */
final class BlameResolver {
    /** Number of attempts of one batch, lost in a row to workers that had not begun them, of which the last is blamed. */
    private static final int MAX_UNEXPLAINED = 3;

    private BlameResolver() {}

    /**
     * Returns the attempt to blame; null if there is none.
     *
     * <p>The attempt in the progress file may be behind others in the queue: the worker has given those back, and died before it could
     * report that. If the pool killed the worker, an attempt that began after that decision is not blamed, but started again.
     */
    static @Nullable PoolAttempt resolve(WorkerRecord worker, WorkerExit exit) {
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

    /** Returns true if the worker's memory ended while it received the attempt, which took more bytes than a worker's queue holds. */
    static boolean ranOutReceiving(PoolAttempt attempt, WorkerRecord worker, WorkerExit exit) {
        ProgressFile.Entry last = exit.progress();
        return last != null
                && last.attempt() != attempt.id
                && attempt.sentBytes > PoolState.MAX_QUEUED_BYTES
                && WorkerLossReport.reason(worker, exit) == Reason.OUT_OF_MEMORY;
    }

    /**
     * Returns true if the worker died of the function of the attempt's batch, which it was receiving or decoding, and no worker has ever
     * decoded. Notes if one has.
     */
    static boolean resolveFunction(
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
