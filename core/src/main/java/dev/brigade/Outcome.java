package dev.brigade;

import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * The outcome of one task: its value, failure, time-out or cancellation, with its attempts, its times and its worker.
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
 * <p><b>Memory consistency</b>: actions of the body happen-before the outcome is delivered.
 *
 * @param index the position of the input among all inputs of the batch, from 0
 * @param input the caller's own input object; null when that was null, and for submitted tasks
 * @param state the final state of the task
 * @param value the result; null unless {@code state} is {@code SUCCESS}, and when the result was null
 * @param exception the failure, time-out or cancellation; null exactly when {@code state} is {@code SUCCESS}
 * @param attempts the number of bodies that began; 0 when the task was cancelled before its start
 * @param timing the times of the task
 * @param worker the thread or process that ran the last attempt; null when the body of that attempt never began
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

    /** The final state of a task. */
    public enum State {
        /** The body returned a value. */
        SUCCESS,
        /** The body, or its transport, threw; or its worker was lost. */
        FAILED,
        /** The runner's deadline came before the body ended; the exception is a {@link TaskTimeoutException}. */
        TIMED_OUT,
        /** The task was cancelled before the body ended; the exception is a {@link CancellationException}. */
        CANCELLED
    }

    /**
     * Makes an outcome; called by runners.
     *
     * @param index as {@link #index()}
     * @param input as {@link #input()}
     * @param state as {@link #state()}
     * @param value as {@link #value()}
     * @param exception as {@link #exception()}
     * @param attempts as {@link #attempts()}
     * @param timing as {@link #timing()}
     * @param worker as {@link #worker()}
     * @throws IllegalArgumentException when {@code exception} is present in state {@code SUCCESS}, or null in another state
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
     * Returns true if the body returned a value.
     *
     * @return true when {@code state} is {@code SUCCESS}
     */
    public boolean isSuccess() {
        return state == State.SUCCESS;
    }

    /**
     * Returns the value, or throws the failure as {@link java.util.concurrent.Future#get()} would.
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

    /** As {@code new ExecutionException(cause)}, but works even if the cause's toString, which that constructor calls, throws. */
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
