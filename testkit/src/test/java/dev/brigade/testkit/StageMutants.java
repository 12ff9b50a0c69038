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
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Runners that treat stages and failures differently from all others. */
final class StageMutants {
    private StageMutants() {}

    /** Returns no results, instead of throwing, if there is no iterator. */
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

    /** Wraps the exception of {@code inputs.iterator()} in an exception of its own. */
    static final class WrapsWhatMakesNoIterator extends BrokenRunner {
        WrapsWhatMakesNoIterator(Runner sound) {
            super(sound);
        }

        @Override
        public <I, R> Outcomes<I, R> mapOutcomes(
                Iterable<? extends I> inputs, TaskFunction<? super I, ? extends R> function, RunOptions options) {
            return super.mapOutcomes(() -> StageMutants.<I>orWrapped(inputs), function, options);
        }
    }

    @SuppressWarnings("unchecked") // an iterator only gives
    private static <I> Iterator<I> orWrapped(Iterable<? extends I> inputs) {
        try {
            return (Iterator<I>) inputs.iterator();
        } catch (RuntimeException e) {
            throw new IllegalStateException("no iterator", e);
        }
    }

    /** Takes one wrapper off a stage's failure, and leaves the wrappers under it. */
    static final class TakesOffOneWrapper extends BrokenRunner {
        TakesOffOneWrapper(Runner sound) {
            super(sound);
        }

        @Override
        public <I, R> Outcomes<I, R> mapOutcomes(
                Iterable<? extends I> inputs, TaskFunction<? super I, ? extends R> function, RunOptions options) {
            AtomicReference<@Nullable Throwable> under = new AtomicReference<>();
            TaskFunction<I, R> looking = changed(
                    function,
                    stage -> stage.whenComplete((value, failure) -> {
                        if (failure instanceof CompletionException
                                && failure.getCause() instanceof CompletionException) {
                            under.set(failure.getCause());
                        }
                    }));
            return new BrokenOutcomes<>(
                    super.mapOutcomes(inputs, looking, options),
                    outcomes -> failing(outcomes, failure -> {
                        Throwable wrapper = under.get();
                        return wrapper == null ? failure : wrapper;
                    }));
        }
    }

    /** Takes off a wrapper that the body itself has made, as if it were a stage's. */
    static final class TakesOffAllWrappers extends BrokenRunner {
        TakesOffAllWrappers(Runner sound) {
            super(sound);
        }

        @Override
        public <I, R> Outcomes<I, R> mapOutcomes(
                Iterable<? extends I> inputs, TaskFunction<? super I, ? extends R> function, RunOptions options) {
            return new BrokenOutcomes<>(
                    super.mapOutcomes(inputs, function, options), outcomes -> failing(outcomes, StageMutants::cause));
        }
    }

    private static Throwable cause(Throwable failure) {
        Throwable cause = failure.getCause();
        return failure instanceof ExecutionException && cause != null ? cause : failure;
    }

    /** Gives bodies the platform's class loader if their caller has the application's. */
    static final class HasThePlatformsLoader extends BrokenRunner {
        HasThePlatformsLoader(Runner sound) {
            super(sound);
        }

        @Override
        public <I, R> List<R> map(
                Iterable<? extends I> inputs, TaskFunction<? super I, ? extends R> function, RunOptions options)
                throws ExecutionException, InterruptedException, TimeoutException {
            return super.map(
                    inputs,
                    input -> {
                        Thread self = Thread.currentThread();
                        if (self.getContextClassLoader() == ClassLoader.getSystemClassLoader()) {
                            self.setContextClassLoader(ClassLoader.getPlatformClassLoader());
                        }
                        return function.apply(input);
                    },
                    options);
        }
    }

    /** Fails a task that returns no stage, and does not say why. */
    static final class SaysNothingOfNoStage extends BrokenRunner {
        SaysNothingOfNoStage(Runner sound) {
            super(sound);
        }

        @Override
        public <I, R> Outcomes<I, R> mapOutcomes(
                Iterable<? extends I> inputs, TaskFunction<? super I, ? extends R> function, RunOptions options) {
            TaskFunction<I, R> silent = changed(
                    function,
                    stage -> stage == null ? CompletableFuture.failedFuture(new NullPointerException()) : stage);
            return super.mapOutcomes(inputs, silent, options);
        }
    }

    /** Wraps a throwable that is neither an Exception nor an Error, as signatures do not allow it. */
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
        return failing(
                sound,
                thrown -> thrown instanceof Exception || thrown instanceof Error
                        ? thrown
                        : new ExecutionException(thrown));
    }

    /** Returns the same outcomes, with their exceptions replaced. */
    private static <I, R> Iterator<Outcome<I, R>> failing(
            Iterator<Outcome<I, R>> sound, UnaryOperator<Throwable> other) {
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return sound.hasNext();
            }

            @Override
            public Outcome<I, R> next() {
                Outcome<I, R> one = sound.next();
                Throwable thrown = one.exception();
                return thrown == null
                        ? one
                        : new Outcome<>(
                                one.index(),
                                one.input(),
                                one.state(),
                                null,
                                other.apply(thrown),
                                one.attempts(),
                                one.timing(),
                                one.worker());
            }
        };
    }

    /** Asks the retry test about a failure that it has wrapped. */
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

    /** Makes a future of each stage, although a stage may refuse. */
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
        public <I, R> List<R> map(
                Iterable<? extends I> inputs, TaskFunction<? super I, ? extends R> function, RunOptions options)
                throws ExecutionException, InterruptedException, TimeoutException {
            return super.map(inputs, StageMutants.<I, R>future(function), options);
        }
    }

    private static <I, R> TaskFunction<I, R> future(TaskFunction<? super I, ? extends R> function) {
        return changed(function, stage -> stage.toCompletableFuture());
    }

    @SuppressWarnings("unchecked") // a function only takes its input and gives its result
    private static <I, R> TaskFunction<I, R> changed(
            TaskFunction<? super I, ? extends R> function, UnaryOperator<CompletionStage<R>> change) {
        if (function instanceof AsyncFunction<?, ?>) {
            AsyncFunction<I, R> sound = (AsyncFunction<I, R>) function;
            return TaskFunction.async(input -> change.apply(sound.start(input)));
        }
        return (TaskFunction<I, R>) function;
    }
}
