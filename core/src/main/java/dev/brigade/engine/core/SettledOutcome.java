package dev.brigade.engine.core;

import dev.brigade.Outcome;
import dev.brigade.Outcome.State;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * How a submitted task ended, without the task: what its future keeps.
 *
 * <p><b>Thread safety</b>: all methods, from any thread; {@code this} guards the outcome.
 */
final class SettledOutcome<T> {
    private final State state;
    private final TaskTimes ending;
    private final @Nullable T value;
    private final @Nullable Throwable failure;

    /** Null once decoded, or when there is nothing to decode. */
    private @Nullable Callable<? extends T> reply;

    /** Null before somebody has asked. */
    private @Nullable Outcome<Void, T> outcome;

    SettledOutcome(
            State state,
            @Nullable T value,
            @Nullable Throwable failure,
            @Nullable Callable<? extends T> reply,
            TaskTimes ending) {
        this.state = state;
        this.value = value;
        this.failure = failure;
        this.reply = reply;
        this.ending = ending;
    }

    /** Decoding never makes it so. */
    boolean wasCancelled() {
        return state == State.CANCELLED;
    }

    /** The outcome, decoded by the first who asks; on a thread that may run user code. */
    synchronized Outcome<Void, T> outcome() {
        Outcome<Void, T> known = outcome;
        if (known == null) {
            known = decode(reply);
            outcome = known;
            reply = null;
        }
        return known;
    }

    private Outcome<Void, T> decode(@Nullable Callable<? extends T> encoded) {
        if (encoded == null) {
            return outcome(state, value, failure);
        }
        try {
            return outcome(State.SUCCESS, encoded.call(), null);
        } catch (Throwable t) {
            return outcome(State.FAILED, null, t);
        }
    }

    private Outcome<Void, T> outcome(State how, @Nullable T result, @Nullable Throwable cause) {
        return new Outcome<>(0, null, how, result, cause, ending.attempts(), ending.timing(), ending.worker());
    }
}
