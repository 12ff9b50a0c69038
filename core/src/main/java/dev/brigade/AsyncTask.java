package dev.brigade;

import java.util.concurrent.CompletionStage;

/**
 * A task that starts its work and returns at once; the result comes with the stage.
 *
 * <p>On {@code AsyncRunner} the event loop never waits for the stage, so that one thread carries thousands of such tasks. The
 * other runners wait for it, interruptibly. Do not block in {@link #start}: that stops the event loop.
 *
 * <pre>{@code
 * AsyncTask<String> page = Task.async(() -> http.sendAsync(request, ofString()).thenApply(HttpResponse::body));
 * }</pre>
 *
 * <p><b>Cancellation</b>: a stage cannot be interrupted. A task that can stop early registers an action with
 * {@link TaskContext#onCancel}. Until the stage completes, the task counts as running.
 *
 * @param <T> the type of the result
 */
@FunctionalInterface
@SuppressWarnings("FunctionalInterfaceMethodChanged") // on purpose: a lambda becomes one by async(...) only
public interface AsyncTask<T> extends Task<T> {

    /**
     * Starts the work.
     *
     * @return the stage that completes with the result or the failure; null is a failure
     * @throws Exception when the work could not even start
     */
    CompletionStage<T> start() throws Exception;

    /**
     * Starts the work and waits for its result.
     *
     * @throws InterruptedException when the waiting thread is interrupted; the work itself goes on
     */
    @Override
    default T call() throws Exception {
        return Stages.await(start());
    }
}
