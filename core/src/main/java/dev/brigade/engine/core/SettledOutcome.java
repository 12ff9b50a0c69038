package dev.brigade.engine.core;

import dev.brigade.Outcome;
import dev.brigade.Outcome.State;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * The outcome of a submitted task without the task: all that its future keeps.
 *
 * <p>Design note: decoding runs user code, which may wait for another thread that asks too. So no lock is held meanwhile. Threads that ask
 * at the same time may each decode, and all get the outcome of the first that finishes.
 *
 * <p><b>Thread safety</b>: all methods, from any thread; {@code this} guards {@code reply} and {@code outcome}.
 */
final class SettledOutcome<T> {
    private final State state;
    private final TaskTimes ending;
    private final @Nullable T value;
    private final @Nullable Throwable failure;

    /** Null once decoded, or if there is nothing to decode. */
    private @Nullable Callable<? extends T> reply;

    /** Null until it is first asked for. */
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

    /** Returns true if the task was cancelled; decoding never changes that. */
    boolean wasCancelled() {
        return state == State.CANCELLED;
    }

    /** Returns the outcome, decoded when first asked for; on a thread that may run user code. */
    Outcome<Void, T> outcome() {
        Callable<? extends T> encoded;
        synchronized (this) {
            if (outcome != null) {
                return outcome;
            }
            encoded = reply;
        }
        return first(decode(encoded));
    }

    private synchronized Outcome<Void, T> first(Outcome<Void, T> decoded) {
        if (outcome == null) {
            outcome = decoded;
            reply = null;
        }
        return outcome;
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
