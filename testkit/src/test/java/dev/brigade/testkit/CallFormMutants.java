package dev.brigade.testkit;

import dev.brigade.RetryPolicy;
import dev.brigade.RunOptions;
import dev.brigade.Runner;
import dev.brigade.Task;
import dev.brigade.TaskConsumer;
import dev.brigade.TaskFunction;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;

/** Runners that break a rule in one of the other forms of a call. */
final class CallFormMutants {
    private CallFormMutants() {}

    /** Returns from {@code forEach} as if nothing had failed. */
    static final class ForgetsFailures extends BrokenRunner {
        ForgetsFailures(Runner sound) {
            super(sound);
        }

        @Override
        public <I> void forEach(Iterable<? extends I> inputs, TaskConsumer<? super I> action, RunOptions options)
                throws InterruptedException, TimeoutException {
            try {
                super.forEach(inputs, action, options);
            } catch (ExecutionException forgotten) {
                return;
            }
        }
    }

    /** Cancels the future of a batch, and not the batch. */
    static final class CancelsTheFutureAlone extends BrokenRunner {
        CancelsTheFutureAlone(Runner sound) {
            super(sound);
        }

        @Override
        public <I, R> CompletableFuture<List<R>> mapAsync(
                Iterable<? extends I> inputs, TaskFunction<? super I, ? extends R> function, RunOptions options) {
            CompletableFuture<List<R>> results = super.mapAsync(inputs, function, options);
            return results.thenApply(all -> all);
        }
    }

    /** Ignores the options of {@code invokeAny}. */
    static final class ForgetsOptions extends BrokenRunner {
        ForgetsOptions(Runner sound) {
            super(sound);
        }

        @Override
        public <T> T invokeAny(Collection<? extends Task<? extends T>> tasks, RunOptions options)
                throws ExecutionException, InterruptedException, TimeoutException {
            return super.invokeAny(tasks, RunOptions.defaults());
        }
    }

    /** Refuses nothing once it is closed, in one form: the future tells. */
    static final class RefusesLate extends BrokenRunner {
        RefusesLate(Runner sound) {
            super(sound);
        }

        @Override
        public <I, R> CompletableFuture<List<R>> mapAsync(
                Iterable<? extends I> inputs, TaskFunction<? super I, ? extends R> function, RunOptions options) {
            try {
                return super.mapAsync(inputs, function, options);
            } catch (RejectedExecutionException closed) {
                return CompletableFuture.failedFuture(closed);
            }
        }
    }

    /** A part of a retry policy. */
    enum Part {
        CONDITIONS,
        DURATION,
        LISTENER,
        /** The catch around the listener: what it throws means no retry. */
        LISTENERS_GUARD
    }

    /** Returns a policy like the given one but for that part. */
    static RetryPolicy without(Part lost, RetryPolicy policy) {
        RetryPolicy.Builder poorer =
                RetryPolicy.builder().maxAttempts(policy.maxAttempts()).delay(policy.delayAfter(1));
        if (lost != Part.DURATION) {
            policy.maxDuration().ifPresent(poorer::maxDuration);
        }
        if (lost == Part.LISTENERS_GUARD) {
            poorer.retryIf(failure -> {
                policy.onRetry()
                        .ifPresent(listener -> listener.accept(new RetryPolicy.RetryEvent(1, failure, Duration.ZERO)));
                return policy.retries(1, failure);
            });
            return poorer.build();
        }
        if (lost != Part.LISTENER) {
            policy.onRetry().ifPresent(poorer::onRetry);
        }
        if (lost != Part.CONDITIONS) {
            poorer.retryIf(failure -> policy.retries(1, failure));
        }
        return poorer.build();
    }
}
