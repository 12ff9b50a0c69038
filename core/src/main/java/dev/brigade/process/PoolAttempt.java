package dev.brigade.process;

import dev.brigade.engine.Strategy.Attempt;
import dev.brigade.engine.Strategy.Running;
import dev.brigade.engine.Strategy.Stop;
import dev.brigade.transport.Payload;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One attempt on its way through the pool.
 *
 * <p>Design note: the pool's lock guards the fields that are not final, except {@code announced}: the thread that makes an item
 * begin tells the attempt after it has left the lock, and whoever ends the item waits for that, a moment at most, so that
 * {@code started} always comes before {@code ended}.
 *
 * <pre>
 * waiting -> at a worker -> begun -> over
 *              at a worker -> waiting       (given back, or the worker died while another was running)
 * waiting -> over                           (stopped, or no worker ever gets ready)
 *              at a worker -> over          (stopped before it began)
 * </pre>
 */
final class PoolAttempt implements Running {
    static final long NO_DEADLINE = -1;

    private static final int SPINS = 200;

    final int id;
    final PoolBatch<?, ?> lane;
    final Payload input;
    final LossHistory losses;
    final Attempt<Object> attempt;
    final int number;
    private final boolean limited;
    private final long callDeadlineNanos;

    @Nullable
    WorkerRecord worker;

    boolean begun;
    boolean over;
    boolean recalled;

    @Nullable
    Stop stop;

    boolean killDue;
    long killAtNanos;

    /** When it was given to a worker that had nothing else; 0 when it waited behind others there. */
    long sentAtNanos;

    /** What its worker was sent for it: the input, and what of its call the worker had not had. */
    long sentBytes;

    /** The function of its call is part of that. */
    boolean carriesFunction;

    private volatile boolean announced;

    PoolAttempt(int id, PoolBatch<?, ?> lane, Payload input, LossHistory losses, Attempt<Object> attempt) {
        this.id = id;
        this.lane = lane;
        this.input = input;
        this.losses = losses;
        this.attempt = attempt;
        number = attempt.number();
        Optional<Duration> remaining = attempt.callRemaining();
        limited = remaining.isPresent();
        callDeadlineNanos = limited ? System.nanoTime() + remaining.get().toNanos() : 0;
    }

    @Override
    public void stop(Stop why) {
        lane.pool().stop(this, why);
    }

    /** A retry might be a poison task: nothing waits behind it. */
    boolean runsAlone() {
        return number > 1;
    }

    long callRemainingNanos() {
        return limited ? Math.max(0, callDeadlineNanos - System.nanoTime()) : NO_DEADLINE;
    }

    /** The name that logs use. */
    String label() {
        String call = lane.spec().name();
        return call.isEmpty() ? "#" + attempt.index() : call + " #" + attempt.index();
    }

    /** Tells the attempt that its body has begun; without the lock. */
    void announce(String workerName) {
        try {
            attempt.started(workerName);
        } finally {
            announced = true;
        }
    }

    /** Waits for {@link #announce}, which is under way when the item has begun; without the lock. */
    @SuppressWarnings("ThreadPriorityCheck") // only speed depends on it
    void awaitAnnounced() {
        for (int turns = 0; !announced; turns++) {
            if (turns < SPINS) {
                Thread.onSpinWait();
            } else {
                // The other thread waits for a processor, perhaps for this one.
                Thread.yield();
            }
        }
    }
}
