package dev.brigade.worker;

import dev.brigade.WorkerLostException;
import java.util.List;

/**
 * Settles what a dead worker leaves: the item that it ran fails, the others are given out again.
 *
 * <p>Design note: part of {@link Supervisor}, under the crew's lock. An item is to blame when it was at the head of the ledger and
 * the worker had begun it, as its {@link Logbook} tells.
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
        boolean guilty = !left.isEmpty() && isGuilty(left.get(0), worker);
        for (int i = left.size() - 1; i >= (guilty ? 1 : 0); i--) {
            crew.putBack(left.get(i), effects);
        }
        if (guilty) {
            blame(left.get(0), worker, effects);
        }
    }

    private static boolean isGuilty(Item head, Worker worker) {
        if (!head.begun) {
            return false;
        }
        Logbook.Entry last = worker.lastEntry;
        boolean hadBegun = last == null || last.item() == head.id;
        return hadBegun || ++head.lane.lostUnbegun >= MAX_UNEXPLAINED;
    }

    private void blame(Item item, Worker worker, Effects effects) {
        PoolLane<?, ?> lane = item.lane;
        lane.lostUnbegun = 0;
        item.over = true;
        lane.left(item);
        WorkerLostException lost = Obituary.of(worker, item);
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
