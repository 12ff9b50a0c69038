package dev.brigade;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * How often a failed task is tried again, after which delay, and for which failures.
 *
 * <p>Use it where a failure may pass: a busy server, a lost worker. Do not use it for what fails the same way each time. An
 * {@link Error}, and an {@link InterruptedException}, are not retried unless {@link Builder#retryIf} says so.
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
 * ± {@code jitter} of itself. While it lasts, the task holds its place in the window, but no place in the concurrency limit.
 *
 * <p>Attempts never overlap: a task that timed out is tried again only if its body has ended by the end of the delay. On threads,
 * where a body can only be asked to end, give it that time.
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
     * @param attempts how many attempts there were, from 1
     * @param failure how the last one failed; a {@link TaskTimeoutException} when it timed out
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
     * No retry: one attempt.
     *
     * @return the policy
     */
    public static RetryPolicy none() {
        return NONE;
    }

    /**
     * Up to so many attempts, without a delay: {@code ofMaxAttempts(3)} tries again twice.
     *
     * @param maxAttempts how many bodies may begin, 1 to 1,000,000
     * @return the policy
     * @throws IllegalArgumentException when {@code maxAttempts} is outside its bounds
     */
    public static RetryPolicy ofMaxAttempts(int maxAttempts) {
        return builder().maxAttempts(maxAttempts).build();
    }

    /**
     * Starts a policy of 3 attempts without a delay, on any exception that is no {@link Error}.
     *
     * @return the builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * How many bodies may begin.
     *
     * @return at least 1
     */
    public int maxAttempts() {
        return maxAttempts;
    }

    /**
     * Whether another attempt follows.
     *
     * @param attempt how many attempts there were, from 1
     * @param failure how the last one failed; a {@link TaskTimeoutException} when it timed out
     * @return true when there are attempts left and the failure is one to retry
     */
    public boolean retries(int attempt, Throwable failure) {
        return attempt < maxAttempts && !abortIf.test(failure) && retryIf.test(failure);
    }

    /**
     * How long after a task's submission its last attempt may begin.
     *
     * @return the time; empty when there is no bound
     */
    public Optional<Duration> maxDuration() {
        return maxDuration;
    }

    /**
     * Who is told of each retry.
     *
     * @return the listener; empty when there is none
     */
    public Optional<Consumer<? super RetryEvent>> onRetry() {
        return onRetry;
    }

    /**
     * The delay after a failed attempt, chosen anew at each call when there is jitter.
     *
     * @param attempt how many attempts there were, from 1
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
         * How many bodies may begin.
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
         * The same delay after each failure.
         *
         * @param fixedDelay zero or more, at most {@link RunOptions#MAX_DURATION}
         * @return this
         * @throws IllegalArgumentException when outside the bounds
         */
        public Builder delay(Duration fixedDelay) {
            return backoff(fixedDelay, 1, fixedDelay);
        }

        /**
         * A delay that grows with each failure.
         *
         * @param firstDelay the first delay, zero or more
         * @param growth what it is multiplied by each time, 1 or more
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
         * Moves each delay at random, so that tasks that failed together do not come back together.
         *
         * @param share up to which share of the delay it is made shorter or longer, 0 to 1
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
         * Retries only failures that pass a test; called in the caller's JVM, on a thread that may run user code. A test that
         * throws means no retry, and is logged.
         *
         * @param test the test, not null
         * @return this
         */
        public Builder retryIf(Predicate<? super Throwable> test) {
            retryIf = Objects.requireNonNull(test, "test");
            return this;
        }

        /**
         * Fails at once on failures of these types too, whatever {@link #retryOn} and {@link #retryIf} say. Each call adds to those
         * before it.
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
         * Fails at once on failures that pass this test too, whatever {@link #retryOn} and {@link #retryIf} say. Each call adds to
         * those before it. The test is called as that of {@link #retryIf}.
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
         * Bounds the time from a task's submission, or from the pulling of its input, to the beginning of its last attempt. Where the
         * delay would end later than that, the task fails at once. An attempt that has begun is not cut short: see
         * {@link RunOptions#timeout}.
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
         * Asks to be told of each retry, before its delay begins; in the caller's JVM, on a thread that may run user code. What the
         * listener throws is logged and harms nothing. The delay begins when the listener has returned.
         *
         * @param listener who is told, not null
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
