package dev.brigade.process;

import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Decides when another worker is started, and when there is no use in trying again.
 *
 * <p>Design note: part of {@link WorkerSupervisor}, under the crew's lock. Only deaths before a worker was ready count: a task that
 * kills its worker is no reason to hesitate.
 */
final class StartPolicy {
    private static final long FIRST_BACKOFF_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final long MAX_BACKOFF_NANOS = TimeUnit.SECONDS.toNanos(2);

    /** So many workers in a row have died before they were ready: what waits is failed. */
    private static final int MAX_FAILED_STARTS = 3;

    private final PoolState crew;
    private final WorkerSupervisor.ProcessActions deeds;
    private final IntFunction<WorkerRecord> recruits;
    private int failedStarts;
    private long againAtNanos = System.nanoTime();

    StartPolicy(PoolState crew, WorkerSupervisor.ProcessActions deeds, IntFunction<WorkerRecord> recruits) {
        this.crew = crew;
        this.deeds = deeds;
        this.recruits = recruits;
    }

    /** Starts workers for what waits, as many as it can use. */
    void recruit(PoolActions effects) {
        if (!crew.starved || crew.closed) {
            return;
        }
        if (backsOff(System.nanoTime())) {
            // The clock does it as soon as it may; it does not know of this item yet.
            effects.wakeClock();
            return;
        }
        @Nullable WorkerRecord[] slots = crew.slots();
        int wanted = wanted(slots.length);
        for (WorkerRecord worker : slots) {
            wanted -= worker != null && worker.state == WorkerRecord.State.STARTING ? 1 : 0;
        }
        for (int slot = 0; slot < slots.length && wanted > 0; slot++) {
            if (slots[slot] == null) {
                recruit(slot, effects);
                wanted--;
            }
        }
    }

    /** How many workers could be used by what waits, in addition; {@code enough} or more is enough. */
    private int wanted(int enough) {
        int wanted = 0;
        for (PoolBatch<?, ?> lane : crew.lanes()) {
            if (wanted >= enough) {
                break;
            }
            wanted += Math.max(0, Math.min(lane.waiting.size(), lane.spec().limit() - lane.slotsUsed));
        }
        return wanted;
    }

    /** Starts a worker for that empty slot. */
    void recruit(int slot, PoolActions effects) {
        WorkerRecord worker = recruits.apply(slot);
        crew.slots()[slot] = worker;
        effects.add(() -> deeds.launch(worker));
    }

    /** Whether it is too soon after a failed start. */
    boolean backsOff(long now) {
        return now - againAtNanos < 0;
    }

    /** How long it still is too soon. */
    long backoffNanos(long now) {
        return backsOff(now) ? againAtNanos - now : WorkerSupervisor.NEVER_NANOS;
    }

    /** A worker got ready. */
    void succeeded() {
        crew.startsFail = false;
        failedStarts = 0;
    }

    /** A worker died before it was ready; when that goes on and there is nobody else, what waits fails. */
    void failed(WorkerRecord worker, PoolActions effects) {
        crew.startsFail = true;
        failedStarts++;
        long backoffNanos = FIRST_BACKOFF_NANOS << Math.min(failedStarts - 1, 10);
        againAtNanos = System.nanoTime() + Math.min(backoffNanos, MAX_BACKOFF_NANOS);
        if (failedStarts >= MAX_FAILED_STARTS && !anyLeft()) {
            failWaiting(worker, effects);
        }
    }

    /** Fails what waits, without another try; the next item has one at once. */
    void giveUp(WorkerRecord worker, PoolActions effects) {
        againAtNanos = System.nanoTime();
        failWaiting(worker, effects);
    }

    private void failWaiting(WorkerRecord worker, PoolActions effects) {
        for (PoolAttempt item : crew.dropAllWaiting()) {
            // An exception for each: two callers must not share one.
            effects.failed(item, WorkerLossReport.neverReady(worker, failedStarts));
        }
        // One more failure is enough for what comes next.
        failedStarts = MAX_FAILED_STARTS - 1;
    }

    private boolean anyLeft() {
        for (WorkerRecord worker : crew.slots()) {
            if (worker != null && worker.everReady) {
                return true;
            }
        }
        return false;
    }
}
