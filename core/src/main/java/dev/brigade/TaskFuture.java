package dev.brigade;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;

/**
 * The future of a submitted task.
 *
 * <p>{@link #get()} throws {@link java.util.concurrent.ExecutionException} with the task's own exception as its cause, or with a
 * {@link TaskTimeoutException} if the task timed out. It throws {@link java.util.concurrent.CancellationException} if the task was
 * cancelled.
 *
 * <p><b>Thread safety</b>: all methods, from any thread.
 *
 * <p><b>Cancellation</b>: {@code cancel(true)} sets {@link TaskContext#isCancelled()} and interrupts the body;
 * {@code cancel(false)} only sets it. On runners with {@link Capability#FORCIBLE_CANCEL}, {@code cancel(true)} ends the body even if it
 * ignores the interrupt. In each case the future is done at once, unless its deadline has passed and the time-out is about to be
 * reported. The body keeps its permit of the concurrency limit until it has ended.
 *
 * <p><b>Memory</b>: a future that is done keeps its result or failure, but not the task or its captures. Both are released when the
 * body has ended, even if the future was cancelled first.
 *
 * <p><b>Waiting inside a body</b>: if the waiting thread runs a body of the same runner, and the awaited task has not begun, the thread
 * runs that task. So nested work never waits for a permit that its own parent holds. This holds for all ways to wait, also for those of
 * the {@link #toCompletableFuture() CompletableFuture} and of its dependents on this task alone, as by {@code thenApply}.
 *
 * <p>Dependents on several tasks, as by {@code thenCompose}, {@code thenCombine} or {@code allOf}, are not covered: a body that waits
 * for one may hold the permit that another of those tasks needs. A time-out of {@code get} does not end the task that the thread runs. A
 * time-out of zero runs nothing, nor does an interrupted thread. On an event loop that would have to wait for itself, all these waits
 * throw {@link IllegalStateException}.
 *
 * @param <T> the type of the result
 */
public interface TaskFuture<T> extends Future<T> {

    /**
     * Waits for the task, and returns its outcome, without throwing for its failure.
     *
     * @return the outcome
     * @throws InterruptedException when the waiting thread is interrupted; the task goes on
     * @throws IllegalStateException when called on an event loop that would have to wait for itself
     */
    Outcome<Void, T> awaitOutcome() throws InterruptedException;

    /**
     * Returns the result of a task that has succeeded, without waiting; as {@code Future.resultNow} of JDK 19 and later.
     *
     * @return the result
     * @throws IllegalStateException when the task is not done, has failed, has timed out or was cancelled
     */
    T resultNow();

    /**
     * Returns the failure of a task that has failed or timed out, without waiting; as {@code Future.exceptionNow} of JDK 19 and later.
     *
     * @return the failure of the task, or a {@link TaskTimeoutException}
     * @throws IllegalStateException when the task is not done, has succeeded or was cancelled
     */
    Throwable exceptionNow();

    /**
     * Returns this task as a {@link CompletableFuture}, the same one at each call. Cancelling it, or completing it from outside,
     * cancels the task. Dependents without an executor of their own run on a thread that may run user code: the thread of a body, the
     * cancelling thread, or a thread kept for callbacks.
     *
     * @return the future; its exceptions are those of {@link #get()}, without the {@code ExecutionException}, unless toString of the
     *     task's own exception throws
     */
    CompletableFuture<T> toCompletableFuture();
}
