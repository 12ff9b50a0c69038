package dev.brigade.worker;

import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Takes work from where it waits to where nobody works: nothing fast waits behind something slow while a worker is idle.
 *
 * <p>Design note: part of {@link Supervisor}, under the crew's lock. Only asks for items back; what comes back is given out like
 * any other.
 */
final class Balance {
    /** A body that has run this long keeps what is queued behind it from running: others may have it. */
    private static final long RECALL_AFTER_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private final Crew crew;
    private final Recruiter recruiter;

    Balance(Crew crew, Recruiter recruiter) {
        this.crew = crew;
        this.recruiter = recruiter;
    }

    /** Asks the fullest worker for half of what waits there, when another has nothing to do. */
    long tick(long now, Effects effects) {
        Worker fullest = null;
        boolean idle = false;
        boolean starting = false;
        int empty = -1;
        @Nullable Worker[] slots = crew.slots();
        for (int slot = 0; slot < slots.length; slot++) {
            Worker worker = slots[slot];
            if (worker == null) {
                empty = slot;
                continue;
            }
            starting |= worker.state == Worker.State.STARTING;
            idle |= worker.state == Worker.State.READY && worker.ledger.size() == 0;
            fullest = fullest == null || worker.ledger.size() > fullest.ledger.size() ? worker : fullest;
        }
        // A worker becomes idle, and a slot empty, on the clock's own thread: then it looks again.
        crew.watched = fullest != null && fullest.ledger.size() > 1;
        boolean mayRecruit = empty >= 0 && !starting && !recruiter.backsOff(now);
        if (crew.watched && empty >= 0 && recruiter.backsOff(now)) {
            return recruiter.backoffNanos(now);
        }
        if (fullest == null || !crew.watched || crew.closed || !(idle || mayRecruit)) {
            return Supervisor.NEVER_NANOS;
        }
        long left = fullest.headSinceNanos + RECALL_AFTER_NANOS - now;
        if (left <= 0 && idle) {
            recallHalf(fullest);
        } else if (left <= 0) {
            recruiter.recruit(empty, effects);
        }
        return left > 0 ? left : RECALL_AFTER_NANOS;
    }

    private void recallHalf(Worker from) {
        for (Item item : from.ledger.laterHalf()) {
            boolean mayMove = item.lane.slotsUsed < item.lane.spec().limit();
            if (mayMove && !item.recalled && item.stop == null) {
                item.recalled = true;
                crew.queue(from, Frame.of(Frame.RECALL, item.id));
            }
        }
    }
}
