package dev.brigade.process.scheduling;

import dev.brigade.WorkerLostException;
import dev.brigade.process.protocol.Frame;
import dev.brigade.spi.TaskForm;
import dev.brigade.transport.Payload;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The attempts of one batch in the pool, and the number of further attempts that it takes.
 *
 * <p>Design note: the pool's lock guards the fields that are not final, except {@code room}, which is published for readers without the
 * lock.
 */
public final class PoolBatch {
    private static final long MAX_BYTES = 8 * 1024 * 1024;
    private static final int BURSTS = 4;

    /**
     * The parts of a batch that workers must have for its tasks.
     *
     * @param function the function
     * @param form the form of the encoded object: a function, or an object from which the worker makes a function
     * @param context the caller's context; null if there is none
     */
    public record Common(
            Payload function, TaskForm form, @Nullable Payload context) {
        long size() {
            return function.size() + (context == null ? 0L : context.size());
        }
    }

    final int id;
    private final String name;
    final int limit;
    private final long taskTimeoutNanos;

    /** Null once the batch is over: a queue may hold the batch until its turn comes. */
    private @Nullable Common common;

    private final long commonBytes;
    final PrefetchDepth depth;

    /** Attempts that no worker has. */
    final AttemptQueue waiting = new AttemptQueue();

    /** Number of the batch's attempts that each slot's worker has. */
    private final int[] atSlot;

    /** Number of slots that have at least one. */
    int slotsUsed;

    /** Number of attempts that are submitted and not settled. */
    private int outstanding;

    private long outstandingBytes;

    /** Number of its attempts in a row that were lost to workers that had not begun them. */
    int lostUnbegun;

    /** Number of workers that have died while they received or decoded its function, before any worker had decoded it. */
    int lostDecoding;

    /** True once a worker has decoded its function: later deaths have another cause. One way: false to true. */
    boolean functionWorks;

    /** Reason that no attempt of it is started any more; null while there is none. */
    @Nullable
    WorkerLostException failure;

    /** The next batch with waiting attempts. {@code ready} is true while this batch is in that list. */
    @Nullable
    PoolBatch nextReady;

    boolean ready;

    /** Number of further submissions that it takes. */
    private volatile int room;

    /**
     * Makes a batch; {@link PoolState#open} has it take submissions.
     *
     * @param id its number in the pool, not 0 and not negative
     * @param name its name in logs and messages; perhaps empty
     * @param limit the number of workers that its tasks may be at
     * @param taskTimeoutNanos the task's time-out; {@link PoolAttempt#NO_DEADLINE} for none
     * @param common the parts that workers must have
     * @param slots the maximum number of workers in the pool
     * @param general the prefetch depth of all batches, used until a body of this one has run
     */
    PoolBatch(int id, String name, int limit, long taskTimeoutNanos, Common common, int slots, PrefetchDepth general) {
        this.id = id;
        this.name = name;
        this.limit = limit;
        this.taskTimeoutNanos = taskTimeoutNanos;
        this.common = common;
        commonBytes = common.size();
        depth = new PrefetchDepth(general);
        atSlot = new int[slots];
    }

    String name() {
        return name;
    }

    /** Returns how many more submissions this batch takes now, as far as is known. Any thread. */
    public int room() {
        return room;
    }

    /** Computes {@link #room} anew: the places at the pool's workers and in their queues, less the attempts under way. */
    void publishRoom(int slots, long roundTripNanos) {
        int workers = Math.min(Math.max(1, limit), slots);
        int behind = outstandingBytes > MAX_BYTES ? 0 : depth.depth(roundTripNanos);
        int capacity = workers * (1 + behind);
        int free = capacity - outstanding;
        // Room comes in bursts: each is one message to a worker, and one turn of the engine.
        boolean worthwhile = free >= capacity / BURSTS || outstanding < workers;
        room = worthwhile ? Math.max(0, free) : 0;
    }

    /** An attempt waits for a worker. */
    void submitted(PoolAttempt attempt) {
        waiting.addLast(attempt);
        attempt.phase = PoolAttempt.Phase.WAITING;
        outstanding++;
        outstandingBytes += attempt.input.size();
    }

    /** An attempt is settled. */
    void left(PoolAttempt attempt) {
        outstanding--;
        outstandingBytes -= attempt.input.size();
    }

    int outstanding() {
        return outstanding;
    }

    /** A worker has been given an attempt. */
    void arrivedAt(WorkerRecord at) {
        if (atSlot[at.slot]++ == 0) {
            slotsUsed++;
        }
    }

    /** A worker has one attempt less. */
    void leftWorker(WorkerRecord from) {
        if (--atSlot[from.slot] == 0) {
            slotsUsed--;
        }
    }

    /** Returns true if at most {@code maxQueuedBytes} are queued at the worker once it is sent the attempt. */
    boolean fits(PoolAttempt attempt, WorkerRecord at, long maxQueuedBytes) {
        long free = maxQueuedBytes - at.queuedBytes - attempt.input.size();
        return free >= commonBytes || (free >= 0 && at.functions.contains(id));
    }

    long commonBytes() {
        return commonBytes;
    }

    /** Returns the frames that a worker needs to run the attempt, with those of the function if {@code withFunction}. */
    List<Frame> framesFor(PoolAttempt attempt, boolean withFunction, long now) {
        Payload input = attempt.input;
        Frame run = new Frame(
                Frame.RUN,
                attempt.id,
                id,
                attempt.number,
                input.kind(),
                attempt.batchRemainingNanos(now),
                input.bytes());
        if (!withFunction) {
            return List.of(run);
        }
        Common toSend = Objects.requireNonNull(common);
        Payload function = toSend.function;
        int form = toSend.form.code();
        Frame known = new Frame(Frame.FUNCTION, 0, id, form, function.kind(), taskTimeoutNanos, function.bytes());
        Payload context = toSend.context;
        return context == null
                ? List.of(known, run)
                : List.of(new Frame(Frame.CONTEXT, 0, id, 0, context.kind(), 0, context.bytes()), known, run);
    }

    /** Drops the function, because the batch is over. */
    void release() {
        common = null;
        room = 0;
    }

    /** Returns true if the batch may use that slot without being at more workers than its limit. */
    boolean mayUse(int slot) {
        return slotsUsed < limit || atSlot[slot] > 0;
    }

    /** Returns true if an attempt may go from that slot to another without the batch being at more workers than its limit. */
    boolean mayMoveFrom(int slot) {
        return slotsUsed < limit || atSlot[slot] == 1;
    }
}
