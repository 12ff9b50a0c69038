package dev.brigade;

import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * How one task ended: with a value, a failure, a time-out or a cancellation, after how many attempts, when and where.
 *
 * <pre>{@code
 * for (Outcome<Path, String> outcome : runner.mapOutcomes(files, Digests::sha256)) {
 *     switch (outcome.state()) {
 *         case SUCCESS -> System.out.println(outcome.value() + "  " + outcome.input());
 *         default -> System.err.println(outcome.input() + ": " + outcome.exception());
 *     }
 * }
 * }</pre>
 *
 * <p><b>Memory consistency</b>: what the body did happens-before the outcome is handed out.
 *
 * @param index the place of the input among all inputs of the call, from 0
 * @param input the caller's own input object; null when that was null, and for submitted tasks
 * @param state how it ended
 * @param value the result; null unless {@code state} is {@code SUCCESS}, and when the result was null
 * @param exception what went wrong; null exactly when {@code state} is {@code SUCCESS}
 * @param attempts how many bodies began; 0 when the task was cancelled before its start
 * @param timing when
 * @param worker the thread or process that ran the last attempt; null when no body ever began
 * @param <I> the type of the input
 * @param <R> the type of the result
 */
public record Outcome<I, R>(
        long index,
        @Nullable I input,
        State state,
        @Nullable R value,
        @Nullable Throwable exception,
        int attempts,
        Timing timing,
        @Nullable String worker) {

    /** How a task ended. */
    public enum State {
        /** The body returned a value. */
        SUCCESS,
        /** The body, or its transport, threw; or its worker was lost. */
        FAILED,
        /** The runner's deadline came before the body ended; the exception is a {@link TaskTimeoutException}. */
        TIMED_OUT,
        /** It was cancelled before the body ended; the exception is a {@link CancellationException}. */
        CANCELLED
    }

    /**
     * Makes an outcome; runners do.
     *
     * @param index as {@link #index()}
     * @param input as {@link #input()}
     * @param state as {@link #state()}
     * @param value as {@link #value()}
     * @param exception as {@link #exception()}
     * @param attempts as {@link #attempts()}
     * @param timing as {@link #timing()}
     * @param worker as {@link #worker()}
     * @throws IllegalArgumentException when there is an exception and the state is {@code SUCCESS}, or none and it is not
     */
    public Outcome {
        Objects.requireNonNull(state, "state");
        Objects.requireNonNull(timing, "timing");
        if ((state == State.SUCCESS) != (exception == null)) {
            throw new IllegalArgumentException("state " + state + " with "
                    + (exception == null
                            ? "no exception"
                            : "an exception, a " + exception.getClass().getName()));
        }
    }

    /**
     * Whether the body returned a value.
     *
     * @return true when {@code state} is {@code SUCCESS}
     */
    public boolean isSuccess() {
        return state == State.SUCCESS;
    }

    /**
     * The value, or the failure thrown as {@link java.util.concurrent.Future#get()} would.
     *
     * @return the value, perhaps null
     * @throws ExecutionException when the task failed or timed out; the cause is {@link #exception()}
     * @throws CancellationException when the task was cancelled
     */
    public @Nullable R get() throws ExecutionException {
        if (state == State.SUCCESS) {
            return value;
        }
        if (state == State.CANCELLED) {
            CancellationException cancelled = new CancellationException("task " + index + " was cancelled");
            cancelled.initCause(exception);
            throw cancelled;
        }
        throw failed(exception);
    }

    /** As {@code new ExecutionException(cause)}, which calls the cause's toString: that may throw. */
    private static ExecutionException failed(@Nullable Throwable cause) {
        String text;
        try {
            text = String.valueOf(cause);
        } catch (Throwable e) {
            text = Objects.requireNonNull(cause).getClass().getName() + " (its text could not be had: "
                    + e.getClass().getName() + ")";
        }
        return new ExecutionException(text, cause);
    }
}
