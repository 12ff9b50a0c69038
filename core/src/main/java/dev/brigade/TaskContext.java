package dev.brigade;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;

/**
 * The view that a body has of its task; bound to the body's thread while the body runs.
 *
 * <pre>{@code
 * while (!TaskContext.current().isCancelled()) {
 *     step();
 * }
 * }</pre>
 *
 * <p>It is the same in another process. Continuations of an asynchronous body run later and elsewhere: bind it there with
 * {@link #call}.
 *
 * <p><b>Thread safety</b>: all methods, from any thread.
 */
public abstract class TaskContext {
    private static final ThreadLocal<TaskContext> CURRENT = new ThreadLocal<>();

    /** For the engine, and for workers in other processes. */
    protected TaskContext() {}

    /**
     * Returns the context of the body that runs on this thread.
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
     * Returns the context of the body that runs on this thread, if there is one.
     *
     * @return the context; empty when no body runs on this thread
     */
    public static Optional<TaskContext> find() {
        return Optional.ofNullable(CURRENT.get());
    }

    /**
     * Returns true if the result is no longer wanted: the task was cancelled, its deadline has passed, or its batch or its runner is
     * over.
     *
     * @return true once the body should stop
     */
    public abstract boolean isCancelled();

    /**
     * Calls {@code action} once when the task is cancelled or times out: at once if that was so already, never if the body ends
     * first. It runs on a thread kept for callbacks, or on the calling thread if it runs at once, and must be short. Anything that it
     * throws is logged.
     *
     * @param action the action, not null
     * @return a Runnable that removes the action, for bodies that add many
     */
    public abstract Runnable onCancel(Runnable action);

    /**
     * Returns the time left to this attempt.
     *
     * @return the time until the task's deadline or the batch's, the earlier of the two; zero when it has passed; empty when there is
     *     none
     */
    public abstract Optional<Duration> remaining();

    /**
     * Returns the number of this attempt.
     *
     * @return 1 for the first
     */
    public abstract int attempt();

    /**
     * Returns a runner for nested work: the runner of this body or, in another process, a runner that runs tasks inline. Do not close
     * it.
     *
     * @return the runner
     */
    public abstract Runner runner();

    /**
     * Calls {@code continuation} with this context bound to the calling thread, as it was for the body: the caller's MDC and its
     * context class loader included.
     *
     * @param continuation the continuation, not null
     * @param <T> the type of its result
     * @return the result of the continuation
     * @throws Exception the exception of the continuation
     */
    public <T> T call(Callable<T> continuation) throws Exception {
        TaskContext outer = CURRENT.get();
        CURRENT.set(this);
        try {
            return continuation.call();
        } finally {
            // Set, not removed, even if outer is null: remove() is expensive, and only an entry without a value stays.
            CURRENT.set(outer);
        }
    }
}
