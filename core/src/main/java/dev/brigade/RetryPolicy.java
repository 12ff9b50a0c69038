package dev.brigade;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Predicate;

/**
 * How often a failed task is tried again, after which pause, and for which failures.
 *
 * <p>Use it where a failure may pass: a busy server, a lost worker. Do not use it for what fails the same way each time. An
 * {@link Error}, and an {@link InterruptedException}, are not retried unless {@link Builder#retryIf} says so.
 *
 * <pre>{@code
 * RetryPolicy policy = RetryPolicy.builder()
 *         .maxAttempts(5)
 *         .exponential(Duration.ofMillis(100), 2, Duration.ofSeconds(5))
 *         .jitter(0.2)
 *         .retryOn(IOException.class, TaskTimeoutException.class)
 *         .build();
 * }</pre>
 *
 * <p>The pause before attempt <i>n</i> + 1 is {@code min(first × factor^(n−1), max)}, then moved at random by up to
 * ± {@code jitter} of itself. While it lasts, the task holds its place in the window, but no place in the concurrency limit.
 *
 * <p>Attempts never overlap: a task that timed out is tried again only if its body has ended by the end of the pause. On threads,
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

    private RetryPolicy(Builder builder) {
        maxAttempts = builder.maxAttempts;
        firstNanos = builder.first.toNanos();
        factor = builder.factor;
        maxNanos = builder.max.toNanos();
        jitter = builder.jitter;
        retryIf = builder.retryIf;
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
     * Up to so many attempts, without a pause.
     *
     * @param maxAttempts how many bodies may begin, 1 to 1,000,000
     * @return the policy
     * @throws IllegalArgumentException when {@code maxAttempts} is outside its bounds
     */
    public static RetryPolicy of(int maxAttempts) {
        return builder().maxAttempts(maxAttempts).build();
    }

    /**
     * Starts a policy of 3 attempts without a pause, on any exception that is no {@link Error}.
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
        return attempt < maxAttempts && retryIf.test(failure);
    }

    /**
     * The pause after a failed attempt, chosen anew at each call when there is jitter.
     *
     * @param attempt how many attempts there were, from 1
     * @return the pause, perhaps zero
     */
    public Duration pauseAfter(int attempt) {
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
         * The same pause after each failure.
         *
         * @param pause zero or more, at most {@link RunOptions#MAX_DURATION}
         * @return this
         * @throws IllegalArgumentException when outside the bounds
         */
        public Builder fixed(Duration pause) {
            return exponential(pause, 1, pause);
        }

        /**
         * A pause that grows with each failure.
         *
         * @param firstPause the first pause, zero or more
         * @param growth what it is multiplied by each time, 1 or more
         * @param maxPause the longest pause, at least {@code firstPause}, at most {@link RunOptions#MAX_DURATION}
         * @return this
         * @throws IllegalArgumentException when outside the bounds
         */
        public Builder exponential(Duration firstPause, double growth, Duration maxPause) {
            if (firstPause.isNegative() || firstPause.compareTo(maxPause) > 0) {
                throw new IllegalArgumentException(
                        "the first pause must be between 0 s and the longest, " + maxPause + ", was " + firstPause);
            }
            if (maxPause.compareTo(RunOptions.MAX_DURATION) > 0) {
                throw new IllegalArgumentException(
                        "the longest pause must be at most " + RunOptions.MAX_DURATION + ", was " + maxPause);
            }
            if (!(growth >= 1) || Double.isInfinite(growth)) {
                throw new IllegalArgumentException("the factor must be finite and at least 1, was " + growth);
            }
            first = firstPause;
            factor = growth;
            max = maxPause;
            return this;
        }

        /**
         * Moves each pause at random, so that tasks that failed together do not come back together.
         *
         * @param share up to which share of the pause it is made shorter or longer, 0 to 1
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
         * Builds the policy.
         *
         * @return the policy
         */
        public RetryPolicy build() {
            return new RetryPolicy(this);
        }
    }
}
