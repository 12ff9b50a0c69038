package dev.brigade;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;

/**
 * What a body can know about the task that it is running; bound to the body's thread for as long as it runs.
 *
 * <pre>{@code
 * while (!TaskContext.current().isCancelled()) {
 *     step();
 * }
 * }</pre>
 *
 * <p>The same in another process. In the continuations of an asynchronous body, which run later and elsewhere, bind it with
 * {@link #call}.
 *
 * <p><b>Thread safety</b>: all methods, from any thread.
 */
public abstract class TaskContext {
    private static final ThreadLocal<TaskContext> CURRENT = new ThreadLocal<>();

    /** For the engine, and for workers in other processes. */
    protected TaskContext() {}

    /**
     * The context of the body that runs on this thread.
     *
     * @return the context
     * @throws IllegalStateException when no body runs on this thread
     */
    public static TaskContext current() {
        TaskContext context = CURRENT.get();
        if (context == null) {
            throw new IllegalStateException("no task runs on thread "
                    + Thread.currentThread().getName() + "; in a continuation, bind the context with TaskContext.call");
        }
        return context;
    }

    /**
     * The context of the body that runs on this thread, if one does.
     *
     * @return the context; empty when no body runs on this thread
     */
    public static Optional<TaskContext> find() {
        return Optional.ofNullable(CURRENT.get());
    }

    /**
     * Whether nobody waits for the result any more: the task was cancelled, its deadline has passed, or its call or its runner
     * is over.
     *
     * @return true once the body should stop
     */
    public abstract boolean isCancelled();

    /**
     * Calls {@code action} once when the task is cancelled or times out; at once when that was so already, never when the body
     * ends first. It runs on a thread kept for callbacks, or on this one when called at once: it must be short. What it throws is
     * logged.
     *
     * @param action what to do, not null
     * @return takes the action back, for bodies that add many
     */
    public abstract Runnable onCancel(Runnable action);

    /**
     * The time left to this attempt.
     *
     * @return the time until the task's deadline or the call's, whichever comes first, zero when it has passed; empty when
     *     there is none
     */
    public abstract Optional<Duration> remaining();

    /**
     * Which attempt this is.
     *
     * @return 1 for the first
     */
    public abstract int attempt();

    /**
     * A runner for nested work: the one that runs this body or, in another process, one that runs tasks inline. Do not close
     * it.
     *
     * @return the runner
     */
    public abstract Runner runner();

    /**
     * Calls {@code continuation} with this context bound to the calling thread, as the body was: the caller's MDC and its context
     * class loader included.
     *
     * @param continuation what to call, not null
     * @param <T> the type of its result
     * @return what it returned
     * @throws Exception what it threw
     */
    public <T> T call(Callable<T> continuation) throws Exception {
        TaskContext outer = CURRENT.get();
        CURRENT.set(this);
        try {
            return continuation.call();
        } finally {
            // Not removed where there was none: that is dear, and what stays is an entry without a value.
            CURRENT.set(outer);
        }
    }
}
