package dev.brigade.process;

import dev.brigade.process.protocol.Frame;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Takes work from where it waits to where nobody works: nothing fast waits behind something slow while a worker is idle.
 *
 * <p>Design note: part of {@link WorkerSupervisor}, under the crew's lock. Only asks for items back; what comes back is given out like
 * any other.
 */
final class WorkRebalancer {
    /** A body that has run this long keeps what is queued behind it from running: others may have it. */
    private static final long RECALL_AFTER_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private final PoolState crew;
    private final StartPolicy recruiter;

    WorkRebalancer(PoolState crew, StartPolicy recruiter) {
        this.crew = crew;
        this.recruiter = recruiter;
    }

    /** Asks the fullest worker for half of what waits there, when another has nothing to do. */
    long tick(long now, PoolActions effects) {
        View view = new View(crew.slots());
        // A worker becomes idle, and a slot empty, on the clock's own thread: then it looks again.
        boolean behind = view.somethingIsBehind();
        crew.watch.setNeeded(behind);
        WorkerRecord fullest = view.fullest;
        if (fullest == null || !behind || crew.closed) {
            return WorkerSupervisor.NEVER_NANOS;
        }
        if (!view.idle && (view.empty < 0 || view.starting || !someMayMove(fullest))) {
            return WorkerSupervisor.NEVER_NANOS;
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
        WorkerRecord fullest;

        boolean idle;
        boolean starting;
        int empty = -1;

        View(@Nullable WorkerRecord[] slots) {
            for (int slot = 0; slot < slots.length; slot++) {
                WorkerRecord worker = slots[slot];
                if (worker == null) {
                    empty = slot;
                    continue;
                }
                starting |= worker.state == WorkerRecord.State.STARTING;
                idle |= worker.state == WorkerRecord.State.READY && worker.ledger.size() == 0;
                fullest = fullest == null || worker.ledger.size() > fullest.ledger.size() ? worker : fullest;
            }
        }

        boolean somethingIsBehind() {
            return fullest != null && fullest.ledger.size() > 1;
        }
    }

    /** Whether another worker could be given anything of what is there: a lane may be at as many as it may use. */
    private static boolean someMayMove(WorkerRecord from) {
        return from.ledger.laterHalf().stream().anyMatch(item -> item.lane.mayMoveFrom(from.slot));
    }

    private void recallHalf(WorkerRecord from) {
        for (PoolAttempt item : from.ledger.laterHalf()) {
            boolean mayMove = item.lane.mayMoveFrom(from.slot);
            if (mayMove && !item.recalled && item.stop == null) {
                item.recalled = true;
                crew.queue(from, Frame.of(Frame.RECALL, item.id));
            }
        }
    }
}
