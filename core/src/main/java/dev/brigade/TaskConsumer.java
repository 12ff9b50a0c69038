package dev.brigade;

import java.io.Serializable;

/**
 * A piece of work done once for each input, without a result.
 *
 * <p>Use it with {@link Runner#forEach(Iterable, TaskConsumer)}.
 *
 * <pre>{@code
 * runner.forEach(files, Files::delete);
 * }</pre>
 *
 * <p><b>Thread safety, failure, serialization</b>: as for {@link TaskFunction}.
 *
 * @param <I> the type of the input
 */
@FunctionalInterface
public interface TaskConsumer<I> extends Serializable {

    /**
     * Does the work for one input.
     *
     * @param input the input; null when the caller's inputs hold null
     * @throws Exception if the work fails
     */
    void accept(I input) throws Exception;

    /**
     * Returns this consumer as a function whose results are null.
     *
     * @return the function
     */
    default TaskFunction<I, Void> asFunction() {
        return new ConsumerFunction<>(this);
    }
}
