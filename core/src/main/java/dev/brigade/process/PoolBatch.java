package dev.brigade.process;

import dev.brigade.WorkerLostException;
import dev.brigade.engine.CallSpec;
import dev.brigade.engine.Strategy.Attempt;
import dev.brigade.engine.Strategy.Lane;
import dev.brigade.engine.Strategy.Prepared;
import dev.brigade.engine.Strategy.Running;
import dev.brigade.process.protocol.Frame;
import dev.brigade.transport.Codec;
import dev.brigade.transport.Payload;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One call's lane through the pool.
 *
 * <p>Design note: the pool's lock guards the fields that are not final.
 *
 * @param <I> the type of the inputs
 * @param <R> the type of the results
 */
final class PoolBatch<I, R> implements Lane<I, R> {
    private static final long MAX_BYTES = 8 * 1024 * 1024;
    private static final int BURSTS = 4;

    /**
     * What workers must have for the lane's items.
     *
     * @param function the function
     * @param isTask whether what is encoded is a task, to be seen as a function
     * @param context the caller's context; null when there is none
     */
    record Sent(Payload function, boolean isTask, @Nullable Payload context) {}

    private final ProcessPool pool;
    private final CallSpec spec;
    private final Codec codec;
    final int id;

    /** Null once the call is over: the pool's queue may hold the lane until its turn comes. */
    private @Nullable Sent sent;

    /** The function's and the context's. */
    private final long functionBytes;

    final PrefetchDepth pace;

    /** Items that no worker has yet; stopped ones stay until they come to the head. */
    final ArrayDeque<PoolAttempt> waiting = new ArrayDeque<>();

    /** How many of the lane's items each slot's worker has. */
    private final int[] atSlot;

    /** How many slots have at least one. */
    int slotsUsed;

    /** Started and not over. */
    int outstanding;

    long outstandingBytes;

    /** How many of its items in a row were lost to workers that had not begun them. */
    int lostUnbegun;

    /** How many workers have died while they received or decoded its function, and none had done so. */
    int lostDecoding;

    /** A worker has decoded its function, and lived on: what dies later does not die of that. One way: false to true. */
    boolean functionWorks;

    /** Why nothing of it is started any more; null while all is well. */
    @Nullable
    WorkerLostException hopeless;

    /** Whether the pool's queue of lanes holds this one. */
    boolean queued;

    PoolBatch(ProcessPool pool, int id, CallSpec spec, Codec codec, Sent sent, PrefetchDepth general) {
        this.pool = pool;
        this.id = id;
        this.spec = spec;
        this.codec = codec;
        this.sent = sent;
        Payload context = sent.context;
        functionBytes = sent.function.size() + (context == null ? 0L : context.size());
        pace = new PrefetchDepth(general);
        atSlot = new int[pool.limit()];
    }

    ProcessPool pool() {
        return pool;
    }

    CallSpec spec() {
        return spec;
    }

    /** The task's time-out, -1 for none. */
    long taskTimeoutNanos() {
        return spec.taskTimeout().map(Duration::toNanos).orElse(PoolAttempt.NO_DEADLINE);
    }

    Codec codec() {
        return codec;
    }

    /** How many more items are to come, with so many workers that a round trip takes so long to. */
    int room(int slots, long roundTripNanos) {
        int workers = Math.min(Math.max(1, spec.limit()), slots);
        int depth = outstandingBytes > MAX_BYTES ? 0 : pace.depth(roundTripNanos);
        int capacity = workers * (1 + depth);
        int room = capacity - outstanding;
        // In bursts: each is one message to a worker, and one turn of the engine.
        boolean worthwhile = room >= capacity / BURSTS || outstanding < workers;
        return worthwhile ? Math.max(0, room) : 0;
    }

    /** An item has been started, and waits for a worker. */
    void entered(PoolAttempt item) {
        waiting.addLast(item);
        outstanding++;
        outstandingBytes += item.input.size();
    }

    /** An item is over. */
    void left(PoolAttempt item) {
        outstanding--;
        outstandingBytes -= item.input.size();
    }

    /** The first that waits; null when none does. */
    @Nullable
    PoolAttempt firstWaiting() {
        for (PoolAttempt item = waiting.peekFirst(); item != null && item.over; item = waiting.peekFirst()) {
            waiting.removeFirst();
        }
        return waiting.peekFirst();
    }

    /** A worker has been given an item. */
    void arrivedAt(WorkerRecord worker) {
        if (atSlot[worker.slot]++ == 0) {
            slotsUsed++;
        }
    }

    /** The worker has the item no longer. */
    void leftWorker(PoolAttempt item, WorkerRecord worker) {
        worker.queuedBytes -= item.sentBytes;
        item.worker = null;
        if (--atSlot[worker.slot] == 0) {
            slotsUsed--;
        }
    }

    /** Whether the worker may be sent the item and have no more bytes than that queued. */
    boolean fits(PoolAttempt item, WorkerRecord worker, long maxQueuedBytes) {
        long free = maxQueuedBytes - worker.queuedBytes - item.input.size();
        return free >= functionBytes || (free >= 0 && worker.functions.contains(id));
    }

    /** What the worker must be sent to run the item: the function too, when it is the first. Notes how much that is. */
    List<Frame> framesFor(PoolAttempt item, WorkerRecord worker) {
        byte kind = item.input.kind();
        Frame run = new Frame(Frame.RUN, item.id, id, item.number, kind, item.callRemainingNanos(), item.input.bytes());
        item.carriesFunction = worker.functions.add(id);
        item.sentBytes = item.input.size() + (item.carriesFunction ? functionBytes : 0);
        if (!item.carriesFunction) {
            return List.of(run);
        }
        Sent toSend = Objects.requireNonNull(sent);
        Payload function = toSend.function;
        int form = toSend.isTask ? Frame.TASK : 0;
        Frame known = new Frame(Frame.FUNCTION, 0, id, form, function.kind(), taskTimeoutNanos(), function.bytes());
        Payload context = toSend.context;
        return context == null
                ? List.of(known, run)
                : List.of(new Frame(Frame.CONTEXT, 0, id, 0, context.kind(), 0, context.bytes()), known, run);
    }

    /** The call is over: workers may forget its function. It goes along with the next frame, and costs no write of its own. */
    void release(@Nullable WorkerRecord[] slots) {
        sent = null;
        waiting.clear(); // what was stopped there
        for (WorkerRecord worker : slots) {
            if (worker != null && worker.functions.remove(id)) {
                worker.append(new Frame(Frame.RELEASE, 0, id, 0, (byte) 0, 0, Frame.NOTHING));
            }
        }
    }

    /** Whether the lane may use that slot without being at more workers than its limit. */
    boolean mayUse(int slot) {
        return slotsUsed < spec.limit() || atSlot[slot] > 0;
    }

    /** Whether an item may go from that slot to another without the lane being at more workers than its limit. */
    boolean mayMoveFrom(int slot) {
        return slotsUsed < spec.limit() || atSlot[slot] == 1;
    }

    @Override
    public int room() {
        return pool.room(this);
    }

    @Override
    public Prepared<R> prepare(I input) {
        return new Encoded<>(this, pool.checkSize(codec.encode(input), "input"));
    }

    @Override
    public void flush() {
        pool.flush();
    }

    @Override
    public void close() {
        pool.release(this);
    }

    private static final class Encoded<I, R> extends LossHistory implements Prepared<R> {
        private final PoolBatch<I, R> lane;
        private final Payload input;

        Encoded(PoolBatch<I, R> lane, Payload input) {
            this.lane = lane;
            this.input = input;
        }

        @Override
        @SuppressWarnings("unchecked") // the lane's function makes results of the attempt's type
        public Running start(Attempt<R> attempt) {
            return lane.pool.start(lane, input, this, (Attempt<Object>) attempt);
        }

        @Override
        public long bytes() {
            return input.size();
        }
    }
}
