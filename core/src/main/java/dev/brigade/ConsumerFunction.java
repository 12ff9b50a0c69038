package dev.brigade;

import java.util.Objects;

/**
 * A consumer as a function. Runners that transport their tasks send the consumer alone.
 *
 * <p><b>Thread safety</b>: that of the consumer.
 *
 * @param <I> the type of the input
 */
public final class ConsumerFunction<I> implements TaskFunction<I, Void> {
    private static final long serialVersionUID = 1;

    /** The consumer. */
    private final TaskConsumer<I> consumer;

    /**
     * Makes the function.
     *
     * @param consumer the consumer, not null
     */
    public ConsumerFunction(TaskConsumer<I> consumer) {
        this.consumer = Objects.requireNonNull(consumer, "consumer");
    }

    /**
     * Returns the consumer that this function calls.
     *
     * @return the consumer
     */
    public TaskConsumer<I> consumer() {
        return consumer;
    }

    @Override
    @SuppressWarnings("NullAway") // the one value of Void
    public Void apply(I input) throws Exception {
        consumer.accept(input);
        return null;
    }
}
