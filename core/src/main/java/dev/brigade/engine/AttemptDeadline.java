package dev.brigade.engine;

import dev.brigade.Outcome.State;
import dev.brigade.TaskTimeoutException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The end of an attempt's time, for the timer's thread alone. */
final class AttemptDeadline<I, R> implements TimedAction {
    private final BodyAttempt<I, R> attempt;

    /** Whether this has been run: what it has begun then, it goes on with. */
    private boolean again;

    AttemptDeadline(BodyAttempt<I, R> attempt) {
        this.attempt = attempt;
    }

    /** Starts the time of an attempt whose body begins; what is returned calls it off, null when there is no deadline. */
    static @Nullable Runnable start(BodyAttempt<?, ?> attempt) {
        Call<?, ?> call = attempt.item.call;
        return call.taskTimeoutNanos > 0
                ? call.engine.threads.after(call.taskTimeoutNanos, new AttemptDeadline<>(attempt))
                : null;
    }

    static TaskTimeoutException exceeded(BodyAttempt<?, ?> attempt) {
        return new TaskTimeoutException(attempt + " exceeded its taskTimeout of "
                + attempt.item.call.spec.taskTimeout().orElseThrow() + " (attempt " + attempt.number() + ")");
    }

    /**
     * The body is gone, and its timer called off. Where its end may be told to user code, a deadline that came first counts,
     * though its timer is late: perhaps nobody else has seen that.
     */
    static <I, R> void bodyEnded(BodyAttempt<I, R> attempt, Runnable callOff, boolean mayRunUserCode) {
        callOff.run();
        Item<I, R> item = attempt.item;
        if (mayRunUserCode && item.nowNanos() - attempt.startedNanos() > item.call.taskTimeoutNanos) {
            try {
                item.timedOut(attempt, false);
            } catch (Throwable t) {
                item.failTimedOut(attempt, t);
            }
        }
    }

    /**
     * Nobody wants another attempt at a doomed item. Where its body's death is not waited for, who would have asked for one need not be
     * waited for either: there may be no thread for that.
     */
    static boolean isTheEnd(Item<?, ?> item, int doomed) {
        if (item.call.engine.forcible) {
            return item.word() == doomed;
        }
        TaskTimeoutException timeout = exceeded(Objects.requireNonNull(item.current()));
        return item.settle(ItemState.claimOf(doomed), ItemState.DOOMED, State.TIMED_OUT, null, timeout, null);
    }

    @Override
    public void run() {
        boolean rerun = again;
        again = true;
        attempt.item.timedOut(attempt, rerun);
    }

    @Override
    public void giveUp(Throwable cause) {
        attempt.item.failTimedOut(attempt, cause);
    }
}
