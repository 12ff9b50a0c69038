package dev.brigade.testkit;

import dev.brigade.AsyncFunction;
import dev.brigade.Outcome;
import dev.brigade.Outcomes;
import dev.brigade.RetryPolicy;
import dev.brigade.RunOptions;
import dev.brigade.Runner;
import dev.brigade.TaskFunction;
import java.util.Collections;
import java.util.Iterator;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;

/** Runners to which stages and failures mean something else than to the others. */
final class StageMutants {
    private StageMutants() {}

    /** Lets its results be lost where there is no iterator. */
    static final class TakesNoIteratorForNoInput extends BrokenRunner {
        TakesNoIteratorForNoInput(Runner sound) {
            super(sound);
        }

        @Override
        public <I, R> Outcomes<I, R> mapOutcomes(
                Iterable<? extends I> inputs, TaskFunction<? super I, ? extends R> function, RunOptions options) {
            return super.mapOutcomes(() -> StageMutants.<I>orEmpty(inputs.iterator()), function, options);
        }
    }

    @SuppressWarnings("unchecked") // an iterator only gives
    private static <I> Iterator<I> orEmpty(Iterator<? extends I> inputs) {
        return inputs == null ? Collections.emptyIterator() : (Iterator<I>) inputs;
    }

    /** Wraps what is neither an Exception nor an Error, as its signatures allow no other. */
    static final class WrapsStrangers extends BrokenRunner {
        WrapsStrangers(Runner sound) {
            super(sound);
        }

        @Override
        public <I, R> Outcomes<I, R> mapOutcomes(
                Iterable<? extends I> inputs, TaskFunction<? super I, ? extends R> function, RunOptions options) {
            return new BrokenOutcomes<>(super.mapOutcomes(inputs, function, options), StageMutants::wrapping);
        }
    }

    private static <I, R> Iterator<Outcome<I, R>> wrapping(Iterator<Outcome<I, R>> sound) {
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return sound.hasNext();
            }

            @Override
            public Outcome<I, R> next() {
                Outcome<I, R> one = sound.next();
                Throwable thrown = one.exception();
                return thrown == null || thrown instanceof Exception || thrown instanceof Error
                        ? one
                        : new Outcome<>(
                                one.index(),
                                one.input(),
                                one.state(),
                                null,
                                new ExecutionException(thrown),
                                one.attempts(),
                                one.timing(),
                                one.worker());
            }
        };
    }

    /** Asks the retry test about what it has wrapped. */
    static final class AsksAboutTheWrapper extends BrokenRunner {
        AsksAboutTheWrapper(Runner sound) {
            super(sound);
        }

        @Override
        public <I, R> Outcomes<I, R> mapOutcomes(
                Iterable<? extends I> inputs, TaskFunction<? super I, ? extends R> function, RunOptions options) {
            RetryPolicy policy = options.retry();
            RetryPolicy wrapping = RetryPolicy.builder()
                    .maxAttempts(policy.maxAttempts())
                    .retryIf(failure -> policy.retries(1, new CompletionException(failure)))
                    .build();
            return super.mapOutcomes(
                    inputs, function, options.toBuilder().retry(wrapping).build());
        }
    }

    /** Makes a future of each stage, as if each could. */
    static final class MakesFutures extends BrokenRunner {
        MakesFutures(Runner sound) {
            super(sound);
        }

        @Override
        public <I, R> Outcomes<I, R> mapOutcomes(
                Iterable<? extends I> inputs, TaskFunction<? super I, ? extends R> function, RunOptions options) {
            return super.mapOutcomes(inputs, StageMutants.<I, R>future(function), options);
        }

        @Override
        public <I, R> java.util.List<R> map(
                Iterable<? extends I> inputs, TaskFunction<? super I, ? extends R> function, RunOptions options)
                throws ExecutionException, InterruptedException, java.util.concurrent.TimeoutException {
            return super.map(inputs, StageMutants.<I, R>future(function), options);
        }
    }

    @SuppressWarnings("unchecked") // a function only takes its input and gives its result
    private static <I, R> TaskFunction<I, R> future(TaskFunction<? super I, ? extends R> function) {
        if (function instanceof AsyncFunction<?, ?>) {
            AsyncFunction<I, R> sound = (AsyncFunction<I, R>) function;
            return TaskFunction.async(input -> sound.start(input).toCompletableFuture());
        }
        return (TaskFunction<I, R>) function;
    }
}
