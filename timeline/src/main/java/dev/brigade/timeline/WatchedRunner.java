package dev.brigade.timeline;

import dev.brigade.Capability;
import dev.brigade.Outcome;
import dev.brigade.Outcomes;
import dev.brigade.RunOptions;
import dev.brigade.Runner;
import dev.brigade.Task;
import dev.brigade.TaskConsumer;
import dev.brigade.TaskFunction;
import dev.brigade.TaskFuture;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A runner that records the outcomes of another one.
 *
 * <p>Design note: {@code map} has no outcomes to record, so this class runs it by {@code mapOutcomes}. The contract's tests check that it
 * behaves as the other runner's own {@code map}.
 */
final class WatchedRunner implements Runner {
    private static final int MAX_SUPPRESSED = 16;

    private final Runner runner;
    private final RunnerRecording recording;

    WatchedRunner(Runner runner, RunnerRecording recording) {
        this.runner = runner;
        this.recording = recording;
    }

    @Override
    public <T> TaskFuture<T> submit(Task<T> task, RunOptions options) {
        TaskFuture<T> future = runner.submit(task, options);
        recording.add(future);
        return future;
    }

    @Override
    public <I, R> Outcomes<I, R> mapOutcomes(
            Iterable<? extends I> inputs, TaskFunction<? super I, ? extends R> function, RunOptions options) {
        return new WatchedOutcomes<>(runner.mapOutcomes(inputs, function, options), recording);
    }

    @Override
    public <I, R> List<R> map(
            Iterable<? extends I> inputs, TaskFunction<? super I, ? extends R> function, RunOptions options)
            throws ExecutionException, InterruptedException, TimeoutException {
        RunOptions asTheyCome = options.toBuilder().ordered(false).build();
        try (Outcomes<I, R> outcomes = mapOutcomes(inputs, function, asTheyCome)) {
            return collect(outcomes);
        }
    }

    private static <I, R> List<R> collect(Outcomes<I, R> outcomes)
            throws ExecutionException, InterruptedException, TimeoutException {
        List<@Nullable R> results = new ArrayList<>();
        Iterator<Outcome<I, R>> iterator = outcomes.iterator();
        while (hasNext(iterator)) {
            Outcome<I, R> outcome = nextSuccess(outcomes, iterator);
            while (results.size() <= outcome.index()) {
                results.add(null);
            }
            results.set(Math.toIntExact(outcome.index()), outcome.value());
        }
        return results;
    }

    private static <I, R> Outcome<I, R> nextSuccess(Outcomes<I, R> outcomes, Iterator<Outcome<I, R>> iterator)
            throws ExecutionException, InterruptedException, TimeoutException {
        Outcome<I, R> outcome = iterator.next();
        if (!outcome.isSuccess()) {
            throw failureOf(outcome, outcomes, iterator);
        }
        return outcome;
    }

    @Override
    public <I> void forEach(Iterable<? extends I> inputs, TaskConsumer<? super I> action, RunOptions options)
            throws ExecutionException, InterruptedException, TimeoutException {
        RunOptions asTheyCome = options.toBuilder().ordered(false).build();
        try (Outcomes<I, Void> outcomes = mapOutcomes(inputs, action.asFunction(), asTheyCome)) {
            Iterator<Outcome<I, Void>> iterator = outcomes.iterator();
            while (hasNext(iterator)) {
                Outcome<I, Void> ignored = nextSuccess(outcomes, iterator);
            }
        }
    }

    /** Its tasks are not recorded, since the view gives no outcomes. */
    @Override
    public <I, R> CompletableFuture<List<R>> mapAsync(
            Iterable<? extends I> inputs, TaskFunction<? super I, ? extends R> function, RunOptions options) {
        return runner.mapAsync(inputs, function, options);
    }

    /** As {@code hasNext}, but throws what cut the iteration short. */
    private static boolean hasNext(Iterator<?> outcomes) throws InterruptedException, TimeoutException {
        try {
            return outcomes.hasNext();
        } catch (CancellationException e) {
            if (e.getCause() instanceof InterruptedException interrupt
                    && Thread.currentThread().isInterrupted()) {
                Thread.interrupted(); // the exception says it instead
                throw interrupt;
            }
            if (e.getCause() instanceof TimeoutException timeout) {
                throw timeout;
            }
            throw e;
        }
    }

    /** The first failure, with those that had been reported by then: they come before what is cancelled only now. */
    private static <I, R> ExecutionException failureOf(
            Outcome<I, R> first, Outcomes<I, R> outcomes, Iterator<Outcome<I, R>> rest)
            throws InterruptedException, TimeoutException {
        ExecutionException failure = new ExecutionException(first.exception());
        outcomes.cancel();
        int suppressed = 0;
        while (hasNext(rest)) {
            Outcome<I, R> other = rest.next();
            if (other.state() == Outcome.State.CANCELLED) {
                break;
            }
            Throwable also = other.exception();
            if (also != null && suppressed++ < MAX_SUPPRESSED) {
                failure.addSuppressed(also);
            }
        }
        return failure;
    }

    @Override
    public <T> T invokeAny(Collection<? extends Task<? extends T>> tasks, RunOptions options)
            throws ExecutionException, InterruptedException, TimeoutException {
        return runner.invokeAny(tasks, options);
    }

    @Override
    public Set<Capability> capabilities() {
        return runner.capabilities();
    }

    @Override
    public int maxConcurrency() {
        return runner.maxConcurrency();
    }

    @Override
    public ExecutorService asExecutorService() {
        return runner.asExecutorService();
    }

    @Override
    public void close() {
        runner.close();
    }

    @Override
    public void closeNow() {
        runner.closeNow();
    }

    @Override
    public String toString() {
        return runner + ", watched";
    }
}
