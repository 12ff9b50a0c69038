package dev.brigade;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;

/**
 * The future of a submitted task.
 *
 * <p>{@link #get()} throws {@link java.util.concurrent.ExecutionException} with the task's own exception as its cause, or a
 * {@link TaskTimeoutException} when it timed out; {@link java.util.concurrent.CancellationException} when it was cancelled.
 *
 * <p><b>Thread safety</b>: all methods, from any thread.
 *
 * <p><b>Cancellation</b>: {@code cancel(true)} sets {@link TaskContext#isCancelled()} and interrupts the body;
 * {@code cancel(false)} only sets it. On runners with {@link Capability#FORCIBLE_CANCEL}, {@code cancel(true)} ends the body
 * whatever it does. The future is done at once in each case, unless its deadline has passed already and it is about to be
 * reported; the body keeps its place in the concurrency limit until it has ended.
 *
 * <p><b>Memory</b>: a future that is done keeps its result or failure, and not the task or what that has captured. Those go when
 * the body has ended, also where the future was cancelled first.
 *
 * <p><b>Waiting inside a body</b>: when the waiting thread is itself running a task of the same runner and this one has not
 * begun, the waiting thread runs it, so that nested work never waits for a place that its own parent holds. So it is by each way to
 * wait, also those of the {@link #toCompletableFuture() CompletableFuture} and of what depends on it alone, as by {@code thenApply}.
 * What depends on other tasks too, as by {@code thenCompose}, {@code thenCombine} or {@code allOf}, is not covered: a body that waits
 * for it may hold the place that another of those tasks needs. A time-out of {@code get} does not cut the running short; one of no
 * time runs nothing, nor does a thread that is interrupted. On an event loop that would have to wait for itself, each throws {@link
 * IllegalStateException}.
 *
 * @param <T> the type of the result
 */
public interface TaskFuture<T> extends Future<T> {

    /**
     * Waits, and says how the task ended, without throwing for its failure.
     *
     * @return the outcome
     * @throws InterruptedException when the waiting thread is interrupted; the task goes on
     * @throws IllegalStateException when called on an event loop that would have to wait for itself
     */
    Outcome<Void, T> awaitOutcome() throws InterruptedException;

    /**
     * The result of a task that has succeeded, without waiting; as {@code Future.resultNow} of JDK 19 and later.
     *
     * @return the result
     * @throws IllegalStateException when the task is not done, has failed, has timed out or was cancelled
     */
    T resultNow();

    /**
     * The failure of a task that has failed or timed out, without waiting; as {@code Future.exceptionNow} of JDK 19 and later.
     *
     * @return what the body threw, or a {@link TaskTimeoutException}
     * @throws IllegalStateException when the task is not done, has succeeded or was cancelled
     */
    Throwable exceptionNow();

    /**
     * This task as a {@link CompletableFuture}, the same one at each call. Cancelling it, or completing it from outside,
     * cancels the task. Dependents without an executor of their own run on a thread that may run user code: that of a body, of
     * the canceller, or one kept for it.
     *
     * @return the future; its exceptions are those of {@link #get()}, without the {@code ExecutionException}, unless the
     *     task's own throws when it is asked for its text
     */
    CompletableFuture<T> toCompletableFuture();
}
