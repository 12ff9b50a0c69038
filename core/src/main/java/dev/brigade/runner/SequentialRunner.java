package dev.brigade.runner;

import dev.brigade.engine.BackendRunner;
import dev.brigade.engine.core.InlineBackend;

/**
 * Runs tasks one at a time, each on the thread that waits for it: the caller's.
 *
 * <p>Use it for tests, for debugging, as the reference for the others, and if there is nothing to gain from running tasks side by
 * side. Do not use it to keep a caller free: {@code submit} returns when the task has ended.
 *
 * <pre>{@code
 * try (Runner runner = SequentialRunner.of()) {
 *     List<Integer> squares = runner.map(List.of(1, 2, 3), n -> n * n);
 * }
 * }</pre>
 *
 * <p><b>Concurrency</b>: one body at a time, also when several threads use one runner; the others wait.
 *
 * <p><b>Interruption and cancellation</b>: a deadline or a cancellation interrupts the body; it is reported when the body ends.
 *
 * <p><b>Resources</b>: no thread of its own, except a timer if time-outs are asked for.
 */
public final class SequentialRunner extends BackendRunner {

    private SequentialRunner(Builder builder) {
        super(builder.name, builder.backend(new InlineBackend()), builder.closeTimeout);
    }

    /**
     * Returns a runner with the default options.
     *
     * @return the runner
     */
    public static SequentialRunner of() {
        return builder().build();
    }

    /**
     * Starts from the defaults.
     *
     * @return the builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /** Builds a {@link SequentialRunner}. <b>Thread safety</b>: none. */
    public static final class Builder extends InProcessBuilder<Builder> {
        private Builder() {
            super("sequential");
        }

        /**
         * Builds the runner.
         *
         * @return the runner
         */
        public SequentialRunner build() {
            return new SequentialRunner(this);
        }
    }
}
