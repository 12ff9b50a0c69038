package dev.brigade.worker;

import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Takes work from where it waits to where nobody works: nothing fast waits behind something slow while a worker is idle. And what
 * waits behind a body that turns out to be long is next in line for whoever gets free: with two places, the third item does not
 * begin before the second for good, on which it, or the first, may depend.
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

    /** Asks for what waits behind long bodies; and the fullest worker for half of what waits there, when another is idle. */
    long tick(long now, Effects effects) {
        View view = new View(crew.slots());
        // A worker becomes idle, and a slot empty, on the clock's own thread: then it looks again.
        Worker fullest = view.fullest;
        boolean behind = fullest != null && fullest.ledger.size() > 1;
        crew.watch.setNeeded(behind);
        if (fullest == null || !behind || crew.closed) {
            return Supervisor.NEVER_NANOS;
        }
        return Math.min(recallFromLong(now), occupy(view, fullest, now, effects));
    }

    private long recallFromLong(long now) {
        long next = Supervisor.NEVER_NANOS;
        if (crew.slots().length > 1) {
            for (Worker worker : crew.slots()) {
                next = worker == null ? next : Math.min(next, recallFromLong(worker, now));
            }
        }
        return next;
    }

    private long recallFromLong(Worker worker, long now) {
        Item head = worker.ledger.head();
        if (head == null || worker.ledger.size() == 1) {
            return Supervisor.NEVER_NANOS;
        }
        long left = worker.headSinceNanos + Worker.LONG_HEAD_NANOS - now;
        if (left > 0) {
            return left;
        }
        for (Item item : worker.ledger.last(worker.ledger.size() - 1)) {
            // All that a lane has here may go elsewhere together; not beside its own head, when it may be at one worker
            // only.
            if (item.lane != head.lane || item.lane.spec().limit() > 1) {
                recall(item, worker);
            }
        }
        return Supervisor.NEVER_NANOS;
    }

    /** Sees to an idle worker, or starts one, for what waits at the fullest. */
    private long occupy(View view, Worker fullest, long now, Effects effects) {
        if (!view.idle && (view.empty < 0 || view.starting)) {
            return Supervisor.NEVER_NANOS;
        }
        if (!view.idle && recruiter.backsOff(now)) {
            return recruiter.backoffNanos(now);
        }
        long left = fullest.headSinceNanos + RECALL_AFTER_NANOS - now;
        if (left > 0) {
            return left;
        }
        if (view.idle) {
            recallHalf(fullest);
        } else {
            recruiter.recruit(view.empty, effects);
        }
        return RECALL_AFTER_NANOS;
    }

    /** Who has most to do, and who might help. */
    private static final class View {
        @Nullable
        Worker fullest;

        boolean idle;
        boolean starting;
        int empty = -1;

        View(@Nullable Worker[] slots) {
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
        }
    }

    private void recallHalf(Worker from) {
        for (Item item : from.ledger.last(from.ledger.size() / 2)) {
            if (item.lane.mayMoveFrom(from.slot)) {
                recall(item, from);
            }
        }
    }

    private void recall(Item item, Worker from) {
        if (!item.recalled && item.stop == null) {
            item.recalled = true;
            from.recalls++;
            crew.queue(from, Frame.of(Frame.RECALL, item.id));
        }
    }
}
