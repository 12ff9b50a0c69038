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
 * One input on its way to its outcome.
 *
 * <p>What races for it is in {@link TaskState}; this is what each move means: whoever settles the item writes the outcome's
 * fields and hands the item to the call's sink, once.
 */
public final class EngineTask<I, R> extends EngineTaskResult<R, EngineTask<I, R>> {
    /** Of a call whose times nobody sees, every so many are timed all the same, for its window. */
    private static final int SAMPLE = 16;

    public final BatchRun<I, R> batch;
    public final long index;
    private final I input;
    private final long submittedNanos;
    /** Set before the item is first READY. */
    @Nullable
    PreparedTask<R> prepared;

    /** Where this is among its call's unfinished items; the consumer's. */
    int slot;

    /** Whether the consumer has seen that this settled; its own mark. */
    public boolean collected;

    /** The latest attempt; written by the one that claimed it, a moment after the word. */
    private volatile @Nullable TaskAttempt<I, R> current;

    /** Set when somebody cancels an item whose deadline has passed: it is not tried again. */
    private volatile boolean unwanted;

    /** Set by whoever wants the body interrupted, before it is decided whether the task ends so. */
    private volatile boolean interruptRequested;

    /** Calls the end of the latest pause off; null when there was none. */
    private volatile @Nullable Runnable endOfPause;

    public EngineTask(BatchRun<I, R> batch, long index, I input) {
        this.batch = batch;
        this.index = index;
        this.input = input;
        submittedNanos = nowNanos();
    }

    /** Whether anybody asks for its times: reading the clock is dear. */
    public boolean isTimed() {
        return batch.timed || index % SAMPLE == 0;
    }

    /** The time since the task was submitted or its input pulled; of one that is timed. */
    Duration sinceSubmission() {
        return Duration.ofNanos(nowNanos() - submittedNanos);
    }

    /** The time; of an item that is not timed, one long ago. */
    long nowNanos() {
        return isTimed() ? EpochClock.nowNanos() : 1;
    }

    @Nullable
    TaskAttempt<I, R> current() {
        return current;
    }

    /** Whether an attempt has been started whose body has not begun. */
    boolean isQueued() {
        TaskAttempt<I, R> attempt = current;
        return attempt != null && attempt.chain == null && attempt.startedNanos() == 0 && isHanded(attempt.claim);
    }

    I input() {
        return input;
    }

    public long encodedBytes() {
        PreparedTask<R> ready = prepared;
        return ready == null ? 0 : ready.bytes();
    }

    /**
     * Takes a READY or RETURNED item for its next attempt; null when somebody else did, or it is settled. The arguments are those of
     * the attempt.
     */
    @Nullable
    TaskAttempt<I, R> claim(@Nullable TaskChain<I, R> chain, boolean holdsPlace) {
        int seen = word();
        int claim = tryClaim(seen);
        if (claim == 0) {
            return null;
        }
        TaskAttempt<I, R> last = current;
        int earlier = last == null ? 0 : phase(seen) == RETURNED ? last.number() - 1 : last.number();
        TaskAttempt<I, R> attempt = chain == null
                ? new TaskAttempt<>(this, claim, earlier + 1, holdsPlace)
                : new TaskAttempt<>(this, claim, earlier + 1, chain);
        current = attempt;
        return attempt;
    }

    /** Fails an item that could not even be prepared. */
    void failUnprepared(Throwable cause) {
        settle(0, READY, State.FAILED, null, cause, null);
    }

    /** Cancels unless the outcome is decided. */
    boolean cancel(StopMode how) {
        return !isSettled() && endEarly(State.CANCELLED, new CancellationException(describe() + " was cancelled"), how);
    }

    /** The whole call's time is up, and this item is all there is to it. */
    void expire() {
        String message = describe() + " exceeded its call's timeout of "
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
            if (phase == DOOMED) {
                unwanted = true;
                if (AttemptTimeout.isTheEnd(this, seen)) {
                    return false;
                }
                continue; // it may have been made PAUSED by one who looked just before
            }
            if (settle(claimOf(seen), phase, how, null, cause, null)) {
                endedEarly(claimOf(seen), phase, stop);
                return true;
            }
        }
    }

    private void endedEarly(int claim, int phase, StopMode stop) {
        Runnable callOff = endOfPause;
        if (callOff != null) {
            callOff.run();
        }
        TaskAttempt<I, R> attempt = current;
        // An attempt claimed this very moment is not there yet: who claimed it looks again after its start.
        if (phase == HANDED && attempt != null && attempt.claim == claim) {
            attempt.stopOrTryAgain(stop);
        }
    }

    /** Returns how to stop an attempt whose task was ended between the attempt's claim and its start. */
    StopMode earlyStop() {
        return interruptRequested ? StopMode.INTERRUPT : StopMode.CANCEL;
    }

    /** The deadline of an attempt has passed. Who sees it first goes on; also {@code again}, when it has thrown in the middle. */
    void timedOut(TaskAttempt<I, R> attempt, boolean again) {
        int claim = attempt.claim;
        TaskTimeoutException timeout = AttemptTimeout.exceeded(attempt);
        boolean last = !batch.engine.forcible && attempt.isLast();
        boolean late = last
                ? settle(claim, HANDED, State.TIMED_OUT, null, timeout, null) || (again && hasTimedOut())
                : move(claim, HANDED, DOOMED) || (again && isDoomed(claim));
        if (late) {
            attempt.stop(StopMode.TIMEOUT); // where bodies can be killed, reported when this one is dead
            if (!last && !batch.engine.forcible) {
                batch.callBack(() -> fail(attempt, DOOMED, State.TIMED_OUT, timeout));
            }
        }
    }

    /** {@link #timedOut} cannot be done. */
    void failTimedOut(TaskAttempt<I, R> attempt, Throwable cause) {
        settle(attempt.claim, isDoomed(attempt.claim) ? DOOMED : HANDED, State.FAILED, null, cause, null);
    }

    /** The body of an attempt is gone. {@code mayRunUserCode} says whether this thread may. */
    void bodyEnded(
            TaskAttempt<I, R> attempt,
            @Nullable R result,
            @Nullable Throwable thrown,
            @Nullable Callable<? extends R> encoded,
            boolean failed,
            boolean mayRunUserCode) {
        if (failed && !attempt.isLast() && isHanded(attempt.claim)) {
            if (mayRunUserCode) {
                decide(attempt, thrown, encoded);
            } else {
                batch.callBack(() -> decide(attempt, thrown, encoded));
            }
        } else if (!settle(attempt.claim, HANDED, failed ? State.FAILED : State.SUCCESS, result, thrown, encoded)) {
            endedDoomed(attempt, thrown);
        }
    }

    /** Decodes where needed, then settles or tries again; on a thread that may run user code. */
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
        boolean decided = isHanded(body.claim)
                && (failure == null
                        ? settle(body.claim, HANDED, State.SUCCESS, value, null, null)
                        : fail(body, HANDED, State.FAILED, failure));
        if (!decided) {
            endedDoomed(body, thrown);
        }
    }

    /** The body is gone, and something else has decided: where that is its deadline, and bodies can be killed, this settles. */
    void endedDoomed(TaskAttempt<I, R> attempt, @Nullable Throwable thrown) {
        if (!batch.engine.forcible || !isDoomed(attempt.claim)) {
            return;
        }
        TaskTimeoutException timeout = AttemptTimeout.exceeded(attempt);
        if (thrown != null) {
            timeout.initCause(thrown);
        }
        if (attempt.isLast()) {
            settle(attempt.claim, DOOMED, State.TIMED_OUT, null, timeout, null);
        } else {
            batch.callBack(() -> fail(attempt, DOOMED, State.TIMED_OUT, timeout));
        }
    }

    /** Settles or tries again; false when something else has been decided. */
    private boolean fail(TaskAttempt<I, R> attempt, int from, State how, Throwable cause) {
        Duration delay = isWanted() ? attempt.delayBeforeRetry(cause) : null;
        if (delay == null) {
            return settle(attempt.claim, from, how, null, cause, null);
        }
        if (!move(attempt.claim, from, PAUSED)) {
            return false;
        }
        if (!isWanted()) {
            // Who ended it may have looked before it was PAUSED.
            return settle(attempt.claim, PAUSED, how, null, cause, null);
        }
        attempt.tellRetry(cause, delay);
        Runnable callOff = RetryDelay.begin(attempt, how, cause, delay.toNanos());
        if (callOff != null) {
            endOfPause = callOff;
        }
        return true;
    }

    private boolean isWanted() {
        return !unwanted && !batch.isAborted();
    }

    /** Once more when it has thrown in the middle; the queue bears an item that is there twice. */
    void resume(TaskAttempt<I, R> last, State how, Throwable cause) {
        if (!last.isGone()) {
            settle(last.claim, PAUSED, how, null, cause, null); // attempts never overlap
        } else if (move(last.claim, PAUSED, READY) || isReady()) {
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

    /** The outcome of a settled item; called as {@link #decode}. */
    public Outcome<I, R> outcome() {
        State known = decode();
        TaskTimes ending = TaskTimes.of(current, submittedNanos, endedNanos());
        return new Outcome<>(
                index, input, known, value(), failure(), ending.attempts(), ending.timing(), ending.worker());
    }

    /** How a settled item ended, apart from the item. */
    SettledOutcome<R> settlement() {
        return settlement(TaskTimes.of(current, submittedNanos, endedNanos()));
    }

    /** How long the last body of a settled item that is timed took. */
    public long tookNanos() {
        return TaskTimes.tookNanos(current, endedNanos());
    }

    /** For messages. */
    String describe() {
        return "task " + index + (batch.spec.name().isEmpty() ? "" : " of '" + batch.spec.name() + "'");
    }
}
