package dev.brigade;

import java.io.Serializable;

/**
 * A piece of work without input and without a result.
 *
 * <p>Use it with {@link Runner#submit(TaskAction)}: a lambda with a block that returns nothing is one.
 *
 * <pre>{@code
 * TaskFuture<Void> sent = runner.submit(() -> {
 *     mailer.send(message);
 * });
 * }</pre>
 *
 * <p><b>Thread safety, failure, serialization</b>: as for {@link Task}.
 */
@FunctionalInterface
public interface TaskAction extends Serializable {

    /**
     * Does the work.
     *
     * @throws Exception if the work fails
     */
    void run() throws Exception;

    /**
     * Returns this action as a task whose result is null.
     *
     * @return the task
     */
    default Task<Void> asTask() {
        return new ActionTask(this);
    }
}
