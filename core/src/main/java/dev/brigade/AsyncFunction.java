package dev.brigade;

import java.util.concurrent.CompletionStage;

/**
 * A function that starts the work for one input and returns at once; the result comes with the stage.
 *
 * <p>The counterpart of {@link AsyncTask} for a {@link TaskFunction}; its documentation applies here too.
 *
 * <pre>{@code
 * AsyncFunction<Integer, Integer> slowSquare =
 *         TaskFunction.async(n -> AsyncRunner.delay(Duration.ofMillis(500)).thenApply(nothing -> n * n));
 * }</pre>
 *
 * @param <I> the type of the input
 * @param <R> the type of the result
 */
@FunctionalInterface
@SuppressWarnings("FunctionalInterfaceMethodChanged") // on purpose: a lambda becomes one by async(...) only
public interface AsyncFunction<I, R> extends TaskFunction<I, R> {

    /**
     * Starts the work for one input.
     *
     * @param input the input; null when the caller's inputs hold null
     * @return the stage that completes with the result or the failure; null is a failure
     * @throws Exception when the work could not even start
     */
    CompletionStage<R> start(I input) throws Exception;

    /**
     * Starts the work and waits for its result.
     *
     * @throws InterruptedException when the waiting thread is interrupted; the work itself goes on
     */
    @Override
    default R apply(I input) throws Exception {
        return Stages.await(start(input));
    }
}
