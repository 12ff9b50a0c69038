package dev.brigade.worker;

import dev.brigade.WorkerLostException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Settles what a dead worker leaves: the item that it ran fails, the others are given out again.
 *
 * <p>Design note: part of {@link Supervisor}, under the crew's lock. An item is to blame when the worker had begun it, as
 * its {@link Logbook} tells.
 */
final class Burial {
    /** So many items of one call in a row may be lost to workers that die before they begin them; then they are blamed. */
    private static final int MAX_UNEXPLAINED = 3;

    /** So many workers may die while they decode the function of one call; then the call has failed. */
    private static final int MAX_DECODING = 3;

    private final Crew crew;

    Burial(Crew crew) {
        this.crew = crew;
    }

    /** The process is gone, and all that it had written has been read. */
    void bury(Worker worker, Effects effects) {
        List<Item> left = worker.ledger.drain();
        left.forEach(item -> item.lane.leftWorker(item, worker));
        Item guilty = guilty(left, worker);
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
    private static @Nullable Item guilty(List<Item> left, Worker worker) {
        Item head = left.isEmpty() || !left.get(0).begun ? null : left.get(0);
        Logbook.Entry last = worker.lastEntry;
        if (last == null) {
            return head;
        }
        for (Item item : left) {
            if (item.id == last.item()) {
                return item.begun || worker.killedFor == null ? item : null;
            }
        }
        return head != null && ++head.lane.lostUnbegun >= MAX_UNEXPLAINED ? head : null;
    }

    private void blame(Item item, Worker worker, Effects effects) {
        PoolLane<?, ?> lane = item.lane;
        lane.lostUnbegun = 0;
        item.over = true;
        lane.left(item);
        WorkerLostException lost = Obituary.of(worker, item);
        if (!item.begun) {
            item.begun = true;
            effects.begun(item, worker.name());
        }
        effects.failed(item, lost);
        Logbook.Entry last = worker.lastEntry;
        if (last != null && last.decoding() == lane.id && ++lane.lostDecoding >= MAX_DECODING) {
            lane.hopeless = lost;
            for (Item other : crew.dropWaiting(lane)) {
                effects.failed(other, Obituary.hopeless(other, lost));
            }
        }
    }
}
