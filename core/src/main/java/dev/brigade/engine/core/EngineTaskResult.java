package dev.brigade.engine.core;

import dev.brigade.Outcome.State;
import dev.brigade.engine.state.CompletionQueue;
import dev.brigade.engine.state.TaskState;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * How an item has settled.
 *
 * <p>Design note: written by the one that settled the item, before the sink is told; then read, and decoded, by whom the sink
 * tells, one thread at a time.
 *
 * @param <R> the type of the result
 * @param <T> the type of the item
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

    /** How a settled item ended, apart from the item; not decoded. */
    final SettledOutcome<R> settlement(TaskTimes ending) {
        return new SettledOutcome<>(state == null ? State.FAILED : state, value, failure, reply, ending);
    }

    /** Of a settled item: so it ended, as far as the one who asks can see. */
    final boolean hasTimedOut() {
        return state == State.TIMED_OUT;
    }

    /** Whether this has settled otherwise than with a value, as far as is known before it is decoded. */
    public final boolean failed() {
        return state != State.SUCCESS;
    }

    /** Decodes what needs it; on a thread that may run user code. */
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

    /** What a decoded item succeeded with. */
    public final @Nullable R value() {
        return value;
    }

    /** What a decoded item failed with; null when it did not. */
    final @Nullable Throwable failure() {
        return failure;
    }
}
