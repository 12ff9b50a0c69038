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
 * A way of running tasks: alone, on threads, on an event loop, in other processes, and always with the same results, errors,
 * time-outs and cancellation.
 *
 * <pre>{@code
 * try (Runner runner = ThreadRunner.of(4)) {
 *     List<Integer> squares = runner.map(List.of(1, 2, 3), n -> n * n);
 * }
 * }</pre>
 *
 * <p>Three ways to use it: {@link #submit(Task)} for one task and its future; {@link #map(Iterable, TaskFunction)} for a batch
 * that must succeed as a whole, with {@link #forEach(Iterable, TaskConsumer)} where there are no results and
 * {@link #mapAsync(Iterable, TaskFunction)} where nobody waits; {@link #mapOutcomes(Iterable, TaskFunction, RunOptions)} for a batch,
 * perhaps endless, whose tasks succeed and fail one by one.
 *
 * <p><b>Thread safety</b>: all methods, from any thread; concurrent calls share the runner's concurrency limit.
 *
 * <p><b>Memory consistency</b>: what the caller did before the call happens-before the bodies, and what a body did
 * happens-before its outcome. Across processes this is so for what is transported: each input as it was when it was pulled, and
 * what a task or function captures as it was at the call. Runners with {@link Capability#SHARED_MEMORY} copy nothing, in strict
 * mode neither: an iterator that refills the object it has given away races with the bodies.
 *
 * <p><b>Failure</b>: an option that a runner cannot honour throws {@link UnsupportedOperationException} at the call; a call
 * after {@code close} throws {@link java.util.concurrent.RejectedExecutionException}.
 *
 * <p><b>Resources</b>: close it. Threads that it starts are daemons.
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
     * Submits one task; the call's {@code timeout} counts from now.
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
     * Submits one task that has no result; the call's {@code timeout} counts from now.
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
     * Applies a function to each input, and returns the results in the order of the inputs; as a loop would, but sooner.
     *
     * <p>Fails fast: as soon as one input fails, the rest is cancelled and this throws, without waiting for bodies that still
     * run.
     *
     * @param inputs the inputs, pulled lazily on this thread; not null, elements perhaps null
     * @param function the function, not null
     * @param <I> the type of the inputs
     * @param <R> the type of the results
     * @return the results; modifiable, with nulls where the function returned null
     * @throws ExecutionException when one input failed or timed out; the cause is its exception, and failures seen by then are
     *     suppressed in it
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
     * @throws ExecutionException when one input failed or timed out; the cause is its exception
     * @throws InterruptedException when this thread is interrupted; the work is cancelled
     * @throws TimeoutException when the call's {@code timeout} expires; the work is cancelled
     * @throws java.util.concurrent.RejectedExecutionException when the runner is closed
     * @throws java.util.concurrent.CancellationException when the runner is closed meanwhile
     * @throws IllegalArgumentException when the function must be transported and cannot be
     * @throws UnsupportedOperationException when the runner cannot honour an option
     */
    <I, R> List<R> map(Iterable<? extends I> inputs, TaskFunction<? super I, ? extends R> function, RunOptions options)
            throws ExecutionException, InterruptedException, TimeoutException;

    /**
     * As {@link #map(Iterable, TaskFunction, RunOptions)}, without waiting: the inputs are pulled on a thread of the runner's own.
     * Where the caller's thread is needed, this returns when all is done: on a runner that runs bodies on the caller's thread, and in
     * a body of this runner, whose place the batch may need.
     *
     * <p>Cancelling the future, or completing it from outside, cancels the batch. A {@code next} of the inputs that blocks is not
     * interrupted. A body of this runner that waits for a future that was made elsewhere may hold the place that the batch needs.
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
     * Does something with each input, as a loop would, but sooner; keeps no results, so that the inputs may be endless.
     *
     * <p>Fails fast, as {@link #map(Iterable, TaskFunction)} does.
     *
     * @param inputs the inputs, pulled lazily on this thread; not null, elements perhaps null
     * @param action what is done with each, not null
     * @param <I> the type of the inputs
     * @throws ExecutionException when one input failed or timed out; the cause is its exception, and failures seen by then are
     *     suppressed in it
     * @throws InterruptedException when this thread is interrupted; the work is cancelled
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
     * @param action what is done with each, not null
     * @param options the options, not null
     * @param <I> the type of the inputs
     * @throws ExecutionException when one input failed or timed out; the cause is its exception
     * @throws InterruptedException when this thread is interrupted; the work is cancelled
     * @throws TimeoutException when the call's {@code timeout} expires; the work is cancelled
     * @throws java.util.concurrent.RejectedExecutionException when the runner is closed
     * @throws java.util.concurrent.CancellationException when the runner is closed meanwhile
     * @throws IllegalArgumentException when the action must be transported and cannot be
     * @throws UnsupportedOperationException when the runner cannot honour an option
     */
    <I> void forEach(Iterable<? extends I> inputs, TaskConsumer<? super I> action, RunOptions options)
            throws ExecutionException, InterruptedException, TimeoutException;

    /**
     * Applies a function to each input, and hands out how each one ended, in completion order.
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
     * Applies a function to each input, and hands out how each one ended: in completion order, unless {@link RunOptions#ordered}
     * asks for the order of the inputs. Arguments are checked now; all else begins with the consumer's first {@code hasNext}.
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
     * @param tasks the tasks, at least one; neither it nor one of them null
     * @param <T> the type of the result
     * @return the first result
     * @throws ExecutionException when no task succeeded; the cause is the last failure, the others are suppressed in it
     * @throws InterruptedException when this thread is interrupted; the work is cancelled
     * @throws IllegalArgumentException when there are no tasks
     * @throws NullPointerException when one of them is null; none is run then
     * @throws java.util.concurrent.RejectedExecutionException when the runner is closed
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
     * As {@link #invokeAny(Collection)}, with options. With a {@code retry} a task counts as failed when its last attempt has.
     *
     * @param tasks the tasks, at least one; neither it nor one of them null
     * @param options the options, not null
     * @param <T> the type of the result
     * @return the first result
     * @throws ExecutionException when no task succeeded; the cause is the last failure, the others are suppressed in it
     * @throws InterruptedException when this thread is interrupted; the work is cancelled
     * @throws TimeoutException when the call's {@code timeout} expires; the work is cancelled
     * @throws IllegalArgumentException when there are no tasks
     * @throws NullPointerException when one of them is null; none is run then
     * @throws java.util.concurrent.RejectedExecutionException when the runner is closed
     * @throws UnsupportedOperationException when the runner cannot honour an option
     */
    <T> T invokeAny(Collection<? extends Task<? extends T>> tasks, RunOptions options)
            throws ExecutionException, InterruptedException, TimeoutException;

    /**
     * What this runner can do beyond the contract.
     *
     * @return an unmodifiable set
     */
    Set<Capability> capabilities();

    /**
     * How many bodies this runner runs at once, at most, over all calls; for a runner on processes, how many workers it has.
     *
     * @return at least 1
     */
    int maxConcurrency();

    /**
     * This runner as an {@link ExecutorService}, for code that wants one. Shutting it down does not close this runner.
     *
     * <p>Its futures are as those of the JDK's pools: a cancel releases at once who waits, though the body may go on and keeps its
     * place. A body of this runner may wait for what it has submitted, by the futures, {@code invokeAll}, {@code invokeAny} and
     * {@code awaitTermination}, also at a limit of 1: it runs itself what has not begun. What it submits by an {@link
     * java.util.concurrent.ExecutorCompletionService} it runs before {@code submit} returns, when no place is free, as the waiting
     * is done on a queue that nobody else sees. On a caller's executor nobody knows whether a thread is free: so there they run one
     * after the other, unless another thread is quick to take one; {@code invokeAll} runs them side by side. Nor does it run them so
     * when 64 already run inside each other: a deeper recursion may wait for ever.
     *
     * <p>Other waits, for a latch or for {@code CompletableFuture.supplyAsync} with this executor, are as on any bounded pool: what
     * they wait for may need the very place that the waiting body holds. On an event loop the covered ones
     * throw {@link IllegalStateException}, but for a completion service's own.
     *
     * @return the executor
     * @throws UnsupportedOperationException when this runner has no {@link Capability#SHARED_MEMORY}: a {@link Runnable} cannot
     *     be transported
     */
    ExecutorService asExecutorService();

    /**
     * Accepts no more calls, stops pulling inputs, waits for what was pulled, and after the close time-out cancels it; then
     * releases threads and processes. Idempotent; bounded by twice the close time-out; a body that outlives it is logged with
     * its stack.
     *
     * <p>A thread that is interrupted before or meanwhile cancels at once, as the JDK's {@code ExecutorService.close} does. It then
     * waits on, as it does after the close time-out, so that what was cancelled can clean up; nothing is interrupted a second time.
     * The thread is interrupted when this returns.
     *
     * @throws IllegalStateException when called from a body that this runner runs
     */
    @Override
    void close();

    /**
     * As {@link #close()}, but cancels at once. An interrupt of this thread changes nothing, and is kept.
     *
     * @throws IllegalStateException when called from a body that this runner runs
     */
    void closeNow();

    private static AssertionError noTimeout(TimeoutException thrown) {
        return new AssertionError("the default options have no timeout", thrown);
    }
}
