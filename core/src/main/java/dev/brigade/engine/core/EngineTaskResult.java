package dev.brigade.engine.core;

import dev.brigade.Outcome.State;
import dev.brigade.engine.state.CompletionQueue;
import dev.brigade.engine.state.TaskState;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * The result of a settled task.
 *
 * <p>Design note: the thread that settles the task writes it, before it passes the task to the {@code Sink}. Afterwards it is read and
 * decoded by the threads that get the task from there, one at a time.
 *
 * @param <R> the type of the result
 * @param <T> the type of the task
 */
public abstract class EngineTaskResult<R, T extends CompletionQueue.Node<T>> extends TaskState<T> {
    private @Nullable State state;
    private @Nullable R value;
    private @Nullable Throwable failure;
    private @Nullable Callable<? extends R> reply;
    private long endedNanos;

    final void setResult(
            State how,
            @Nullable R result,
            @Nullable Throwable cause,
            @Nullable Callable<? extends R> encoded,
            long nowNanos) {
        endedNanos = nowNanos;
        state = how;
        value = result;
        failure = cause;
        reply = encoded;
    }

    final long endedNanos() {
        return endedNanos;
    }

    /** Returns the outcome of a settled task, without the task; not decoded. */
    final SettledOutcome<R> settlement(TaskTimes ending) {
        return new SettledOutcome<>(state == null ? State.FAILED : state, value, failure, reply, ending);
    }

    /** Returns true if a settled task has timed out, as far as the calling thread can see. */
    final boolean hasTimedOut() {
        return state == State.TIMED_OUT;
    }

    /** Returns true if this has settled without a value, as far as is known before it is decoded. */
    public final boolean failed() {
        return state != State.SUCCESS;
    }

    /** Decodes the reply, if there is one, and returns the final state; on a thread that may run user code. */
    public final State decode() {
        Callable<? extends R> encoded = reply;
        if (encoded != null) {
            try {
                value = encoded.call();
                state = State.SUCCESS;
            } catch (Throwable t) {
                failure = t;
                state = State.FAILED;
            }
            reply = null;
        }
        return state == null ? State.FAILED : state;
    }

    /** Returns the value of a decoded task; null if it has none. */
    public final @Nullable R value() {
        return value;
    }

    /** Returns the failure of a decoded task; null if it has none. */
    final @Nullable Throwable failure() {
        return failure;
    }
}
