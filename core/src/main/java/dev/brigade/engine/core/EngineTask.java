package dev.brigade.engine.core;

import dev.brigade.Outcome;
import dev.brigade.Outcome.State;
import dev.brigade.TaskTimeoutException;
import dev.brigade.engine.state.TaskState;
import dev.brigade.engine.time.EpochClock;
import dev.brigade.spi.PreparedTask;
import dev.brigade.spi.StopMode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/**
 * One task of a batch, from its pull to its outcome.
 *
 * <p>{@link TaskState} decides the races for it; this class gives the moves their meaning. The thread that settles the task writes the
 * outcome's fields and passes the task to the batch's {@code Sink}, once.
 */
public final class EngineTask<I, R> extends EngineTaskResult<R, EngineTask<I, R>> {
    /** In a batch whose times are not needed, each task with a multiple of this as its index is timed for the pull window. */
    private static final int SAMPLE = 16;

    public final BatchRun<I, R> batch;
    public final long index;
    private final I input;
    private final long submittedNanos;
    /** Set before the task enters the ready queue; null before, and if the task could not be prepared. */
    @Nullable
    PreparedTask<R> prepared;

    /** Index of this task in its batch's {@link InFlightTasks}; consumer's thread only. */
    int slot;

    /** Set when the consumer has seen that this task is settled; consumer's thread only. */
    public boolean collected;

    /** The latest attempt; written by the thread that claimed it, a moment after the word. */
    private volatile @Nullable TaskAttempt<I, R> current;

    /** Set when a task is cancelled after its deadline has passed: it is not tried again. */
    private volatile boolean unwanted;

    /** Set by a thread that wants the body interrupted, before it tries to settle the task. */
    private volatile boolean interruptRequested;

    /** Cancels the end of the latest retry delay; null if there was none. */
    private volatile @Nullable Runnable retryDelay;

    public EngineTask(BatchRun<I, R> batch, long index, I input) {
        this.batch = batch;
        this.index = index;
        this.input = input;
        submittedNanos = nowNanos();
    }

    /** Returns true if times of this task are needed: reading the clock is expensive. */
    public boolean isTimed() {
        return batch.timed || index % SAMPLE == 0;
    }

    /** Returns the time since the task was submitted or its input pulled; timed tasks only. */
    Duration sinceSubmission() {
        return Duration.ofNanos(nowNanos() - submittedNanos);
    }

    /** Returns the time on {@link EpochClock}; for a task that is not timed, 1, a time long ago. */
    long nowNanos() {
        return isTimed() ? EpochClock.nowNanos() : 1;
    }

    @Nullable
    TaskAttempt<I, R> current() {
        return current;
    }

    /** Returns true if an attempt has been started and its body has not begun. */
    boolean isQueued() {
        TaskAttempt<I, R> attempt = current;
        return attempt != null && attempt.chain == null && attempt.startedNanos() == 0 && isRunning(attempt.claim);
    }

    I input() {
        return input;
    }

    public long encodedBytes() {
        PreparedTask<R> ready = prepared;
        return ready == null ? 0 : ready.bytes();
    }

    /**
     * Claims a READY or RETURNED task for its next attempt; returns null if it is in another phase, or another thread was first. The
     * arguments are those of the attempt.
     */
    @Nullable
    TaskAttempt<I, R> claim(@Nullable TaskChain<I, R> chain, boolean holdsPermit) {
        int seen = word();
        int claim = tryClaim(seen);
        if (claim == 0) {
            return null;
        }
        TaskAttempt<I, R> last = current;
        int earlier = last == null ? 0 : phase(seen) == RETURNED ? last.number() - 1 : last.number();
        try {
            TaskAttempt<I, R> attempt = chain == null
                    ? new TaskAttempt<>(this, claim, earlier + 1, holdsPermit)
                    : new TaskAttempt<>(this, claim, earlier + 1, chain);
            current = attempt;
            return attempt;
        } catch (OutOfMemoryError e) {
            settle(claim, RUNNING, State.FAILED, null, e, null); // a RUNNING task without an attempt would never end
            throw e;
        }
    }

    void failUnprepared(Throwable cause) {
        settle(0, READY, State.FAILED, null, cause, null);
    }

    /** Cancels the task; returns false if its outcome is decided already. */
    boolean cancel(StopMode how) {
        return !isSettled() && endEarly(State.CANCELLED, new CancellationException(describe() + " was cancelled"), how);
    }

    /** Ends the task because the time of its batch is up; it is the only task of the batch. */
    void expire() {
        String message = describe() + " exceeded the timeout of its batch, "
                + batch.options.timeout().orElseThrow();
        endEarly(State.TIMED_OUT, new TaskTimeoutException(message), StopMode.TIMEOUT);
    }

    private boolean endEarly(State how, Throwable cause, StopMode stop) {
        if (stop != StopMode.CANCEL) {
            interruptRequested = true;
        }
        while (true) {
            int seen = word();
            int phase = phase(seen);
            if (phase == SETTLED) {
                return false;
            }
            if (phase == TIMING_OUT) {
                unwanted = true;
                if (AttemptTimeout.isTheEnd(this, seen)) {
                    return false;
                }
                continue; // a thread that looked just before may have moved it to BACKOFF
            }
            if (settle(claimOf(seen), phase, how, null, cause, null)) {
                endedEarly(claimOf(seen), phase, stop);
                return true;
            }
        }
    }

    private void endedEarly(int claim, int phase, StopMode stop) {
        Runnable callOff = retryDelay;
        if (callOff != null) {
            callOff.run();
        }
        TaskAttempt<I, R> attempt = current;
        // An attempt that is claimed at this moment is not in the field yet: the thread that claimed it looks again
        // after the start.
        if (phase == RUNNING && attempt != null && attempt.claim == claim) {
            attempt.stopOrTryAgain(stop);
        }
    }

    /** Returns the mode in which to stop an attempt whose task was ended between the attempt's claim and its start. */
    StopMode earlyStop() {
        return interruptRequested ? StopMode.INTERRUPT : StopMode.CANCEL;
    }

    /**
     * Called when the deadline of an attempt has passed. Only the first thread that notices it goes on. With {@code again}, the timer's
     * action goes on too: it may have thrown midway.
     */
    void timedOut(TaskAttempt<I, R> attempt, boolean again) {
        int claim = attempt.claim;
        TaskTimeoutException timeout = AttemptTimeout.exceeded(attempt);
        boolean last = !batch.engine.forcible && attempt.isLast();
        boolean late = last
                ? settle(claim, RUNNING, State.TIMED_OUT, null, timeout, null) || (again && hasTimedOut())
                : move(claim, RUNNING, TIMING_OUT) || (again && isTimingOut(claim));
        if (late) {
            attempt.stop(StopMode.TIMEOUT); // with a forcible backend, the outcome is reported when this body is dead
            if (!last && !batch.engine.forcible) {
                batch.callBack(() -> fail(attempt, TIMING_OUT, State.TIMED_OUT, timeout));
            }
        }
    }

    /** Fails the task because its deadline cannot be enforced. */
    void failTimedOut(TaskAttempt<I, R> attempt, Throwable cause) {
        settle(attempt.claim, isTimingOut(attempt.claim) ? TIMING_OUT : RUNNING, State.FAILED, null, cause, null);
    }

    /** Called when the body of an attempt is gone. {@code mayRunUserCode} is true if the calling thread may. */
    void bodyEnded(
            TaskAttempt<I, R> attempt,
            @Nullable R result,
            @Nullable Throwable thrown,
            @Nullable Callable<? extends R> encoded,
            boolean failed,
            boolean mayRunUserCode) {
        if (failed && !attempt.isLast() && isRunning(attempt.claim)) {
            if (mayRunUserCode) {
                decide(attempt, thrown, encoded);
            } else {
                batch.callBack(() -> decide(attempt, thrown, encoded));
            }
        } else if (!settle(attempt.claim, RUNNING, failed ? State.FAILED : State.SUCCESS, result, thrown, encoded)) {
            endedAfterTimeout(attempt, thrown);
        }
    }

    /** Decodes the reply, if there is one, then settles the task or tries it again; on a thread that may run user code. */
    private void decide(TaskAttempt<I, R> body, @Nullable Throwable thrown, @Nullable Callable<? extends R> reply) {
        R value = null;
        Throwable failure = thrown;
        if (reply != null) {
            try {
                value = reply.call();
            } catch (Throwable t) {
                failure = t;
            }
        }
        boolean decided = isRunning(body.claim)
                && (failure == null
                        ? settle(body.claim, RUNNING, State.SUCCESS, value, null, null)
                        : fail(body, RUNNING, State.FAILED, failure));
        if (!decided) {
            endedAfterTimeout(body, thrown);
        }
    }

    /**
     * Called when the body is gone and the outcome was decided without it. If its deadline decided, and bodies can be killed, this settles
     * the task or tries it again.
     */
    void endedAfterTimeout(TaskAttempt<I, R> attempt, @Nullable Throwable thrown) {
        if (!batch.engine.forcible || !isTimingOut(attempt.claim)) {
            return;
        }
        TaskTimeoutException timeout = AttemptTimeout.exceeded(attempt);
        if (thrown != null) {
            timeout.initCause(thrown);
        }
        if (attempt.isLast()) {
            settle(attempt.claim, TIMING_OUT, State.TIMED_OUT, null, timeout, null);
        } else {
            batch.callBack(() -> fail(attempt, TIMING_OUT, State.TIMED_OUT, timeout));
        }
    }

    /** Settles the task or begins its retry delay; returns false if the outcome has been decided elsewhere. */
    private boolean fail(TaskAttempt<I, R> attempt, int from, State how, Throwable cause) {
        Duration delay = isWanted() ? attempt.delayBeforeRetry(cause) : null;
        if (delay == null) {
            return settle(attempt.claim, from, how, null, cause, null);
        }
        if (!move(attempt.claim, from, BACKOFF)) {
            return false;
        }
        if (!isWanted()) {
            // The thread that ended it may have looked before it was BACKOFF.
            return settle(attempt.claim, BACKOFF, how, null, cause, null);
        }
        attempt.tellRetry(cause, delay);
        Runnable callOff = RetryDelay.begin(attempt, how, cause, delay.toNanos());
        if (callOff != null) {
            retryDelay = callOff;
            if (isSettled()) {
                callOff.run(); // the thread that ended it may have looked before: the timer would keep the task until
                // then
            }
        }
        return true;
    }

    private boolean isWanted() {
        return !unwanted && !batch.isAborted();
    }

    /**
     * Makes the task READY at the end of its retry delay. A call that threw midway is repeated; the queue tolerates a task that is in it
     * twice.
     */
    void resume(TaskAttempt<I, R> last, State how, Throwable cause) {
        if (!last.isGone()) {
            settle(last.claim, BACKOFF, how, null, cause, null); // attempts never overlap
        } else if (move(last.claim, BACKOFF, READY) || isReady()) {
            batch.ready(new ArrayList<>(List.of(this)));
        }
    }

    boolean settle(
            int claim,
            int from,
            State how,
            @Nullable R result,
            @Nullable Throwable cause,
            @Nullable Callable<? extends R> encoded) {
        if (!move(claim, from, SETTLED)) {
            return false;
        }
        setResult(how, result, cause, encoded, nowNanos());
        try {
            if (TaskEvent.isRecorded() && isTimed()) {
                TaskEvent.record(this, how.name(), TaskTimes.of(current, submittedNanos, endedNanos()));
            }
        } finally {
            batch.settled(this);
        }
        return true;
    }

    /** Returns the outcome of a settled task; to be called as {@link #decode}. */
    public Outcome<I, R> outcome() {
        State known = decode();
        TaskTimes ending = TaskTimes.of(current, submittedNanos, endedNanos());
        return new Outcome<>(
                index, input, known, value(), failure(), ending.attempts(), ending.timing(), ending.worker());
    }

    /** Returns the outcome of a settled task, without the task itself. */
    SettledOutcome<R> settlement() {
        return settlement(TaskTimes.of(current, submittedNanos, endedNanos()));
    }

    /** Returns the duration of the last body of a settled, timed task, in nanoseconds. */
    public long tookNanos() {
        return TaskTimes.tookNanos(current, endedNanos());
    }

    /** Returns the task's name for messages. */
    String describe() {
        return "task " + index + (batch.spec.name().isEmpty() ? "" : " of '" + batch.spec.name() + "'");
    }
}
