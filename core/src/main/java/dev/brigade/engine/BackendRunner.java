package dev.brigade.engine;

import dev.brigade.Capability;
import dev.brigade.Outcome;
import dev.brigade.Outcomes;
import dev.brigade.RunOptions;
import dev.brigade.Runner;
import dev.brigade.Task;
import dev.brigade.TaskConsumer;
import dev.brigade.TaskFunction;
import dev.brigade.TaskFuture;
import dev.brigade.engine.batch.BatchOutcomes;
import dev.brigade.engine.batch.OutcomeIterator;
import dev.brigade.engine.batch.ResultDemand;
import dev.brigade.engine.core.EngineTask;
import dev.brigade.engine.core.HelpingFuture;
import dev.brigade.engine.core.InlineBackend;
import dev.brigade.engine.core.RunnerCore;
import dev.brigade.engine.core.SubmittedTask;
import dev.brigade.engine.time.EngineThreads;
import dev.brigade.engine.view.ExecutorView;
import dev.brigade.spi.ExecutionBackend;
import dev.brigade.spi.TaskBodies;
import dev.brigade.threads.ThrowableText;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A runner made of the engine and an {@link ExecutionBackend}. The runners that run tasks themselves extend this class; a new one needs no
 * more than a backend:
 *
 * <pre>{@code
 * Runner runner = new BackendRunner("cluster", new ClusterBackend(...), Duration.ofSeconds(30));
 * }</pre>
 *
 * <p><b>Thread safety</b>: all methods, from any thread.
 */
public class BackendRunner implements Runner {
    /** Time that {@link #close()} gives the pulled tasks before it cancels them, unless the runner is built with another. */
    public static final Duration DEFAULT_CLOSE_TIMEOUT = Duration.ofSeconds(30);

    private static final int MAX_SUPPRESSED = 16;

    private final RunnerCore engine;

    /** True if the bodies of a worker process share this runner; none of them may close it. */
    private final boolean nested;

    /**
     * Makes a runner.
     *
     * @param name the runner's name in thread names, logs and records: letters, digits and hyphens
     * @param backend the backend that runs the tasks; closed with the runner
     * @param closeTimeout time that {@link #close()} waits before it cancels; more than zero, at most {@link RunOptions#MAX_DURATION}
     * @throws IllegalArgumentException if {@code closeTimeout} is outside its bounds
     */
    public BackendRunner(String name, ExecutionBackend backend, Duration closeTimeout) {
        this(name, backend, closeTimeout, new EngineThreads(Objects.requireNonNull(name, "name")), false);
    }

    BackendRunner(String name, ExecutionBackend backend, Duration closeTimeout, EngineThreads threads, boolean nested) {
        if (closeTimeout.isZero() || closeTimeout.isNegative() || closeTimeout.compareTo(RunOptions.MAX_DURATION) > 0) {
            throw new IllegalArgumentException("closeTimeout must be more than 0 s and at most "
                    + RunOptions.MAX_DURATION + ", was " + closeTimeout);
        }
        engine = new RunnerCore(this, name, backend, closeTimeout, threads);
        this.nested = nested;
    }

    /**
     * Returns a runner for nested work in other processes, which runs each body on the thread that waits for it. It refuses to be closed,
     * because all bodies of the process share it.
     *
     * @return the runner
     */
    public static BackendRunner inline() {
        return new BackendRunner(
                "inline", new InlineBackend(), DEFAULT_CLOSE_TIMEOUT, new EngineThreads("inline"), true);
    }

    @Override
    public final <T> TaskFuture<T> submit(Task<T> task, RunOptions options) {
        Objects.requireNonNull(task, "task");
        engine.lifecycle.checkOpen();
        SubmittedTask<T> submission = new SubmittedTask<>(engine, task, options);
        submission.start();
        return submission;
    }

    @Override
    public final <I, R> Outcomes<I, R> mapOutcomes(
            Iterable<? extends I> inputs, TaskFunction<? super I, ? extends R> function, RunOptions options) {
        return batch(inputs, function, options, function, ResultDemand.OUTCOMES);
    }

    @SuppressWarnings("unchecked") // a function only takes its input and gives its result
    private <I, R> BatchOutcomes<I, R> batch(
            Iterable<? extends I> inputs,
            TaskFunction<? super I, ? extends R> function,
            RunOptions options,
            Object code,
            ResultDemand demand) {
        Objects.requireNonNull(inputs, "inputs");
        Objects.requireNonNull(function, "function");
        engine.lifecycle.checkOpen();
        return new BatchOutcomes<>(engine, inputs, (TaskFunction<I, R>) function, options, code, demand);
    }

    @Override
    public final <I, R> List<R> map(
            Iterable<? extends I> inputs, TaskFunction<? super I, ? extends R> function, RunOptions options)
            throws ExecutionException, InterruptedException, TimeoutException {
        RunOptions asTheyCome = options.toBuilder().ordered(false).build();
        try (BatchOutcomes<I, R> batch = batch(inputs, function, asTheyCome, function, ResultDemand.ALL)) {
            return collect(batch.cursor());
        }
    }

    private static <I, R> List<R> collect(OutcomeIterator<I, R> cursor)
            throws ExecutionException, InterruptedException, TimeoutException {
        List<@Nullable R> results = new ArrayList<>();
        while (hasNext(cursor)) {
            EngineTask<I, R> task = nextSuccess(cursor);
            while (results.size() <= task.index) {
                results.add(null);
            }
            results.set(Math.toIntExact(task.index), task.value());
        }
        return results;
    }

    private static <I, R> EngineTask<I, R> nextSuccess(OutcomeIterator<I, R> cursor) throws ExecutionException {
        EngineTask<I, R> task = cursor.nextTask();
        if (task.failed()) {
            throw failureOf(task.outcome(), cursor);
        }
        return task;
    }

    @Override
    @SuppressWarnings("unchecked") // a consumer only takes its input
    public final <I> void forEach(Iterable<? extends I> inputs, TaskConsumer<? super I> action, RunOptions options)
            throws ExecutionException, InterruptedException, TimeoutException {
        TaskFunction<I, Void> function = ((TaskConsumer<I>) Objects.requireNonNull(action, "action")).asFunction();
        RunOptions asTheyCome = options.toBuilder().ordered(false).build();
        try (BatchOutcomes<I, Void> batch = batch(inputs, function, asTheyCome, action, ResultDemand.ALL)) {
            OutcomeIterator<I, Void> cursor = batch.cursor();
            while (hasNext(cursor)) {
                EngineTask<I, Void> ignored = nextSuccess(cursor);
            }
        }
    }

    @Override
    public final <I, R> CompletableFuture<List<R>> mapAsync(
            Iterable<? extends I> inputs, TaskFunction<? super I, ? extends R> function, RunOptions options) {
        RunOptions asTheyCome = options.toBuilder().ordered(false).build();
        BatchOutcomes<I, R> batch = batch(inputs, function, asTheyCome, function, ResultDemand.ALL);
        HelpingFuture<List<R>> future = new HelpingFuture<>(nanos -> engine.backend.checkMayWait(), batch::cancel);
        try {
            batch.cursor().consume(() -> complete(future, batch));
        } catch (Throwable e) {
            batch.close(); // no thread could be started for the consumer
            throw e;
        }
        return future;
    }

    private static <I, R> void complete(HelpingFuture<List<R>> future, BatchOutcomes<I, R> batch) {
        try (batch) {
            future.completeByTask(collect(batch.cursor()));
        } catch (ExecutionException e) {
            future.failByTask(ThrowableText.forStages(Objects.requireNonNull(e.getCause())));
        } catch (InterruptedException e) {
            // Happens only if the batch runs on the caller's thread, so the flag is the caller's.
            Thread.currentThread().interrupt();
            future.cancel(true);
        } catch (Throwable e) {
            future.failByTask(ThrowableText.forStages(e));
        }
    }

    /**
     * Calls {@code hasNext}. If an interrupt or a time-out cut the iteration short, throws that instead of the
     * {@link CancellationException} around it.
     */
    private static boolean hasNext(OutcomeIterator<?, ?> cursor) throws InterruptedException, TimeoutException {
        try {
            return cursor.hasNext();
        } catch (CancellationException e) {
            if (e == cursor.failure() && e.getCause() instanceof InterruptedException interrupt) {
                Thread.interrupted(); // clears the flag: the exception reports the interrupt
                throw interrupt;
            }
            if (e == cursor.failure() && e.getCause() instanceof TimeoutException timeout) {
                throw timeout;
            }
            throw e;
        }
    }

    private static <I, R> ExecutionException failureOf(Outcome<I, R> first, OutcomeIterator<I, R> cursor) {
        ExecutionException failure = ThrowableText.wrapped(first.exception());
        int suppressed = 0;
        for (Outcome<I, R> other = cursor.settledNow(); other != null; other = cursor.settledNow()) {
            Throwable also = other.exception();
            if (also != null && suppressed++ < MAX_SUPPRESSED) {
                failure.addSuppressed(also);
            }
        }
        return failure;
    }

    @Override
    public final <T> T invokeAny(Collection<? extends Task<? extends T>> tasks, RunOptions options)
            throws ExecutionException, InterruptedException, TimeoutException {
        List<Task<? extends T>> all = List.copyOf(tasks); // refuses null
        if (all.isEmpty()) {
            throw new IllegalArgumentException("invokeAny needs at least 1 task, got 0");
        }
        List<Throwable> failures = new ArrayList<>();
        RunOptions asTheyCome = options.toBuilder().ordered(false).build();
        try (BatchOutcomes<Task<? extends T>, T> batch =
                batch(all, TaskBodies.<T>callingItsInput(), asTheyCome, all.get(0), ResultDemand.ANY)) {
            OutcomeIterator<Task<? extends T>, T> cursor = batch.cursor();
            while (hasNext(cursor)) {
                Outcome<Task<? extends T>, T> outcome = cursor.next();
                if (outcome.isSuccess()) {
                    return valueOf(outcome);
                }
                failures.add(Objects.requireNonNull(outcome.exception()));
            }
        }
        ExecutionException none = ThrowableText.wrapped(failures.get(failures.size() - 1));
        failures.stream().limit(Math.min(MAX_SUPPRESSED, failures.size() - 1)).forEach(none::addSuppressed);
        throw none;
    }

    @SuppressWarnings("NullAway") // T itself says whether its values may be null
    private static <T> T valueOf(Outcome<?, T> outcome) {
        return outcome.value();
    }

    @Override
    public final Set<Capability> capabilities() {
        return engine.backend.capabilities();
    }

    @Override
    public final int maxConcurrency() {
        return engine.backend.maxConcurrency();
    }

    @Override
    public final ExecutorService asExecutorService() {
        if (!capabilities().contains(Capability.SHARED_MEMORY)) {
            throw new UnsupportedOperationException("runner '" + engine.name
                    + "' transports its tasks, and a Runnable cannot be transported; use submit(Task)");
        }
        return new ExecutorView(engine);
    }

    @Override
    public final void close() {
        close(false);
    }

    @Override
    public final void closeNow() {
        close(true);
    }

    private void close(boolean now) {
        if (nested) {
            throw new IllegalStateException("runner '" + engine.name + "' belongs to the process, not to a body in it");
        }
        engine.lifecycle.close(now);
    }

    @Override
    public String toString() {
        return getClass().getSimpleName() + "[" + engine.name + ", maxConcurrency " + maxConcurrency() + "]";
    }
}
