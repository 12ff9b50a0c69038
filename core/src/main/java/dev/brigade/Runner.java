package dev.brigade;

import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeoutException;

/**
 * Runs tasks one by one, on threads, on an event loop or in other processes, always with the same results, errors, time-outs and
 * cancellation.
 *
 * <pre>{@code
 * try (Runner runner = ThreadRunner.of(4)) {
 *     List<Integer> squares = runner.map(List.of(1, 2, 3), n -> n * n);
 * }
 * }</pre>
 *
 * <p>There are three ways to use it:
 *
 * <ul>
 *   <li>{@link #submit(Task)} for one task and its future;
 *   <li>{@link #map(Iterable, TaskFunction)} for a batch that must succeed as a whole,
 *       {@link #forEach(Iterable, TaskConsumer)} for such a batch without results, and
 *       {@link #mapAsync(Iterable, TaskFunction)} for such a batch without waiting;
 *   <li>{@link #mapOutcomes(Iterable, TaskFunction, RunOptions)} for a batch, perhaps endless, whose tasks succeed and fail one by one.
 * </ul>
 *
 * <p><b>Thread safety</b>: all methods, from any thread; concurrent calls share the runner's concurrency limit.
 *
 * <p><b>Memory consistency</b>: actions of the caller before the call happen-before the bodies, and actions of a body happen-before
 * its outcome. Across processes this holds for transported objects: each input as it was when it was pulled, and the captures of a
 * task or function as they were at the call. Runners with {@link Capability#SHARED_MEMORY} copy nothing, not even in strict mode: an
 * iterator that refills an object after returning it races with the bodies.
 *
 * <p><b>Failure</b>: a call with an option that the runner cannot honour throws {@link UnsupportedOperationException}. A call
 * after {@code close} throws {@link java.util.concurrent.RejectedExecutionException}.
 *
 * <p><b>Resources</b>: a runner must be closed. Threads that it starts are daemons.
 */
public interface Runner extends AutoCloseable {

    /**
     * Submits one task.
     *
     * @param task the task, not null
     * @param <T> the type of its result
     * @return its future
     * @throws java.util.concurrent.RejectedExecutionException when the runner is closed
     * @throws IllegalArgumentException when the task must be transported and cannot be: the message names the class and field
     */
    default <T> TaskFuture<T> submit(Task<T> task) {
        return submit(task, RunOptions.defaults());
    }

    /**
     * Submits one task; the {@code timeout} of the options counts from now.
     *
     * @param task the task, not null
     * @param options the options, not null
     * @param <T> the type of its result
     * @return its future
     * @throws java.util.concurrent.RejectedExecutionException when the runner is closed
     * @throws IllegalArgumentException when the task must be transported and cannot be: the message names the class and field
     * @throws UnsupportedOperationException when the runner cannot honour an option
     */
    <T> TaskFuture<T> submit(Task<T> task, RunOptions options);

    /**
     * Submits one task that has no result.
     *
     * @param action the task, not null
     * @return its future, whose result is null
     * @throws java.util.concurrent.RejectedExecutionException when the runner is closed
     * @throws IllegalArgumentException when the task must be transported and cannot be: the message names the class and field
     */
    default TaskFuture<Void> submit(TaskAction action) {
        return submit(action, RunOptions.defaults());
    }

    /**
     * Submits one task that has no result; the {@code timeout} of the options counts from now.
     *
     * @param action the task, not null
     * @param options the options, not null
     * @return its future, whose result is null
     * @throws java.util.concurrent.RejectedExecutionException when the runner is closed
     * @throws IllegalArgumentException when the task must be transported and cannot be: the message names the class and field
     * @throws UnsupportedOperationException when the runner cannot honour an option
     */
    default TaskFuture<Void> submit(TaskAction action, RunOptions options) {
        return submit(Objects.requireNonNull(action, "action").asTask(), options);
    }

    /**
     * Applies a function to each input, and returns the results in the order of the inputs, as a loop would.
     *
     * <p>Fails fast: as soon as one task fails, the rest is cancelled and this method throws, without waiting for bodies that still
     * run.
     *
     * @param inputs the inputs, pulled lazily on this thread; not null, elements perhaps null
     * @param function the function, not null
     * @param <I> the type of the inputs
     * @param <R> the type of the results
     * @return the results; modifiable, with nulls where the function returned null
     * @throws ExecutionException when one task failed or timed out; the cause is its exception, and the first sixteen failures known
     *     by then are suppressed in the {@code ExecutionException}
     * @throws InterruptedException when this thread is interrupted; the work is cancelled
     * @throws java.util.concurrent.RejectedExecutionException when the runner is closed
     * @throws java.util.concurrent.CancellationException when the runner is closed meanwhile
     * @throws IllegalArgumentException when the function must be transported and cannot be
     */
    default <I, R> List<R> map(Iterable<? extends I> inputs, TaskFunction<? super I, ? extends R> function)
            throws ExecutionException, InterruptedException {
        try {
            return map(inputs, function, RunOptions.defaults());
        } catch (TimeoutException e) {
            throw noTimeout(e);
        }
    }

    /**
     * As {@link #map(Iterable, TaskFunction)}, with options.
     *
     * @param inputs the inputs, pulled lazily on this thread; not null, elements perhaps null
     * @param function the function, not null
     * @param options the options, not null
     * @param <I> the type of the inputs
     * @param <R> the type of the results
     * @return the results in the order of the inputs; modifiable, with nulls where the function returned null
     * @throws ExecutionException when one task failed or timed out; the cause is its exception
     * @throws InterruptedException when this thread is interrupted; the work is cancelled
     * @throws TimeoutException when the batch's {@code timeout} expires; the work is cancelled
     * @throws java.util.concurrent.RejectedExecutionException when the runner is closed
     * @throws java.util.concurrent.CancellationException when the runner is closed meanwhile
     * @throws IllegalArgumentException when the function must be transported and cannot be
     * @throws UnsupportedOperationException when the runner cannot honour an option
     */
    <I, R> List<R> map(Iterable<? extends I> inputs, TaskFunction<? super I, ? extends R> function, RunOptions options)
            throws ExecutionException, InterruptedException, TimeoutException;

    /**
     * As {@link #map(Iterable, TaskFunction, RunOptions)}, without waiting: the inputs are pulled on a thread of the runner's own.
     *
     * <p>On a runner that runs bodies on the caller's thread, this method returns only when the batch is done. The same holds in a body
     * of this runner, except on an event loop: the batch may need the permit of that body.
     *
     * <p>Cancelling the future, or completing it from outside, cancels the batch. A {@code next} of the inputs that blocks is not
     * interrupted. A body of this runner that waits for a future made elsewhere may hold the permit that the batch needs.
     *
     * @param inputs the inputs, pulled lazily; not null, elements perhaps null
     * @param function the function, not null
     * @param options the options, not null
     * @param <I> the type of the inputs
     * @param <R> the type of the results
     * @return the future of the results in the order of the inputs; its exceptions are those of {@code map}, an
     *     {@link ExecutionException} replaced by its cause
     * @throws java.util.concurrent.RejectedExecutionException when the runner is closed
     * @throws IllegalArgumentException when the function must be transported and cannot be
     * @throws UnsupportedOperationException when the runner cannot honour an option
     */
    <I, R> CompletableFuture<List<R>> mapAsync(
            Iterable<? extends I> inputs, TaskFunction<? super I, ? extends R> function, RunOptions options);

    /**
     * As {@link #mapAsync(Iterable, TaskFunction, RunOptions)}, with the default options.
     *
     * @param inputs the inputs, pulled lazily; not null, elements perhaps null
     * @param function the function, not null
     * @param <I> the type of the inputs
     * @param <R> the type of the results
     * @return the future of the results in the order of the inputs
     */
    default <I, R> CompletableFuture<List<R>> mapAsync(
            Iterable<? extends I> inputs, TaskFunction<? super I, ? extends R> function) {
        return mapAsync(inputs, function, RunOptions.defaults());
    }

    /**
     * Calls an action with each input, as a loop would. Keeps no results, so that the inputs may be endless.
     *
     * <p>Fails fast, as {@link #map(Iterable, TaskFunction)} does.
     *
     * @param inputs the inputs, pulled lazily on this thread; not null, elements perhaps null
     * @param action the action, not null
     * @param <I> the type of the inputs
     * @throws ExecutionException when one task failed or timed out; the cause is its exception, and the first sixteen failures known
     *     by then are suppressed in the {@code ExecutionException}
     * @throws InterruptedException when this thread is interrupted; the work is cancelled
     * @throws java.util.concurrent.RejectedExecutionException when the runner is closed
     * @throws java.util.concurrent.CancellationException when the runner is closed meanwhile
     * @throws IllegalArgumentException when the action must be transported and cannot be
     */
    default <I> void forEach(Iterable<? extends I> inputs, TaskConsumer<? super I> action)
            throws ExecutionException, InterruptedException {
        try {
            forEach(inputs, action, RunOptions.defaults());
        } catch (TimeoutException e) {
            throw noTimeout(e);
        }
    }

    /**
     * As {@link #forEach(Iterable, TaskConsumer)}, with options.
     *
     * @param inputs the inputs, pulled lazily on this thread; not null, elements perhaps null
     * @param action the action, not null
     * @param options the options, not null
     * @param <I> the type of the inputs
     * @throws ExecutionException when one task failed or timed out; the cause is its exception
     * @throws InterruptedException when this thread is interrupted; the work is cancelled
     * @throws TimeoutException when the batch's {@code timeout} expires; the work is cancelled
     * @throws java.util.concurrent.RejectedExecutionException when the runner is closed
     * @throws java.util.concurrent.CancellationException when the runner is closed meanwhile
     * @throws IllegalArgumentException when the action must be transported and cannot be
     * @throws UnsupportedOperationException when the runner cannot honour an option
     */
    <I> void forEach(Iterable<? extends I> inputs, TaskConsumer<? super I> action, RunOptions options)
            throws ExecutionException, InterruptedException, TimeoutException;

    /**
     * Applies a function to each input, and delivers the outcomes in completion order.
     *
     * @param inputs the inputs, pulled lazily on the consumer's thread; not null, elements perhaps null
     * @param function the function, not null
     * @param <I> the type of the inputs
     * @param <R> the type of the results
     * @return the outcomes
     */
    default <I, R> Outcomes<I, R> mapOutcomes(
            Iterable<? extends I> inputs, TaskFunction<? super I, ? extends R> function) {
        return mapOutcomes(inputs, function, RunOptions.defaults());
    }

    /**
     * Applies a function to each input, and delivers the outcomes: in completion order, unless {@link RunOptions#ordered} asks for the
     * order of the inputs. Arguments are checked now; all else begins with the consumer's first {@code hasNext}.
     *
     * @param inputs the inputs, pulled lazily on the consumer's thread; not null, elements perhaps null
     * @param function the function, not null
     * @param options the options, not null
     * @param <I> the type of the inputs
     * @param <R> the type of the results
     * @return the outcomes
     * @throws java.util.concurrent.RejectedExecutionException when the runner is closed
     * @throws IllegalArgumentException when the function must be transported and cannot be
     * @throws UnsupportedOperationException when the runner cannot honour an option
     */
    <I, R> Outcomes<I, R> mapOutcomes(
            Iterable<? extends I> inputs, TaskFunction<? super I, ? extends R> function, RunOptions options);

    /**
     * Runs tasks until one succeeds, returns its result and cancels the rest.
     *
     * @param tasks the tasks, at least one; neither the collection nor an element null
     * @param <T> the type of the result
     * @return the first result
     * @throws ExecutionException when no task succeeded; the cause is the last failure, and the first sixteen others are suppressed in
     *     the {@code ExecutionException}
     * @throws InterruptedException when this thread is interrupted; the work is cancelled
     * @throws IllegalArgumentException when there are no tasks
     * @throws NullPointerException when one of them is null; none is run then
     * @throws java.util.concurrent.RejectedExecutionException when the runner is closed
     * @throws java.util.concurrent.CancellationException when the runner is closed meanwhile
     */
    default <T> T invokeAny(Collection<? extends Task<? extends T>> tasks)
            throws ExecutionException, InterruptedException {
        try {
            return invokeAny(tasks, RunOptions.defaults());
        } catch (TimeoutException e) {
            throw noTimeout(e);
        }
    }

    /**
     * As {@link #invokeAny(Collection)}, with options. With a {@code retry} a task counts as failed when its last attempt has failed.
     *
     * @param tasks the tasks, at least one; neither the collection nor an element null
     * @param options the options, not null
     * @param <T> the type of the result
     * @return the first result
     * @throws ExecutionException when no task succeeded; the cause is the last failure, and the first sixteen others are suppressed in
     *     the {@code ExecutionException}
     * @throws InterruptedException when this thread is interrupted; the work is cancelled
     * @throws TimeoutException when the batch's {@code timeout} expires; the work is cancelled
     * @throws IllegalArgumentException when there are no tasks
     * @throws NullPointerException when one of them is null; none is run then
     * @throws java.util.concurrent.RejectedExecutionException when the runner is closed
     * @throws java.util.concurrent.CancellationException when the runner is closed meanwhile
     * @throws UnsupportedOperationException when the runner cannot honour an option
     */
    <T> T invokeAny(Collection<? extends Task<? extends T>> tasks, RunOptions options)
            throws ExecutionException, InterruptedException, TimeoutException;

    /**
     * Returns the abilities of this runner beyond the contract.
     *
     * @return an unmodifiable set
     */
    Set<Capability> capabilities();

    /**
     * Returns the largest number of bodies that run at once, over all batches; for a runner on processes, the number of its workers.
     *
     * @return at least 1
     */
    int maxConcurrency();

    /**
     * Returns this runner as an {@link ExecutorService}, for code that needs one. Shutting it down does not close this runner.
     *
     * <p>Its futures behave as those of the JDK's pools: a cancel releases waiting threads at once, though the body may go on and keeps
     * its permit. A body of this runner may wait for tasks that it has submitted, even at a limit of 1: its thread runs those that have
     * not begun. This covers the futures, {@code invokeAll}, {@code invokeAny} and {@code awaitTermination}.
     *
     * <p>A body may also submit tasks to an {@link java.util.concurrent.ExecutorCompletionService}. The service waits on a queue of its
     * own, which the runner cannot see. So the body's thread runs such a task before {@code submit} returns, if no permit is free. With
     * {@code ThreadRunner.over}, the runner does not know if the executor has a free thread. Such tasks then run one after the other,
     * unless another thread is quick to take one; {@code invokeAll} runs them concurrently. If 64 bodies already run inside each other,
     * {@code submit} does not run the task: a deeper recursion may wait for ever.
     *
     * <p>Other waits, for a latch or for {@code CompletableFuture.supplyAsync} with this executor, are as on any bounded pool: the
     * awaited task may need the permit that the waiting body holds. On an event loop, the covered waits throw
     * {@link IllegalStateException}, except those on the queue of a completion service.
     *
     * @return the executor
     * @throws UnsupportedOperationException when this runner has no {@link Capability#SHARED_MEMORY}: a {@link Runnable} cannot
     *     be transported
     */
    ExecutorService asExecutorService();

    /**
     * Closes this runner. It accepts no more calls and pulls no more inputs. It waits for pulled tasks, and cancels them after the close
     * time-out. Then it releases threads and processes. Idempotent; takes at most twice the close time-out. A body that outlives it is
     * logged with its stack.
     *
     * <p>If the calling thread is interrupted, before or meanwhile, tasks are cancelled at once, as by the JDK's
     * {@code ExecutorService.close}. The thread goes on waiting, as after the close time-out, so that cancelled bodies can clean up; no
     * body is interrupted a second time. The thread's interrupt flag is set when this returns.
     *
     * @throws IllegalStateException when called from a body that this runner runs
     */
    @Override
    void close();

    /**
     * As {@link #close()}, but cancels at once. An interrupt of the calling thread changes nothing, and is kept.
     *
     * @throws IllegalStateException when called from a body that this runner runs
     */
    void closeNow();

    private static AssertionError noTimeout(TimeoutException thrown) {
        return new AssertionError("the default options have no timeout", thrown);
    }
}
