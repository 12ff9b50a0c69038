package dev.brigade;

import java.io.Serializable;
import java.util.concurrent.Callable;

/**
 * A piece of work without input, that any {@link Runner} can run.
 *
 * <p>Use it with {@link Runner#submit(Task)}. To do the same work for many inputs, write a {@link TaskFunction} and use
 * {@link Runner#map(Iterable, TaskFunction)}: there, the code travels once and only the inputs follow.
 *
 * <pre>{@code
 * TaskFuture<Integer> answer = runner.submit(() -> 6 * 7);
 * }</pre>
 *
 * <p><b>Thread safety</b>: a runner calls a task once per attempt, on a thread of its choosing, perhaps in another process.
 *
 * <p><b>Failure</b>: anything that {@link #call} throws makes the outcome {@link Outcome.State#FAILED}.
 *
 * <p><b>Serialization</b>: only runners that transport their tasks (processes) serialize it, captured variables included. On
 * the others a task may capture anything.
 *
 * @param <T> the type of the result
 */
@FunctionalInterface
public interface Task<T> extends Callable<T>, Serializable {

    /**
     * Marks a lambda as asynchronous: it starts the work and returns the stage that will complete with the result.
     *
     * <pre>{@code
     * runner.submit(Task.async(() -> AsyncRunner.delay(Duration.ofSeconds(1)).thenApply(nothing -> 42)));
     * }</pre>
     *
     * @param task the asynchronous task, not null
     * @param <T> the type of the result
     * @return {@code task}
     */
    static <T> AsyncTask<T> async(AsyncTask<T> task) {
        return task;
    }
}
