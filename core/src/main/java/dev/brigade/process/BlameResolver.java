package dev.brigade.process;

import dev.brigade.WorkerLostException;
import dev.brigade.WorkerLostException.Reason;
import dev.brigade.process.protocol.ProgressFile;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Settles what a dead worker leaves: the item that it ran fails, the others are given out again.
 *
 * <p>Design note: part of {@link WorkerSupervisor}, under the crew's lock. An item is to blame when the worker had begun it, as
 * its {@link ProgressFile} tells, or had no memory for what is sent for it. What is larger than a worker's queue is sent to none that
 * has anything else, so that nobody else is taken for it.
 */
final class BlameResolver {
    /** So many items of one call in a row may be lost to workers that die before they begin them; then they are blamed. */
    private static final int MAX_UNEXPLAINED = 3;

    /** So many workers may die while they decode the function of one call; then the call has failed. */
    private static final int MAX_DECODING = 3;

    private final PoolState crew;

    BlameResolver(PoolState crew) {
        this.crew = crew;
    }

    /** The process is gone, and all that it had written has been read. */
    void bury(WorkerRecord worker, PoolActions effects) {
        List<PoolAttempt> left = worker.ledger.drain();
        left.forEach(item -> item.lane.leftWorker(item, worker));
        PoolAttempt guilty = guilty(left, worker);
        for (int i = left.size() - 1; i >= 0; i--) {
            if (left.get(i) != guilty) {
                crew.putBack(left.get(i), effects);
            }
        }
        if (guilty != null) {
            blame(guilty, worker, effects);
        }
    }

    /**
     * The item that the worker had begun, by its own account; it may have given back those before it, and died before it could say
     * so. Where it kept no account, the one at the head. When it was killed from here, one that began after that was decided is not
     * to blame: it is started again.
     */
    private static @Nullable PoolAttempt guilty(List<PoolAttempt> left, WorkerRecord worker) {
        PoolAttempt head = left.isEmpty() || !left.get(0).begun ? null : left.get(0);
        ProgressFile.Entry last = worker.lastEntry;
        if (last == null) {
            return head;
        }
        for (PoolAttempt item : left) {
            if (item.id == last.item()) {
                return item.begun || worker.killedFor == null ? item : null;
            }
        }
        if (head != null && ranOutReceiving(head, worker)) {
            return head;
        }
        return head != null && ++head.lane.lostUnbegun >= MAX_UNEXPLAINED ? head : null;
    }

    /** Whether the worker's memory ended before it had begun the item, and what it was sent for it is large. */
    static boolean ranOutReceiving(PoolAttempt item, WorkerRecord worker) {
        ProgressFile.Entry last = worker.lastEntry;
        return last != null
                && last.item() != item.id
                && item.sentBytes > PoolState.MAX_QUEUED_BYTES
                && WorkerLossReport.reason(worker) == Reason.OUT_OF_MEMORY;
    }

    /** Whether the worker died of the function of the item's call, as far as anybody knows. */
    private boolean isFunctionsFault(PoolAttempt item, WorkerRecord worker) {
        PoolBatch<?, ?> lane = item.lane;
        ProgressFile.Entry last = worker.lastEntry;
        if (last == null) {
            return false;
        }
        boolean decoded = last.item() == item.id && last.hasDecoded();
        lane.functionWorks |= decoded || someoneHasDecoded(lane);
        boolean received = !item.carriesFunction || !ranOutReceiving(item, worker);
        return !lane.functionWorks && (last.decoding() == lane.id || !received);
    }

    /** Whether a worker that lives is at a body of the lane's. */
    private boolean someoneHasDecoded(PoolBatch<?, ?> lane) {
        for (WorkerRecord worker : crew.slots()) {
            ProgressFile.Entry now = worker == null ? null : worker.peekAccount();
            PoolAttempt running = now == null || !now.hasDecoded() ? null : worker.ledger.find(now.item());
            if (running != null && running.lane == lane) {
                return true;
            }
        }
        return false;
    }

    private void blame(PoolAttempt item, WorkerRecord worker, PoolActions effects) {
        PoolBatch<?, ?> lane = item.lane;
        lane.lostUnbegun = 0;
        item.over = true;
        lane.left(item);
        WorkerLostException lost = WorkerLossReport.of(worker, item);
        if (!item.begun) {
            item.begun = true;
            effects.begun(item, worker.name());
        }
        effects.failed(item, lost);
        if (isFunctionsFault(item, worker) && ++lane.lostDecoding >= MAX_DECODING) {
            lane.hopeless = lost;
            for (PoolAttempt other : crew.dropWaiting(lane)) {
                effects.failed(other, WorkerLossReport.hopeless(other, lost));
            }
        }
    }
}
