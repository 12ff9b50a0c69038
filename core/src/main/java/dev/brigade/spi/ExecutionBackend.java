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
 * <p>The engine opens one {@link Session} for each batch, has each input {@link Session#prepare prepared} on the thread that pulls it,
 * and starts prepared inputs while {@link Session#room} is left. Each start is one {@link Attempt}, which the backend must answer
 * exactly once. The answer for a body that runs in this JVM is one call of {@code run}, {@code runAsync} or {@code runAndWait}; for one
 * that runs elsewhere, {@code started} when it begins and {@code ended} or {@code endedEncoded} when it has ended; for one that has not begun and never will,
 * {@code returned}, also after {@code started} if that was told too early.
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
 * thread at a time for one runner, unless the backend is {@link #inline}.
 */
public interface ExecutionBackend {

    /**
     * Returns the abilities of this way of running.
     *
     * @return an unmodifiable set, always the same
     */
    Set<Capability> capabilities();

    /**
     * Returns the largest number of bodies that run at once. The engine reads it again before each start, because clusters grow; a batch
     * keeps the window with which it began.
     *
     * @return at least 1
     */
    int maxConcurrency();

    /**
     * Returns true if {@code start} runs the body before it returns, on the calling thread. The engine then starts tasks only on threads
     * that wait for them: a batch's consumer, a task's submitter, a thread that closes the runner.
     *
     * @return true for inline backends
     */
    default boolean inline() {
        return false;
    }

    /**
     * Returns true if sessions take more starts than they run, to hide the cost of transport. If false, the engine counts: it never has
     * more attempts under way than {@link #maxConcurrency} and {@link BatchSpec#maxConcurrency} allow. If true, it asks
     * {@link Session#room} alone, and the backend must keep both limits.
     *
     * @return true for backends that queue ahead
     */
    default boolean queuesAhead() {
        return false;
    }

    /**
     * Returns true if a started body may have to wait for a thread that another body of this runner holds. An example is a user's executor
     * that has fewer threads than the limit. A body that waits for such a task then runs it itself.
     *
     * @return true when there may be fewer threads than the limit
     */
    default boolean mayQueue() {
        return false;
    }

    /**
     * Checks once which started attempts have been dropped without a report, as by an executor that discards commands. Their bodies have
     * not begun and never will. Called about once a second, by one thread at a time, if bodies {@link #mayQueue may queue}.
     *
     * @return a test that is true for an attempt that is to fail; for this check only
     */
    default Predicate<AttemptHandle> dropped() {
        return started -> false;
    }

    /**
     * Refuses to let the calling thread wait for a task of this backend, if that would be a wait for itself.
     *
     * @throws IllegalStateException when this thread must not wait: it is an event loop
     */
    default void checkMayWait() {}

    /**
     * Opens a session for one batch.
     *
     * @param function the function, an {@link dev.brigade.AsyncFunction} when its bodies are asynchronous
     * @param spec the data that all tasks of the batch share
     * @param <I> the type of the inputs
     * @param <R> the type of the results
     * @return the session
     * @throws IllegalArgumentException when the function cannot be transported: the message names the class and field
     */
    <I, R> Session<I, R> open(TaskFunction<I, R> function, BatchSpec spec);

    /**
     * Releases all threads, processes and other resources. The engine calls this after the last body has ended or been given up; it
     * starts nothing more, and may call this again. Bodies that still run have been interrupted, and must not be interrupted once more,
     * because they may be cleaning up.
     *
     * @param atMost the time that this may take
     * @return true when nothing is alive any more; false when a body, thread or process remains. The engine has logged the bodies; what else
     *     remains, the backend logs
     * @throws InterruptedException when interrupted while waiting; the engine then calls this again with the time that is left
     */
    boolean close(Duration atMost) throws InterruptedException;
}
