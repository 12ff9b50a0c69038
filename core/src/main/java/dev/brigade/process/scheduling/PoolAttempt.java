package dev.brigade.process.scheduling;

import dev.brigade.spi.StopMode;
import dev.brigade.transport.Payload;
import org.jspecify.annotations.Nullable;

/**
 * One attempt on its way through the pool. Subclasses tell the engine what becomes of it.
 *
 * <p>Design note: the pool's lock guards the fields that are not final.
 *
 * <pre>
 * NEW -> WAITING -> SENT -> STARTED -> SETTLED
 *        WAITING <- SENT                         given back, or its worker died while it ran another
 *        WAITING  ->  SETTLED                    stopped, or no worker ever gets ready
 *                   SENT  ->  SETTLED            stopped before it began
 * </pre>
 */
public abstract class PoolAttempt extends Action {
    /** Stands for no limit, in place of a time. */
    public static final long NO_DEADLINE = -1;

    /** The phase of an attempt. */
    enum Phase {
        /** The pool has not taken it. */
        NEW,
        /** It is in its batch's queue. */
        WAITING,
        /** It is in a worker's queue, behind another. */
        SENT,
        /** It is in a worker's queue, and as far as the parent can know its body runs. */
        STARTED,
        /** The engine has been told its end, or is about to be. */
        SETTLED
    }

    final int id;
    final PoolBatch batch;
    final Payload input;
    final LossHistory losses;
    final int number;
    final long index;
    private final long batchDeadlineNanos;
    private final boolean limited;

    // The links of the queue that holds it.
    @Nullable
    AttemptQueue queue;

    @Nullable
    PoolAttempt previous;

    @Nullable
    PoolAttempt next;

    Phase phase = Phase.NEW;

    /** The worker whose queue holds it; null while none does. */
    @Nullable
    WorkerRecord worker;

    /** True if the engine has been told its start, or is about to be. Its body may not have begun: the parent only knows that it is next. */
    boolean begun;

    boolean recalled;

    @Nullable
    StopMode stop;

    boolean killDue;
    long killAtNanos;

    /** Time at which it was given to a worker that had nothing else; 0 if it waited behind others there. */
    long sentAtNanos;

    /** The bytes that its worker was sent for it: the input, and the parts of its batch that the worker had not had. */
    long sentBytes;

    /** True if {@code sentBytes} includes the function of its batch. */
    boolean carriesFunction;

    private @Nullable Payload reply;
    private @Nullable Throwable failure;

    /**
     * Makes an attempt that has not been submitted.
     *
     * @param id its number in the pool, not 0 and not negative
     * @param batch its batch
     * @param input the encoded input
     * @param losses the workers that earlier attempts at the input have cost
     * @param number the number of the attempt at the input, from 1
     * @param index the index of the input in the batch
     * @param batchDeadlineNanos the time at which the batch must be over, by {@link System#nanoTime}; meaningful if {@code limited}
     * @param limited true if the batch has a deadline
     */
    protected PoolAttempt(
            int id,
            PoolBatch batch,
            Payload input,
            LossHistory losses,
            int number,
            long index,
            long batchDeadlineNanos,
            boolean limited) {
        this.id = id;
        this.batch = batch;
        this.input = input;
        this.losses = losses;
        this.number = number;
        this.index = index;
        this.batchDeadlineNanos = batchDeadlineNanos;
        this.limited = limited;
    }

    /**
     * Tells the engine that the body has begun. Without the lock, before any of the next three methods.
     *
     * @param workerName the worker that runs it
     */
    protected abstract void started(String workerName);

    /** Tells the engine that the body has answered. Without the lock. */
    protected abstract void answered(Payload answer);

    /** Tells the engine that the attempt has failed without an answer of its body. Without the lock. */
    protected abstract void failed(Throwable why);

    /** Tells the engine that the body never began and never will. Without the lock. */
    protected abstract void returned();

    /** Returns true for a retry. It might kill its worker, so nothing waits behind it. */
    boolean runsAlone() {
        return number > 1;
    }

    /** Returns the nanoseconds that the batch has left, 0 at least; {@link #NO_DEADLINE} where there is no limit. */
    long batchRemainingNanos(long now) {
        return limited ? Math.max(0, batchDeadlineNanos - now) : NO_DEADLINE;
    }

    /** Returns the name that logs and messages use. */
    String label() {
        return batch.name().isEmpty() ? "#" + index : batch.name() + " #" + index;
    }

    /** Returns true if the engine has been told its end, or is about to be. */
    boolean isSettled() {
        return phase == Phase.SETTLED;
    }

    /** Sets the end of the attempt; both arguments are null if it is given back. Under the lock, once. */
    void settle(@Nullable Payload answer, @Nullable Throwable why) {
        reply = answer;
        failure = why;
        phase = Phase.SETTLED;
    }

    @Override
    final boolean endsAttempt() {
        return true;
    }

    @Override
    final void run() {
        Payload answer = reply;
        Throwable why = failure;
        reply = null;
        if (answer != null) {
            answered(answer);
        } else if (why != null) {
            failed(why);
        } else {
            returned();
        }
    }
}
