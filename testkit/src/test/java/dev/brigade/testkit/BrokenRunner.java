package dev.brigade.testkit;

import dev.brigade.Capability;
import dev.brigade.Outcomes;
import dev.brigade.RunOptions;
import dev.brigade.Runner;
import dev.brigade.Task;
import dev.brigade.TaskConsumer;
import dev.brigade.TaskFunction;
import dev.brigade.TaskFuture;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeoutException;

/** A runner that delegates to a sound one; subclasses break something. */
class BrokenRunner implements Runner {
    final Runner sound;

    BrokenRunner(Runner sound) {
        this.sound = sound;
    }

    @Override
    public <T> TaskFuture<T> submit(Task<T> task, RunOptions options) {
        return sound.submit(task, options);
    }

    @Override
    public <I, R> List<R> map(
            Iterable<? extends I> inputs, TaskFunction<? super I, ? extends R> function, RunOptions options)
            throws ExecutionException, InterruptedException, TimeoutException {
        return sound.map(inputs, function, options);
    }

    @Override
    public <I, R> Outcomes<I, R> mapOutcomes(
            Iterable<? extends I> inputs, TaskFunction<? super I, ? extends R> function, RunOptions options) {
        return sound.mapOutcomes(inputs, function, options);
    }

    @Override
    public <I> void forEach(Iterable<? extends I> inputs, TaskConsumer<? super I> action, RunOptions options)
            throws ExecutionException, InterruptedException, TimeoutException {
        sound.forEach(inputs, action, options);
    }

    @Override
    public <I, R> CompletableFuture<List<R>> mapAsync(
            Iterable<? extends I> inputs, TaskFunction<? super I, ? extends R> function, RunOptions options) {
        return sound.mapAsync(inputs, function, options);
    }

    @Override
    public <T> T invokeAny(Collection<? extends Task<? extends T>> tasks, RunOptions options)
            throws ExecutionException, InterruptedException, TimeoutException {
        return sound.invokeAny(tasks, options);
    }

    @Override
    public Set<Capability> capabilities() {
        return sound.capabilities();
    }

    @Override
    public int maxConcurrency() {
        return sound.maxConcurrency();
    }

    @Override
    public ExecutorService asExecutorService() {
        return sound.asExecutorService();
    }

    @Override
    public void close() {
        sound.close();
    }

    @Override
    public void closeNow() {
        sound.closeNow();
    }

    @Override
    public String toString() {
        return "broken " + sound;
    }
}
