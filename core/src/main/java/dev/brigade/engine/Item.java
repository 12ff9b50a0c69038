package dev.brigade.engine;

import dev.brigade.Outcome;
import dev.brigade.Outcome.State;
import dev.brigade.TaskTimeoutException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/**
 * One input on its way to its outcome.
 *
 * <p>What races for it is in {@link ItemState}; this is what each move means: whoever settles the item writes the outcome's
 * fields and hands the item to the call's sink, once.
 */
final class Item<I, R> extends ItemResult<R, Item<I, R>> {
    /** Of a call whose times nobody sees, every so many are timed all the same, for its window. */
    private static final int SAMPLE = 16;

    final Call<I, R> call;
    final long index;
    private final I input;
    private final long submittedNanos;
    /** Set before the item is first READY. */
    Strategy.@Nullable Prepared<R> prepared;

    /** Where this is among its call's unfinished items; the consumer's. */
    int slot;

    /** Whether the consumer has seen that this settled; its own mark. */
    boolean collected;

    /** The latest attempt; written by the one that claimed it, a moment after the word. */
    private volatile @Nullable BodyAttempt<I, R> current;

    /** Set when somebody cancels an item whose deadline has passed: it is not tried again. */
    private volatile boolean unwanted;

    /** Calls the end of the latest pause off; null when there was none. */
    private volatile @Nullable Runnable endOfPause;

    Item(Call<I, R> call, long index, I input) {
        this.call = call;
        this.index = index;
        this.input = input;
        submittedNanos = nowNanos();
    }

    /** Whether anybody asks for its times: reading the clock is dear. */
    boolean isTimed() {
        return call.timed || index % SAMPLE == 0;
    }

    /** The time; of an item that is not timed, one long ago. */
    long nowNanos() {
        return isTimed() ? Clock.nowNanos() : 1;
    }

    @Nullable
    BodyAttempt<I, R> current() {
        return current;
    }

    /** Whether an attempt has been started whose body has not begun. */
    boolean isQueued() {
        BodyAttempt<I, R> attempt = current;
        return attempt != null && attempt.turn == null && attempt.startedNanos() == 0 && isHanded(attempt.claim);
    }

    I input() {
        return input;
    }

    long encodedBytes() {
        Strategy.Prepared<R> ready = prepared;
        return ready == null ? 0 : ready.bytes();
    }

    /**
     * Takes a READY or RETURNED item for its next attempt; null when somebody else did, or it is settled. The arguments are those of
     * the attempt.
     */
    @Nullable
    BodyAttempt<I, R> claim(@Nullable Turn<I, R> turn, boolean holdsPlace) {
        int seen = word();
        int claim = tryClaim(seen);
        if (claim == 0) {
            return null;
        }
        BodyAttempt<I, R> last = current;
        int earlier = last == null ? 0 : phase(seen) == RETURNED ? last.number() - 1 : last.number();
        BodyAttempt<I, R> attempt = turn == null
                ? new BodyAttempt<>(this, claim, earlier + 1, holdsPlace)
                : new BodyAttempt<>(this, claim, earlier + 1, turn);
        current = attempt;
        return attempt;
    }

    /** Fails an item that could not even be prepared. */
    void failUnprepared(Throwable cause) {
        settle(0, READY, State.FAILED, null, cause, null);
    }

    /** Cancels unless the outcome is decided. */
    boolean cancel(Strategy.Stop how) {
        return !isSettled() && endEarly(State.CANCELLED, new CancellationException(describe() + " was cancelled"), how);
    }

    /** The whole call's time is up, and this item is all there is to it. */
    void expire() {
        String message = describe() + " exceeded its call's timeout of "
                + call.options.timeout().orElseThrow();
        endEarly(State.TIMED_OUT, new TaskTimeoutException(message), Strategy.Stop.TIMEOUT);
    }

    private boolean endEarly(State how, Throwable cause, Strategy.Stop stop) {
        while (true) {
            int seen = word();
            int phase = phase(seen);
            int claim = claimOf(seen);
            if (phase == SETTLED) {
                return false;
            }
            if (phase == DOOMED) {
                unwanted = true;
                if (AttemptDeadline.isTheEnd(this, seen)) {
                    return false;
                }
                continue; // it may have been made PAUSED by one who looked just before
            }
            if (settle(claim, phase, how, null, cause, null)) {
                Runnable callOff = endOfPause;
                if (callOff != null) {
                    callOff.run();
                }
                BodyAttempt<I, R> attempt = current;
                // An attempt claimed this very moment is not there yet: who claimed it looks again after its start.
                if (phase == HANDED && attempt != null && attempt.claim == claim) {
                    attempt.stop(stop);
                }
                return true;
            }
        }
    }

    /** The deadline of an attempt has passed. Who sees it first goes on; also {@code again}, when it has thrown in the middle. */
    void timedOut(BodyAttempt<I, R> attempt, boolean again) {
        int claim = attempt.claim;
        TaskTimeoutException timeout = AttemptDeadline.exceeded(attempt);
        boolean last = !call.engine.forcible && attempt.isLast();
        boolean late = last
                ? settle(claim, HANDED, State.TIMED_OUT, null, timeout, null) || (again && hasTimedOut())
                : move(claim, HANDED, DOOMED) || (again && isDoomed(claim));
        if (late) {
            attempt.stop(Strategy.Stop.TIMEOUT); // where bodies can be killed, reported when this one is dead
            if (!last && !call.engine.forcible) {
                call.callBack(() -> fail(attempt, DOOMED, State.TIMED_OUT, timeout));
            }
        }
    }

    /** {@link #timedOut} cannot be done. */
    void failTimedOut(BodyAttempt<I, R> attempt, Throwable cause) {
        settle(attempt.claim, isDoomed(attempt.claim) ? DOOMED : HANDED, State.FAILED, null, cause, null);
    }

    /** The body of an attempt is gone. {@code mayRunUserCode} says whether this thread may. */
    void bodyEnded(
            BodyAttempt<I, R> attempt,
            @Nullable R result,
            @Nullable Throwable thrown,
            @Nullable Callable<? extends R> encoded,
            boolean failed,
            boolean mayRunUserCode) {
        if (failed && !attempt.isLast() && isHanded(attempt.claim)) {
            if (mayRunUserCode) {
                decide(attempt, thrown, encoded);
            } else {
                call.callBack(() -> decide(attempt, thrown, encoded));
            }
        } else if (!settle(attempt.claim, HANDED, failed ? State.FAILED : State.SUCCESS, result, thrown, encoded)) {
            endedDoomed(attempt, thrown);
        }
    }

    /** Decodes where needed, then settles or tries again; on a thread that may run user code. */
    private void decide(BodyAttempt<I, R> body, @Nullable Throwable thrown, @Nullable Callable<? extends R> reply) {
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
    void endedDoomed(BodyAttempt<I, R> attempt, @Nullable Throwable thrown) {
        if (!call.engine.forcible || !isDoomed(attempt.claim)) {
            return;
        }
        TaskTimeoutException timeout = AttemptDeadline.exceeded(attempt);
        if (thrown != null) {
            timeout.initCause(thrown);
        }
        if (attempt.isLast()) {
            settle(attempt.claim, DOOMED, State.TIMED_OUT, null, timeout, null);
        } else {
            call.callBack(() -> fail(attempt, DOOMED, State.TIMED_OUT, timeout));
        }
    }

    /** Settles or tries again; false when something else has been decided. */
    private boolean fail(BodyAttempt<I, R> attempt, int from, State how, Throwable cause) {
        if (!isWanted() || !attempt.mayBeTriedAgainAfter(cause)) {
            return settle(attempt.claim, from, how, null, cause, null);
        }
        if (!move(attempt.claim, from, PAUSED)) {
            return false;
        }
        if (!isWanted()) {
            // Who ended it may have looked before it was PAUSED.
            return settle(attempt.claim, PAUSED, how, null, cause, null);
        }
        Runnable callOff = EndOfPause.begin(attempt, how, cause);
        if (callOff != null) {
            endOfPause = callOff;
        }
        return true;
    }

    private boolean isWanted() {
        return !unwanted && !call.isAborted();
    }

    /** Once more when it has thrown in the middle; the queue bears an item that is there twice. */
    void resume(BodyAttempt<I, R> last, State how, Throwable cause) {
        if (!last.isGone()) {
            settle(last.claim, PAUSED, how, null, cause, null); // attempts never overlap
        } else if (move(last.claim, PAUSED, READY) || isReady()) {
            call.ready(new ArrayList<>(List.of(this)));
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
                TaskEvent.record(this, how.name(), Ending.of(current, submittedNanos, endedNanos()));
            }
        } finally {
            call.settled(this);
        }
        return true;
    }

    /** The outcome of a settled item; called as {@link #decode}. */
    Outcome<I, R> outcome() {
        State known = decode();
        Ending ending = Ending.of(current, submittedNanos, endedNanos());
        return new Outcome<>(
                index, input, known, value(), failure(), ending.attempts(), ending.timing(), ending.worker());
    }

    /** How a settled item ended, apart from the item. */
    Settlement<R> settlement() {
        return settlement(Ending.of(current, submittedNanos, endedNanos()));
    }

    /** How long the last body of a settled item that is timed took. */
    long tookNanos() {
        return Ending.tookNanos(current, endedNanos());
    }

    /** For messages. */
    String describe() {
        return "task " + index + (call.spec.name().isEmpty() ? "" : " of '" + call.spec.name() + "'");
    }
}
