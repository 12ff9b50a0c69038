package dev.brigade.runner;

import dev.brigade.RunOptions;
import dev.brigade.TaskContext;
import dev.brigade.engine.BackendRunner;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Runs tasks on one thread that never waits: an event loop. A body starts its work and returns a {@link CompletionStage}, and the loop
 * goes on to the next body.
 *
 * <p>Use it for very many waits at once, with clients that answer with a stage, such as {@code HttpClient.sendAsync}. Bodies are
 * cooperative, so data that only the loop's thread touches needs no lock. Do not compute or block in a body: everything else
 * stands still meanwhile, which is logged. If the JDK has virtual threads, {@link ThreadRunner#virtual()} gives as many waits
 * with ordinary blocking code.
 *
 * <pre>{@code
 * try (Runner runner = AsyncRunner.of()) {
 *     List<Integer> squares = runner.map(numbers, TaskFunction.async(
 *             n -> AsyncRunner.delay(Duration.ofMillis(500)).thenApply(nothing -> n * n)));
 * }
 * }</pre>
 *
 * <p><b>Concurrency</b>: {@value #DEFAULT_MAX_CONCURRENCY} bodies under way at once, unless the runner is built with another limit.
 *
 * <p><b>Interruption and cancellation</b>: a deadline or a cancellation is reported at once. A {@link #delay} of the body then
 * fails, and with it the chain after it; other stages are told by {@link TaskContext#onCancel}. A body keeps its permit until its
 * stage completes.
 *
 * <p><b>Waiting</b>: on the loop's thread, waiting for a task of the same runner throws {@link IllegalStateException}.
 *
 * <p><b>Resources</b>: one daemon thread, started on demand. It ends ten seconds after its last step, unless a delay is due later,
 * and with {@link #close()}.
 */
public final class AsyncRunner extends BackendRunner {
    /** Largest number of bodies under way at once, unless the runner is built with another. */
    public static final int DEFAULT_MAX_CONCURRENCY = 10_000;

    private AsyncRunner(Builder builder) {
        super(
                builder.name,
                builder.backend(new AsyncBackend(
                        new EventLoop(builder.name, builder.blockingThreshold), builder.maxConcurrency)),
                builder.closeTimeout);
    }

    /**
     * Returns a runner with the default options.
     *
     * @return the runner
     */
    public static AsyncRunner of() {
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

    /**
     * Returns a stage that completes after a time, in the context of the task that called this, if a task did. If this is called on an
     * event loop, the stage completes there; else on one of a few daemon threads that all delays share. Dependents of the stage should
     * not block these threads: while all are blocked, other delays wait some milliseconds for another thread. If the task is cancelled or
     * times out, or the loop's runner is closed, the stage fails at once with a {@link CancellationException}.
     *
     * @param time the time, zero or more, at most {@link RunOptions#MAX_DURATION}
     * @return the stage; cancelling it is allowed
     * @throws IllegalArgumentException when {@code time} is outside its bounds
     */
    public static CompletableFuture<@Nullable Void> delay(Duration time) {
        if (time.isNegative() || time.compareTo(RunOptions.MAX_DURATION) > 0) {
            throw new IllegalArgumentException(
                    "delay must be between 0 s and " + RunOptions.MAX_DURATION + ", was " + time);
        }
        return new Delay(TaskContext.find().orElse(null), EventLoop.current()).start(time);
    }

    /** One delay, in the context of the task that asked for it. */
    private record Delay(
            @Nullable TaskContext context, @Nullable EventLoop loop, CompletableFuture<@Nullable Void> done) {

        Delay(@Nullable TaskContext context, @Nullable EventLoop loop) {
            this(context, loop, new CompletableFuture<>());
        }

        CompletableFuture<@Nullable Void> start(Duration time) {
            Runnable callOff = schedule(time);
            Runnable forget = context == null
                    ? () -> {}
                    : context.onCancel(() -> fail("a cancelled delay", "the task that waits was cancelled"));
            Runnable stay = loop == null
                    ? () -> {}
                    : loop.whenClosed(() -> fail("a delay of a closed runner", "the runner of this delay was closed"));
            CompletionStage<@Nullable Void> ignored = done.whenComplete((nothing, failure) -> {
                callOff.run();
                forget.run();
                stay.run();
            });
            return done;
        }

        private Runnable schedule(Duration time) {
            Runnable ring = () -> inContext(() -> done.complete(null));
            try {
                Future<?> timer = loop == null
                        ? DelayTimer.SHARED.schedule(ring, time)
                        : loop.schedule(context == null ? "a delay" : context, ring, time);
                return () -> timer.cancel(false);
            } catch (RejectedExecutionException closed) {
                return () -> {}; // the closed loop fails the stage
            }
        }

        private void fail(String who, String why) {
            Runnable fail = () -> inContext(() -> done.completeExceptionally(new CancellationException(why)));
            if (loop == null) {
                fail.run();
            } else {
                loop.executeInAnyCase(who, fail);
            }
        }

        /** Completes the stage in the task's context, so that dependents of the delay find the context that the body found. */
        private void inContext(Runnable completion) {
            if (context == null) {
                completion.run();
                return;
            }
            try {
                context.call(() -> {
                    completion.run();
                    return true;
                });
            } catch (Exception e) {
                throw new IllegalStateException("completing a stage threw", e);
            }
        }
    }

    /** Builds an {@link AsyncRunner}. <b>Thread safety</b>: none. */
    public static final class Builder extends InProcessBuilder<Builder> {
        private int maxConcurrency = DEFAULT_MAX_CONCURRENCY;
        private Duration blockingThreshold = Duration.ofMillis(100);

        private Builder() {
            super("async");
        }

        /**
         * Bounds the number of bodies under way at once.
         *
         * @param bodies at least 1
         * @return this
         * @throws IllegalArgumentException when less than 1
         */
        public Builder maxConcurrency(int bodies) {
            if (bodies < 1) {
                throw new IllegalArgumentException("maxConcurrency must be at least 1 (bodies), was " + bodies);
            }
            maxConcurrency = bodies;
            return this;
        }

        /**
         * Sets the time that a body may hold the loop's thread before that is logged with the body's name. It is logged once during the
         * hold, with the stack, and once after it, with the time. The default is 100 ms.
         *
         * @param time more than zero, at most {@link RunOptions#MAX_DURATION}
         * @return this
         * @throws IllegalArgumentException when outside the bounds
         */
        public Builder blockingThreshold(Duration time) {
            if (time.isZero() || time.isNegative() || time.compareTo(RunOptions.MAX_DURATION) > 0) {
                throw new IllegalArgumentException("blockingThreshold must be more than 0 s and at most "
                        + RunOptions.MAX_DURATION + ", was " + time);
            }
            blockingThreshold = time;
            return this;
        }

        /**
         * Builds the runner.
         *
         * @return the runner
         */
        public AsyncRunner build() {
            return new AsyncRunner(this);
        }
    }
}
