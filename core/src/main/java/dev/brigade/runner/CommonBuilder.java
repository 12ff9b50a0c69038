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
     * @throws IllegalArgumentException when it is empty or has any other character
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
     * Sets the time that {@code close} waits for the pulled tasks. It then waits half as long for the tasks that it cancels, and half as
     * long for threads and processes to end. The default is 30 s.
     *
     * @param time more than zero, at most {@link dev.brigade.RunOptions#MAX_DURATION}; checked when the runner is built
     * @return this
     */
    public B closeTimeout(Duration time) {
        closeTimeout = Objects.requireNonNull(time, "time");
        return self();
    }
}
