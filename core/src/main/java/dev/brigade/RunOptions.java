package dev.brigade;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;

/**
 * The options of one batch: its concurrency, time-outs, order and retries. A batch is one call of a {@link Runner} method, such as
 * {@code map}; {@code submit} is a batch of one task.
 *
 * <pre>{@code
 * RunOptions options = RunOptions.builder()
 *         .maxConcurrency(4)
 *         .taskTimeout(Duration.ofSeconds(2))
 *         .retry(RetryPolicy.ofMaxAttempts(3))
 *         .build();
 * }</pre>
 *
 * <p>Each option means the same on every runner. A runner that cannot honour an option throws
 * {@link UnsupportedOperationException} at the call.
 *
 * <p><b>Thread safety</b>: immutable.
 */
public final class RunOptions {
    /** The longest duration any option takes: 100 years of 365 days. */
    public static final Duration MAX_DURATION = Duration.ofDays(36_500);

    private static final RunOptions DEFAULTS = builder().build();

    private final int maxConcurrency;
    private final Optional<Duration> taskTimeout;
    private final Optional<Duration> timeout;
    private final boolean ordered;
    private final OptionalInt buffer;
    private final RetryPolicy retry;
    private final Optional<Consumer<? super Progress>> onProgress;
    private final String name;

    private RunOptions(Builder builder) {
        maxConcurrency = builder.maxConcurrency;
        taskTimeout = builder.taskTimeout;
        timeout = builder.timeout;
        ordered = builder.ordered;
        buffer = builder.buffer;
        retry = builder.retry;
        onProgress = builder.onProgress;
        name = builder.name;
    }

    /**
     * Returns the default options: no time-outs, no retry, the runner's own limit, completion order.
     *
     * @return the default options
     */
    public static RunOptions defaults() {
        return DEFAULTS;
    }

    /**
     * Starts from the defaults.
     *
     * @return the builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Starts from these options.
     *
     * @return the builder
     */
    public Builder toBuilder() {
        Builder builder = new Builder();
        builder.maxConcurrency = maxConcurrency;
        builder.taskTimeout = taskTimeout;
        builder.timeout = timeout;
        builder.ordered = ordered;
        builder.buffer = buffer;
        builder.retry = retry;
        builder.onProgress = onProgress;
        builder.name = name;
        return builder;
    }

    /**
     * Returns the largest number of bodies of the batch that run at once; the runner's own limit holds as well.
     *
     * @return at least 1; {@link Integer#MAX_VALUE} when not set
     */
    public int maxConcurrency() {
        return maxConcurrency;
    }

    /**
     * Returns the time that one attempt of one task may take, from the start of its body.
     *
     * @return the time; empty when there is no limit
     */
    public Optional<Duration> taskTimeout() {
        return taskTimeout;
    }

    /**
     * Returns the time that the whole batch may take, from the submission or the first {@code hasNext}.
     *
     * @return the time; empty when there is no limit
     */
    public Optional<Duration> timeout() {
        return timeout;
    }

    /**
     * Returns true if outcomes come in the order of the inputs, rather than as they complete.
     *
     * @return true for input order
     */
    public boolean ordered() {
        return ordered;
    }

    /**
     * Returns the number of inputs that may be pulled and not yet delivered as outcomes.
     *
     * @return the exact bound; empty when the runner chooses it, and raises it while bodies are short
     */
    public OptionalInt buffer() {
        return buffer;
    }

    /**
     * Returns the policy by which failed tasks are tried again.
     *
     * @return the policy
     */
    public RetryPolicy retry() {
        return retry;
    }

    /**
     * Returns the listener that is told about the batch's progress.
     *
     * @return the listener; empty when there is none
     */
    public Optional<Consumer<? super Progress>> onProgress() {
        return onProgress;
    }

    /**
     * Returns the name of the batch's tasks in logs and records.
     *
     * @return the name, perhaps empty
     */
    public String name() {
        return name;
    }

    /** Builds {@link RunOptions}. <b>Thread safety</b>: none. */
    public static final class Builder {
        private int maxConcurrency = Integer.MAX_VALUE;
        private Optional<Duration> taskTimeout = Optional.empty();
        private Optional<Duration> timeout = Optional.empty();
        private boolean ordered;
        private OptionalInt buffer = OptionalInt.empty();
        private RetryPolicy retry = RetryPolicy.none();
        private Optional<Consumer<? super Progress>> onProgress = Optional.empty();
        private String name = "";

        private Builder() {}

        /**
         * Bounds the number of bodies of the batch that run at once.
         *
         * @param bodies 1 or more
         * @return this
         * @throws IllegalArgumentException when less than 1
         */
        public Builder maxConcurrency(int bodies) {
            maxConcurrency = atLeastOne("maxConcurrency", bodies, "bodies");
            return this;
        }

        /**
         * Bounds the time of each attempt, from the start of its body.
         *
         * @param time more than zero, at most {@link RunOptions#MAX_DURATION}
         * @return this
         * @throws IllegalArgumentException when outside the bounds
         */
        public Builder taskTimeout(Duration time) {
            taskTimeout = Optional.of(positive("taskTimeout", time));
            return this;
        }

        /**
         * Bounds the time of the whole batch.
         *
         * @param time more than zero, at most {@link RunOptions#MAX_DURATION}
         * @return this
         * @throws IllegalArgumentException when outside the bounds
         */
        public Builder timeout(Duration time) {
            timeout = Optional.of(positive("timeout", time));
            return this;
        }

        /**
         * Asks for outcomes in the order of the inputs. {@link Runner#map(Iterable, TaskFunction)} always gives its list in
         * that order.
         *
         * @param inputOrder true for input order, false for completion order
         * @return this
         */
        public Builder ordered(boolean inputOrder) {
            ordered = inputOrder;
            return this;
        }

        /**
         * Sets the exact number of inputs that may be pulled and not yet delivered as outcomes.
         *
         * @param inputs 1 or more
         * @return this
         * @throws IllegalArgumentException when less than 1
         */
        public Builder buffer(int inputs) {
            buffer = OptionalInt.of(atLeastOne("buffer", inputs, "inputs"));
            return this;
        }

        /**
         * Sets the policy by which failed tasks are tried again.
         *
         * @param policy the policy, not null
         * @return this
         */
        public Builder retry(RetryPolicy policy) {
            retry = Objects.requireNonNull(policy, "policy");
            return this;
        }

        /**
         * Sets a listener that is told about progress, on the consumer's thread, after each outcome. Anything that it throws is logged
         * and harms nothing; an {@link InterruptedException} is the consumer's interrupt. For a submitted task the listener is called
         * once, on a thread that may run user code.
         *
         * @param listener the listener, not null
         * @return this
         */
        public Builder onProgress(Consumer<? super Progress> listener) {
            onProgress = Optional.of(listener);
            return this;
        }

        /**
         * Names the batch's tasks, for logs and records.
         *
         * @param batchName the name, not null
         * @return this
         */
        public Builder name(String batchName) {
            name = Objects.requireNonNull(batchName, "batchName");
            return this;
        }

        /**
         * Builds the options.
         *
         * @return the options
         */
        public RunOptions build() {
            return new RunOptions(this);
        }

        private static int atLeastOne(String option, int value, String unit) {
            if (value < 1) {
                throw new IllegalArgumentException(option + " must be at least 1 (" + unit + "), was " + value);
            }
            return value;
        }

        private static Duration positive(String option, Duration time) {
            if (time.isZero() || time.isNegative() || time.compareTo(MAX_DURATION) > 0) {
                throw new IllegalArgumentException(
                        option + " must be more than 0 s and at most " + MAX_DURATION + ", was " + time);
            }
            return time;
        }
    }
}
