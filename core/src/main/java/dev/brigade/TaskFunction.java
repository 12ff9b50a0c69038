package dev.brigade;

import java.io.Serializable;

/**
 * A piece of work done once for each input.
 *
 * <p>Use it with {@link Runner#map(Iterable, TaskFunction)} and {@link Runner#mapOutcomes(Iterable, TaskFunction)}.
 *
 * <pre>{@code
 * List<Integer> lengths = runner.map(List.of("one", "three"), String::length);
 * }</pre>
 *
 * <p><b>Thread safety</b>: one function object serves all inputs of a batch, from several threads at once if the runner is
 * {@link Capability#PARALLEL}. State that it captures must then be thread-safe.
 *
 * <p><b>Failure</b>: anything that {@link #apply} throws makes that input's outcome {@link Outcome.State#FAILED}.
 *
 * <p><b>Serialization</b>: as for {@link Task}. The function is sent to a process once per batch, each input by itself.
 *
 * @param <I> the type of the input
 * @param <R> the type of the result
 */
@FunctionalInterface
public interface TaskFunction<I, R> extends Serializable {

    /**
     * Does the work for one input.
     *
     * @param input the input; null when the caller's inputs hold null
     * @return the result, perhaps null; not a {@link java.util.concurrent.CompletionStage} (for that, use {@link #async})
     * @throws Exception if the work fails
     */
    R apply(I input) throws Exception;

    /**
     * Marks a lambda as asynchronous: it starts the work and returns the stage that will complete with the result.
     *
     * @param function the asynchronous function, not null
     * @param <I> the type of the input
     * @param <R> the type of the result
     * @return {@code function}
     */
    static <I, R> AsyncFunction<I, R> async(AsyncFunction<I, R> function) {
        return function;
    }
}
