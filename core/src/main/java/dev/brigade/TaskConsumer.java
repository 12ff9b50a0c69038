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
     * @throws Exception whatever goes wrong
     */
    void accept(I input) throws Exception;

    /**
     * This consumer as a function whose results are null.
     *
     * @return the function
     */
    default TaskFunction<I, Void> asFunction() {
        return new AsFunction<>(this);
    }

    /**
     * A consumer as a function. Runners that transport their tasks send the consumer alone.
     *
     * @param consumer the consumer, not null
     * @param <I> the type of the input
     */
    record AsFunction<I>(TaskConsumer<I> consumer) implements TaskFunction<I, Void> {
        @Override
        @SuppressWarnings("NullAway") // the one value of Void
        public Void apply(I input) throws Exception {
            consumer.accept(input);
            return null;
        }
    }
}
