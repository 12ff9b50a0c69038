package dev.brigade.testkit;

import dev.brigade.Outcome;
import dev.brigade.Outcomes;
import dev.brigade.RetryPolicy;
import dev.brigade.RunOptions;
import dev.brigade.Runner;
import dev.brigade.Task;
import dev.brigade.TaskFunction;
import dev.brigade.TaskFuture;
import java.lang.invoke.SerializedLambda;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** Runners with one fault each. */
final class MutantRunners {
    private MutantRunners() {}

    static final class Reverses extends BrokenRunner {
        Reverses(Runner sound) {
            super(sound);
        }

        @Override
        public <I, R> List<R> map(
                Iterable<? extends I> inputs, TaskFunction<? super I, ? extends R> function, RunOptions options)
                throws ExecutionException, InterruptedException, TimeoutException {
            List<R> results = super.map(inputs, function, options);
            Collections.reverse(results);
            return results;
        }
    }

    /** Takes functions that differ in their types alone for the first of them, as the compilers' own readers of lambdas do. */
    static final class ConfusesReferences extends BrokenRunner {
        private final ConcurrentHashMap<String, Object> known = new ConcurrentHashMap<>();

        ConfusesReferences(Runner sound) {
            super(sound);
        }

        @Override
        @SuppressWarnings("unchecked") // the fault
        public <I, R> List<R> map(
                Iterable<? extends I> inputs, TaskFunction<? super I, ? extends R> function, RunOptions options)
                throws ExecutionException, InterruptedException, TimeoutException {
            Object first = known.computeIfAbsent(methodOf(function), name -> function);
            return super.map(inputs, (TaskFunction<I, R>) first, options);
        }

        private static String methodOf(Object lambda) {
            try {
                Method writeReplace = lambda.getClass().getDeclaredMethod("writeReplace");
                writeReplace.setAccessible(true);
                SerializedLambda form = (SerializedLambda) writeReplace.invoke(lambda);
                return form.getImplClass() + "::" + form.getImplMethodName();
            } catch (ReflectiveOperationException e) {
                return lambda.getClass().getName();
            }
        }
    }

    static final class PullsEagerly extends BrokenRunner {
        private static final int ENOUGH_TO_BE_SEEN = 50_000;

        PullsEagerly(Runner sound) {
            super(sound);
        }

        @Override
        public <I, R> Outcomes<I, R> mapOutcomes(
                Iterable<? extends I> inputs, TaskFunction<? super I, ? extends R> function, RunOptions options) {
            List<I> all = new ArrayList<>();
            for (I input : inputs) {
                all.add(input);
                if (all.size() == ENOUGH_TO_BE_SEEN) {
                    break;
                }
            }
            return super.mapOutcomes(all, function, options);
        }
    }

    static final class EndsWhereTheInputThrows extends BrokenRunner {
        EndsWhereTheInputThrows(Runner sound) {
            super(sound);
        }

        @Override
        public <I, R> Outcomes<I, R> mapOutcomes(
                Iterable<? extends I> inputs, TaskFunction<? super I, ? extends R> function, RunOptions options) {
            return super.mapOutcomes(
                    () -> MutantRunners.EndsWhereTheInputThrows.<I>quiet(inputs.iterator()), function, options);
        }

        private static <I> Iterator<I> quiet(Iterator<? extends I> inputs) {
            return new Iterator<>() {
                @Override
                public boolean hasNext() {
                    try {
                        return inputs.hasNext();
                    } catch (RuntimeException swallowed) {
                        return false;
                    }
                }

                @Override
                public I next() {
                    return inputs.next();
                }
            };
        }
    }

    static final class Joins extends BrokenRunner {
        Joins(Runner sound) {
            super(sound);
        }

        @Override
        public <I, R> List<R> map(
                Iterable<? extends I> inputs, TaskFunction<? super I, ? extends R> function, RunOptions options)
                throws ExecutionException {
            List<@Nullable R> results = new ArrayList<>();
            Outcomes<I, R> outcomes = mapOutcomes(
                    inputs, function, options.toBuilder().ordered(true).build());
            for (Outcome<I, R> one : ContractFixture.all(outcomes)) {
                results.add(one.get());
            }
            return results;
        }
    }

    static final class CancelsInNameOnly extends BrokenRunner {
        CancelsInNameOnly(Runner sound) {
            super(sound);
        }

        @Override
        public <T> TaskFuture<T> submit(Task<T> task, RunOptions options) {
            return new Unmoved<>(super.submit(task, options));
        }

        private record Unmoved<T>(TaskFuture<T> sound) implements TaskFuture<T> {
            @Override
            public T resultNow() {
                return sound.resultNow();
            }

            @Override
            public Throwable exceptionNow() {
                return sound.exceptionNow();
            }

            @Override
            public Outcome<Void, T> awaitOutcome() throws InterruptedException {
                return sound.awaitOutcome();
            }

            @Override
            public CompletableFuture<T> toCompletableFuture() {
                return sound.toCompletableFuture().copy();
            }

            @Override
            public boolean cancel(boolean mayInterruptIfRunning) {
                return true;
            }

            @Override
            public boolean isCancelled() {
                return true;
            }

            @Override
            public boolean isDone() {
                return sound.isDone();
            }

            @Override
            public T get() throws InterruptedException, ExecutionException {
                return sound.get();
            }

            @Override
            public T get(long timeout, TimeUnit unit)
                    throws InterruptedException, ExecutionException, TimeoutException {
                return sound.get(timeout, unit);
            }
        }
    }

    /** Its executor view is a pool of its own, as wide as the limit. */
    static final class HasAPlainPool extends BrokenRunner {
        HasAPlainPool(Runner sound) {
            super(sound);
        }

        @Override
        public ExecutorService asExecutorService() {
            return Executors.newFixedThreadPool(maxConcurrency(), ContractFixture::daemon);
        }
    }

    /** Wakes only one of several threads that wait for a running task. */
    static final class WakesOne extends BrokenRunner {
        WakesOne(Runner sound) {
            super(sound);
        }

        @Override
        public <T> TaskFuture<T> submit(Task<T> task, RunOptions options) {
            return new OnePermit<>(super.submit(task, options), new AtomicBoolean());
        }

        private record OnePermit<T>(TaskFuture<T> sound, AtomicBoolean taken) implements TaskFuture<T> {
            @Override
            public T resultNow() {
                return sound.resultNow();
            }

            @Override
            public Throwable exceptionNow() {
                return sound.exceptionNow();
            }

            @Override
            public Outcome<Void, T> awaitOutcome() throws InterruptedException {
                boolean waits = !sound.isDone();
                Outcome<Void, T> outcome = sound.awaitOutcome();
                while (waits && !taken.compareAndSet(false, true)) {
                    TimeUnit.DAYS.sleep(1);
                }
                return outcome;
            }

            @Override
            public CompletableFuture<T> toCompletableFuture() {
                return sound.toCompletableFuture();
            }

            @Override
            public boolean cancel(boolean mayInterruptIfRunning) {
                return sound.cancel(mayInterruptIfRunning);
            }

            @Override
            public boolean isCancelled() {
                return sound.isCancelled();
            }

            @Override
            public boolean isDone() {
                return sound.isDone();
            }

            @Override
            public T get() throws InterruptedException, ExecutionException {
                return awaitOutcome().get();
            }

            @Override
            public T get(long timeout, TimeUnit unit)
                    throws InterruptedException, ExecutionException, TimeoutException {
                return sound.get(timeout, unit);
            }
        }
    }

    static final class RetriesInside extends BrokenRunner {
        RetriesInside(Runner sound) {
            super(sound);
        }

        @Override
        public <I, R> Outcomes<I, R> mapOutcomes(
                Iterable<? extends I> inputs, TaskFunction<? super I, ? extends R> function, RunOptions options) {
            RetryPolicy policy = options.retry();
            return super.mapOutcomes(
                    inputs,
                    input -> again(function, input, policy),
                    options.toBuilder().retry(RetryPolicy.none()).build());
        }

        private static <I, R> R again(TaskFunction<? super I, ? extends R> function, I input, RetryPolicy policy)
                throws Exception {
            for (int attempt = 1; ; attempt++) {
                try {
                    return function.apply(input);
                } catch (RuntimeException e) {
                    if (!policy.retries(attempt, e)) {
                        throw e;
                    }
                    TimeUnit.NANOSECONDS.sleep(policy.delayAfter(attempt).toNanos());
                }
            }
        }
    }

    static final class DoesNotClose extends BrokenRunner {
        private final AtomicBoolean closed = new AtomicBoolean();

        DoesNotClose(Runner sound) {
            super(sound);
        }

        @Override
        public <I, R> Outcomes<I, R> mapOutcomes(
                Iterable<? extends I> inputs, TaskFunction<? super I, ? extends R> function, RunOptions options) {
            if (closed.get()) {
                throw new RejectedExecutionException("closed");
            }
            return super.mapOutcomes(inputs, function, options);
        }

        @Override
        public void close() {
            closed.set(true);
        }

        @Override
        public void closeNow() {
            closed.set(true);
        }
    }

    static final class ClosesOnce extends BrokenRunner {
        private final AtomicBoolean closed = new AtomicBoolean();

        ClosesOnce(Runner sound) {
            super(sound);
        }

        @Override
        public void close() {
            if (closed.getAndSet(true)) {
                throw new IllegalStateException("closed before");
            }
            super.close();
        }
    }

    static final class SendsStaleObjects extends BrokenRunner {
        SendsStaleObjects(Runner sound) {
            super(sound);
        }

        @Override
        public <I, R> Outcomes<I, R> mapOutcomes(
                Iterable<? extends I> inputs, TaskFunction<? super I, ? extends R> function, RunOptions options) {
            // As an object stream does if several messages share it: it does not send a known object again.
            IdentityHashMap<I, I> sent = new IdentityHashMap<>();
            return super.mapOutcomes(inputs, input -> function.apply(first(sent, input)), options);
        }

        @SuppressWarnings("unchecked") // an array's clone is of its type
        private static <I> I first(IdentityHashMap<I, I> sent, I input) {
            synchronized (sent) {
                return sent.computeIfAbsent(input, known -> known instanceof int[] array ? (I) array.clone() : known);
            }
        }
    }
}
