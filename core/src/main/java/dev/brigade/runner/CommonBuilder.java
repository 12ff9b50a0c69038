package dev.brigade.runner;

import dev.brigade.engine.BackendRunner;
import java.time.Duration;
import java.util.Objects;

/** The options that all runners have. */
abstract class CommonBuilder<B extends CommonBuilder<B>> {
    String name;
    Duration closeTimeout = BackendRunner.DEFAULT_CLOSE_TIMEOUT;

    CommonBuilder(String name) {
        this.name = name;
    }

    @SuppressWarnings("unchecked") // each builder extends this with itself
    final B self() {
        return (B) this;
    }

    /**
     * Names the runner in its threads' names ({@code brigade-<name>-<n>}), in logs and in records.
     *
     * @param runnerName letters, digits and hyphens, at least one
     * @return this
     * @throws IllegalArgumentException when there is any other character in it, or none
     */
    public B name(String runnerName) {
        boolean plain =
                !runnerName.isEmpty() && runnerName.chars().allMatch(c -> c == '-' || Character.isLetterOrDigit(c));
        if (!plain) {
            throw new IllegalArgumentException("name must be letters, digits and hyphens, was '" + runnerName + "'");
        }
        name = runnerName;
        return self();
    }

    /**
     * Sets how long {@code close} waits for what was pulled. It then waits half as long again for what it cancels, and for threads
     * and processes to end. The default is 30 s.
     *
     * @param time more than zero, at most {@link dev.brigade.RunOptions#MAX_DURATION}; checked when the runner is built
     * @return this
     */
    public B closeTimeout(Duration time) {
        closeTimeout = Objects.requireNonNull(time, "time");
        return self();
    }
}
