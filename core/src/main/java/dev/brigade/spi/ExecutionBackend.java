package dev.brigade.spi;

import dev.brigade.Capability;
import dev.brigade.TaskFunction;
import java.time.Duration;
import java.util.Set;
import java.util.function.Predicate;

/**
 * A way of running: the one interface that a new kind of runner implements. The engine does all the rest: window, order,
 * failure, time-outs, retries, progress, context.
 *
 * <p>The engine opens one {@link Session} for each call, has each input {@link Session#prepare prepared} on the thread that pulls it,
 * and starts prepared inputs while {@link Session#room} is left. Each start is one {@link Attempt}, which the backend must answer
 * exactly once: with {@code run}, {@code runAsync} or {@code runAndWait} where the body runs in this JVM; with {@code started}
 * and then {@code ended} where it runs elsewhere; or with {@code returned} where it will not run, whatever was said before.
 *
 * <p>A body that runs on a thread of this JVM needs no more than this:
 *
 * <pre>{@code
 * public <I, R> Session<I, R> open(TaskFunction<I, R> function, BatchSpec spec) {
 *     return input -> attempt -> {
 *         executor.execute(() -> TaskBodies.runBlocking(attempt, Thread.currentThread().getName(), function, input));
 *         return AttemptHandle.UNSTOPPABLE;
 *     };
 * }
 * }</pre>
 *
 * <p><b>Thread safety</b>: all methods may be called from any thread; {@code room}, {@code start} and {@code flush} from one
 * thread at a time for one runner.
 */
public interface ExecutionBackend {

    /**
     * What this way of running can do.
     *
     * @return an unmodifiable set, always the same
     */
    Set<Capability> capabilities();

    /**
     * How many bodies run at once, at most. Read again each time, because clusters grow.
     *
     * @return at least 1
     */
    int maxConcurrency();

    /**
     * Whether {@code start} runs the body before it returns, on the thread that calls it. The engine then starts tasks only on
     * threads that wait for them: the consumer of a batch, the submitter of a task.
     *
     * @return true for inline backends
     */
    default boolean inline() {
        return false;
    }

    /**
     * Whether sessions take more starts than they run, to hide the cost of transport. When false, the engine counts: it never has
     * more attempts under way than {@link #maxConcurrency} and {@link BatchSpec#maxConcurrency} allow. When true, it asks {@link Session#room} alone,
     * and keeping both limits is the backend's part.
     *
     * @return true for backends that queue ahead
     */
    default boolean queuesAhead() {
        return false;
    }

    /**
     * Whether a started body may have to wait for a thread that another body of this runner holds, as on a user's executor that
     * has fewer threads than the limit. A body that waits for such a task then runs it itself.
     *
     * @return true when there may be fewer threads than the limit
     */
    default boolean mayQueue() {
        return false;
    }

    /**
     * Looks once at all that was started: which of it has not begun and never will, though nobody has said so, since what it was
     * handed to has dropped it. Called about once a second, by one thread at a time, where bodies {@link #mayQueue may queue}.
     *
     * @return says of an attempt whether it is to fail; for this look only
     */
    default Predicate<AttemptHandle> dropped() {
        return started -> false;
    }

    /**
     * Refuses to let the calling thread wait for a task of this backend, where that would be a wait for itself.
     *
     * @throws IllegalStateException when this thread must not wait: it is an event loop
     */
    default void checkMayWait() {}

    /**
     * Opens a session for one call.
     *
     * @param function the function, an {@link dev.brigade.AsyncFunction} when its bodies are asynchronous
     * @param spec what is the same for all tasks of the call
     * @param <I> the type of the inputs
     * @param <R> the type of the results
     * @return the session
     * @throws IllegalArgumentException when the function cannot be transported: the message names the class and field
     */
    <I, R> Session<I, R> open(TaskFunction<I, R> function, BatchSpec spec);

    /**
     * Releases everything. The engine calls it after the last body ended or was given up; starts nothing more; may call it
     * again. What still runs has been interrupted, and is not to be once more: it may be cleaning up.
     *
     * @param atMost how long this may take
     * @return true when nothing is alive any more; false when a body, thread or process remains, and that has been logged
     * @throws InterruptedException when interrupted while waiting; the engine then calls this again with what is left of the time
     */
    boolean close(Duration atMost) throws InterruptedException;
}
