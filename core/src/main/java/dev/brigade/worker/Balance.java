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
        View view = new View(crew.slots());
        // A worker becomes idle, and a slot empty, on the clock's own thread: then it looks again.
        boolean behind = view.somethingIsBehind();
        crew.watch.setNeeded(behind);
        Worker fullest = view.fullest;
        if (fullest == null || !behind || crew.closed) {
            return Supervisor.NEVER_NANOS;
        }
        if (!view.idle && (view.empty < 0 || view.starting || !someMayMove(fullest))) {
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

        boolean somethingIsBehind() {
            return fullest != null && fullest.ledger.size() > 1;
        }
    }

    /** Whether another worker could be given anything of what is there: a lane may be at as many as it may use. */
    private static boolean someMayMove(Worker from) {
        return from.ledger.laterHalf().stream().anyMatch(item -> item.lane.mayMoveFrom(from.slot));
    }

    private void recallHalf(Worker from) {
        for (Item item : from.ledger.laterHalf()) {
            boolean mayMove = item.lane.mayMoveFrom(from.slot);
            if (mayMove && !item.recalled && item.stop == null) {
                item.recalled = true;
                crew.queue(from, Frame.of(Frame.RECALL, item.id));
            }
        }
    }
}
