package dev.brigade;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * The number of attempts of a failing task, the delays between them, and the failures to retry.
 *
 * <p>Use it for failures that may pass: a busy server, a lost worker. Do not use it for work that fails the same way each time. An
 * {@link Error} or {@link InterruptedException} is not retried unless {@link Builder#retryOn} or {@link Builder#retryIf} says so.
 *
 * <pre>{@code
 * RetryPolicy policy = RetryPolicy.builder()
 *         .maxAttempts(5)
 *         .backoff(Duration.ofMillis(100), 2, Duration.ofSeconds(5))
 *         .jitter(0.2)
 *         .retryOn(IOException.class, TaskTimeoutException.class)
 *         .abortOn(FileNotFoundException.class)
 *         .maxDuration(Duration.ofMinutes(1))
 *         .build();
 * }</pre>
 *
 * <p>The delay before attempt <i>n</i> + 1 is {@code min(first × factor^(n−1), max)}, then moved at random by up to
 * ± {@code jitter} of itself. During the delay the task still counts in the window, but holds no permit of the concurrency limit.
 *
 * <p>Attempts never overlap: a task that timed out is tried again only if its body has ended by the end of the delay. On threads a
 * body can only be asked to end: make the delay long enough for that.
 *
 * <p><b>Thread safety</b>: immutable.
 */
public final class RetryPolicy {
    private static final RetryPolicy NONE = builder().maxAttempts(1).build();
    private static final int MAX_ATTEMPTS_BOUND = 1_000_000;

    private final int maxAttempts;
    private final long firstNanos;
    private final double factor;
    private final long maxNanos;
    private final double jitter;
    private final Predicate<? super Throwable> retryIf;
    private final Predicate<Throwable> abortIf;
    private final Optional<Duration> maxDuration;
    private final Optional<Consumer<? super RetryEvent>> onRetry;

    /**
     * A failed attempt that is followed by another one.
     *
     * @param attempts the number of attempts so far, from 1
     * @param failure the failure of the last attempt; a {@link TaskTimeoutException} when it timed out
     * @param delay the time until the next attempt, perhaps zero
     */
    public record RetryEvent(int attempts, Throwable failure, Duration delay) {}

    private RetryPolicy(Builder builder) {
        maxAttempts = builder.maxAttempts;
        firstNanos = builder.first.toNanos();
        factor = builder.factor;
        maxNanos = builder.max.toNanos();
        jitter = builder.jitter;
        retryIf = builder.retryIf;
        abortIf = builder.abortIf;
        maxDuration = builder.maxDuration;
        onRetry = builder.onRetry;
    }

    /**
     * Returns the policy without retries: one attempt.
     *
     * @return the policy
     */
    public static RetryPolicy none() {
        return NONE;
    }

    /**
     * Returns a policy of several attempts without a delay: {@code ofMaxAttempts(3)} tries again up to twice.
     *
     * @param maxAttempts the number of bodies that may begin, 1 to 1,000,000
     * @return the policy
     * @throws IllegalArgumentException when {@code maxAttempts} is outside its bounds
     */
    public static RetryPolicy ofMaxAttempts(int maxAttempts) {
        return builder().maxAttempts(maxAttempts).build();
    }

    /**
     * Starts a policy of 3 attempts without a delay, for any {@link Exception} but an {@link InterruptedException}.
     *
     * @return the builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Returns the number of bodies that may begin.
     *
     * @return at least 1
     */
    public int maxAttempts() {
        return maxAttempts;
    }

    /**
     * Returns true if another attempt follows.
     *
     * @param attempt the number of attempts so far, from 1
     * @param failure the failure of the last attempt; a {@link TaskTimeoutException} when it timed out
     * @return true when there are attempts left and the failure is one to retry
     */
    public boolean retries(int attempt, Throwable failure) {
        return attempt < maxAttempts && !abortIf.test(failure) && retryIf.test(failure);
    }

    /**
     * Returns the longest time from a task's submission to the time at which its last attempt is due.
     *
     * @return the time; empty when there is no bound
     */
    public Optional<Duration> maxDuration() {
        return maxDuration;
    }

    /**
     * Returns the listener that is told of each retry.
     *
     * @return the listener; empty when there is none
     */
    public Optional<Consumer<? super RetryEvent>> onRetry() {
        return onRetry;
    }

    /**
     * Returns the delay after a failed attempt. With jitter it is chosen anew at each call.
     *
     * @param attempt the number of attempts so far, from 1
     * @return the delay, perhaps zero
     */
    public Duration delayAfter(int attempt) {
        double exact = Math.min((double) firstNanos * Math.pow(factor, attempt - 1.0), (double) maxNanos);
        double moved = jitter == 0
                ? exact
                : exact * (1 + jitter * ThreadLocalRandom.current().nextDouble(-1, 1));
        return Duration.ofNanos(Math.round(moved));
    }

    /** Builds a {@link RetryPolicy}. <b>Thread safety</b>: none. */
    public static final class Builder {
        private int maxAttempts = 3;
        private Duration first = Duration.ZERO;
        private double factor = 1;
        private Duration max = Duration.ZERO;
        private double jitter;
        private Predicate<? super Throwable> retryIf = Builder::isOrdinary;
        private Predicate<Throwable> abortIf = failure -> false;
        private Optional<Duration> maxDuration = Optional.empty();
        private Optional<Consumer<? super RetryEvent>> onRetry = Optional.empty();

        private Builder() {}

        private static boolean isOrdinary(Throwable failure) {
            return failure instanceof Exception && !(failure instanceof InterruptedException);
        }

        /**
         * Sets the number of bodies that may begin.
         *
         * @param attempts 1 to 1,000,000
         * @return this
         * @throws IllegalArgumentException when outside the bounds
         */
        public Builder maxAttempts(int attempts) {
            if (attempts < 1 || attempts > MAX_ATTEMPTS_BOUND) {
                throw new IllegalArgumentException(
                        "maxAttempts must be between 1 and " + MAX_ATTEMPTS_BOUND + " attempts, was " + attempts);
            }
            maxAttempts = attempts;
            return this;
        }

        /**
         * Sets the same delay after each failure.
         *
         * @param fixedDelay zero or more, at most {@link RunOptions#MAX_DURATION}
         * @return this
         * @throws IllegalArgumentException when outside the bounds
         */
        public Builder delay(Duration fixedDelay) {
            return backoff(fixedDelay, 1, fixedDelay);
        }

        /**
         * Sets a delay that grows with each failure.
         *
         * @param firstDelay the first delay, zero or more
         * @param growth the factor from each delay to the next, finite, 1 or more
         * @param maxDelay the longest delay, at least {@code firstDelay}, at most {@link RunOptions#MAX_DURATION}
         * @return this
         * @throws IllegalArgumentException when outside the bounds
         */
        public Builder backoff(Duration firstDelay, double growth, Duration maxDelay) {
            if (firstDelay.isNegative() || firstDelay.compareTo(maxDelay) > 0) {
                throw new IllegalArgumentException(
                        "the first delay must be between 0 s and the longest, " + maxDelay + ", was " + firstDelay);
            }
            if (maxDelay.compareTo(RunOptions.MAX_DURATION) > 0) {
                throw new IllegalArgumentException(
                        "the longest delay must be at most " + RunOptions.MAX_DURATION + ", was " + maxDelay);
            }
            if (!(growth >= 1) || Double.isInfinite(growth)) {
                throw new IllegalArgumentException("the factor must be finite and at least 1, was " + growth);
            }
            first = firstDelay;
            factor = growth;
            max = maxDelay;
            return this;
        }

        /**
         * Moves each delay at random, so that tasks that failed together are not retried together.
         *
         * @param share the largest share of the delay by which it is made shorter or longer, 0 to 1
         * @return this
         * @throws IllegalArgumentException when outside the bounds
         */
        public Builder jitter(double share) {
            if (!(share >= 0 && share <= 1)) {
                throw new IllegalArgumentException("jitter must be between 0 and 1, was " + share);
            }
            jitter = share;
            return this;
        }

        /**
         * Retries only failures of these types.
         *
         * @param types the types, subtypes included; not null
         * @return this
         */
        @SafeVarargs
        @SuppressWarnings("varargs") // the array is only read
        public final Builder retryOn(Class<? extends Throwable>... types) {
            List<Class<? extends Throwable>> wanted = List.of(types);
            return retryIf(failure -> wanted.stream().anyMatch(type -> type.isInstance(failure)));
        }

        /**
         * Retries only failures that pass a test. The test is called in the caller's JVM, on a thread that may run user code. If it
         * throws anything, that is logged and the task is not retried.
         *
         * @param test the test, not null
         * @return this
         */
        public Builder retryIf(Predicate<? super Throwable> test) {
            retryIf = Objects.requireNonNull(test, "test");
            return this;
        }

        /**
         * Fails at once on failures of these types, even if {@link #retryOn} or {@link #retryIf} would retry them. Each call adds to the
         * earlier ones.
         *
         * @param types the types, subtypes included; not null
         * @return this
         */
        @SafeVarargs
        @SuppressWarnings("varargs") // the array is only read
        public final Builder abortOn(Class<? extends Throwable>... types) {
            List<Class<? extends Throwable>> unwanted = List.of(types);
            return abortIf(failure -> unwanted.stream().anyMatch(type -> type.isInstance(failure)));
        }

        /**
         * Fails at once on failures that pass this test, even if {@link #retryOn} or {@link #retryIf} would retry them. Each call adds to
         * the earlier ones. The test is called as that of {@link #retryIf} is.
         *
         * @param test the test, not null
         * @return this
         */
        public Builder abortIf(Predicate<? super Throwable> test) {
            Objects.requireNonNull(test, "test");
            Predicate<Throwable> before = abortIf;
            abortIf = failure -> before.test(failure) || test.test(failure);
            return this;
        }

        /**
         * Bounds the time from a task's submission, or from the pull of its input, to the time at which its last attempt is due. If
         * the delay would end later than that, the task fails at once. An attempt that is due in time begins even if it then waits
         * for other bodies to end, and one that has begun is not cut short: see {@link RunOptions#timeout}.
         *
         * @param time more than zero, at most {@link RunOptions#MAX_DURATION}
         * @return this
         * @throws IllegalArgumentException when outside the bounds
         */
        public Builder maxDuration(Duration time) {
            if (time.isZero() || time.isNegative() || time.compareTo(RunOptions.MAX_DURATION) > 0) {
                throw new IllegalArgumentException(
                        "maxDuration must be more than 0 s and at most " + RunOptions.MAX_DURATION + ", was " + time);
            }
            maxDuration = Optional.of(time);
            return this;
        }

        /**
         * Sets a listener that is told of each retry. It is called in the caller's JVM, on a thread that may run user code. The delay
         * begins when it has returned. Anything that the listener throws is logged and harms nothing.
         *
         * @param listener the listener, not null
         * @return this
         */
        public Builder onRetry(Consumer<? super RetryEvent> listener) {
            onRetry = Optional.of(listener);
            return this;
        }

        /**
         * Builds the policy.
         *
         * @return the policy
         */
        public RetryPolicy build() {
            return new RetryPolicy(this);
        }
    }
}
