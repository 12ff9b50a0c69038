package dev.brigade.worker;

import dev.brigade.engine.CallSpec;
import dev.brigade.engine.Strategy.Attempt;
import dev.brigade.engine.Strategy.Lane;
import dev.brigade.engine.Strategy.Prepared;
import dev.brigade.engine.Strategy.Running;
import dev.brigade.transport.Codec;
import dev.brigade.transport.Payload;
import java.time.Duration;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * One call's lane through the pool.
 *
 * <p>Design note: the pool's lock guards the fields that are not final.
 *
 * @param <I> the type of the inputs
 * @param <R> the type of the results
 */
final class PoolLane<I, R> implements Lane<I, R> {
    private final WorkerPool pool;
    private final CallSpec spec;
    private final Codec codec;
    final int id;
    final Payload function;
    final @Nullable Payload context;
    final Pace pace;

    /** Items that no worker has yet; stopped ones stay until they come to the head. */
    final ArrayDeque<Item> waiting = new ArrayDeque<>();

    /** How many of the lane's items each slot's worker has. */
    final int[] atSlot;

    /** How many slots have at least one. */
    int slotsUsed;

    /** Started and not over. */
    int outstanding;

    long outstandingBytes;

    /** Whether the pool's queue of lanes holds this one. */
    boolean queued;

    PoolLane(
            WorkerPool pool,
            int id,
            CallSpec spec,
            Codec codec,
            Payload function,
            @Nullable Payload context,
            Pace general) {
        this.pool = pool;
        this.id = id;
        this.spec = spec;
        this.codec = codec;
        this.function = function;
        this.context = context;
        pace = new Pace(general);
        atSlot = new int[pool.limit()];
    }

    WorkerPool pool() {
        return pool;
    }

    CallSpec spec() {
        return spec;
    }

    /** The task's time-out, -1 for none. */
    long taskTimeoutNanos() {
        return spec.taskTimeout().map(Duration::toNanos).orElse(Item.NO_DEADLINE);
    }

    Codec codec() {
        return codec;
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

    private record Encoded<I, R>(PoolLane<I, R> lane, Payload input) implements Prepared<R> {
        @Override
        @SuppressWarnings("unchecked") // the lane's function makes results of the attempt's type
        public Running start(Attempt<R> attempt) {
            return lane.pool.start(lane, input, (Attempt<Object>) attempt);
        }

        @Override
        public long bytes() {
            return input.size();
        }
    }
}
