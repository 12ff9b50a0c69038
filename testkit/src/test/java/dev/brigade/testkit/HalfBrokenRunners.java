package dev.brigade.testkit;

import dev.brigade.Outcome;
import dev.brigade.Outcome.State;
import dev.brigade.Outcomes;
import dev.brigade.RunOptions;
import dev.brigade.Runner;
import dev.brigade.Task;
import dev.brigade.TaskFunction;
import dev.brigade.TaskFuture;
import dev.brigade.TaskTimeoutException;
import dev.brigade.Timing;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RunnableFuture;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Runners that keep one half of a rule, and break the other. */
final class HalfBrokenRunners {
    private HalfBrokenRunners() {}

    /** Throws the input's exception only after the running tasks have ended by themselves. */
    static final class JoinsWhereTheInputThrows extends BrokenRunner {
        JoinsWhereTheInputThrows(Runner sound) {
            super(sound);
        }

        @Override
        public <I, R> List<R> map(
                Iterable<? extends I> inputs, TaskFunction<? super I, ? extends R> function, RunOptions options)
                throws ExecutionException, InterruptedException, TimeoutException {
            AtomicReference<@Nullable RuntimeException> thrown = new AtomicReference<>();
            List<R> results = super.map(() -> quiet(inputs.iterator(), thrown), function, options);
            RuntimeException failure = thrown.get();
            if (failure != null) {
                throw failure;
            }
            return results;
        }

        private static <I> Iterator<I> quiet(
                Iterator<? extends I> inputs, AtomicReference<@Nullable RuntimeException> thrown) {
            return new Iterator<>() {
                @Override
                public boolean hasNext() {
                    try {
                        return inputs.hasNext();
                    } catch (RuntimeException e) {
                        thrown.set(e);
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

    /** Suppresses all failures that it knows of, not only the first sixteen. */
    static final class SuppressesAll extends BrokenRunner {
        SuppressesAll(Runner sound) {
            super(sound);
        }

        @Override
        public <I, R> List<R> map(
                Iterable<? extends I> inputs, TaskFunction<? super I, ? extends R> function, RunOptions options)
                throws ExecutionException, InterruptedException, TimeoutException {
            Queue<Exception> failures = new ConcurrentLinkedQueue<>();
            try {
                return super.map(inputs, input -> noting(failures, function, input), options);
            } catch (ExecutionException e) {
                ExecutionException full = new ExecutionException(e.getCause());
                failures.stream().filter(other -> other != e.getCause()).forEach(full::addSuppressed);
                throw full;
            }
        }

        private static <I, R> R noting(
                Queue<Exception> failures, TaskFunction<? super I, ? extends R> function, I input) throws Exception {
            try {
                return function.apply(input);
            } catch (Exception e) {
                failures.add(e);
                throw e;
            }
        }
    }

    /** Interrupts its consumer when a body has left its own thread interrupted. */
    static final class LeaksInterrupts extends BrokenRunner {
        LeaksInterrupts(Runner sound) {
            super(sound);
        }

        @Override
        public <I, R> Outcomes<I, R> mapOutcomes(
                Iterable<? extends I> inputs, TaskFunction<? super I, ? extends R> function, RunOptions options) {
            AtomicBoolean left = new AtomicBoolean();
            TaskFunction<I, R> looking = input -> {
                R result = function.apply(input);
                left.set(Thread.currentThread().isInterrupted());
                return result;
            };
            return afterEach(super.mapOutcomes(inputs, looking, options), () -> {
                if (left.get()) {
                    Thread.currentThread().interrupt();
                }
            });
        }
    }

    /** Clears its consumer's interrupt, even if the engine did not send it. */
    static final class SwallowsInterrupts extends BrokenRunner {
        SwallowsInterrupts(Runner sound) {
            super(sound);
        }

        @Override
        public <I, R> Outcomes<I, R> mapOutcomes(
                Iterable<? extends I> inputs, TaskFunction<? super I, ? extends R> function, RunOptions options) {
            return afterEach(super.mapOutcomes(inputs, function, options), () -> {
                boolean ignored = Thread.interrupted();
            });
        }
    }

    private static <I, R> Outcomes<I, R> afterEach(Outcomes<I, R> sound, Runnable fault) {
        return new BrokenOutcomes<>(sound, outcomes -> afterEach(outcomes, fault));
    }

    private static <I, R> Iterator<Outcome<I, R>> afterEach(Iterator<Outcome<I, R>> sound, Runnable fault) {
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return sound.hasNext();
            }

            @Override
            public Outcome<I, R> next() {
                try {
                    return sound.next();
                } finally {
                    fault.run();
                }
            }
        };
    }

    /** Runs submitted tasks on the submitting thread, and clears an interrupt of that thread meanwhile. */
    static final class SwallowsAroundNested extends BrokenRunner {
        SwallowsAroundNested(Runner sound) {
            super(sound);
        }

        @Override
        public <T> TaskFuture<T> submit(Task<T> task, RunOptions options) {
            try {
                T value = task.call();
                boolean ignored = Thread.interrupted();
                return super.submit(() -> value, options);
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** Clears an interrupt that its caller had before the task, as if the task had left it. */
    static final class SwallowsTheSubmittersInterrupt extends BrokenRunner {
        SwallowsTheSubmittersInterrupt(Runner sound) {
            super(sound);
        }

        @Override
        public <T> TaskFuture<T> submit(Task<T> task, RunOptions options) {
            boolean before = Thread.currentThread().isInterrupted();
            TaskFuture<T> future = super.submit(task, options);
            boolean ignored = before && Thread.interrupted();
            return future;
        }
    }

    /** Its executor's futures are done when they are cancelled, but their {@code get} waits for their bodies. */
    static final class WaitsForCancelledCommands extends BrokenRunner {
        WaitsForCancelledCommands(Runner sound) {
            super(sound);
        }

        @Override
        public ExecutorService asExecutorService() {
            return new ThreadPoolExecutor(
                    2, 2, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), ContractFixture::daemon) {
                @Override
                protected <T> RunnableFuture<T> newTaskFor(Callable<T> callable) {
                    return new Sluggish<>(callable);
                }
            };
        }

        private static final class Sluggish<T> extends FutureTask<T> {
            private final CountDownLatch ended = new CountDownLatch(1);

            Sluggish(Callable<T> callable) {
                super(callable);
            }

            @Override
            public void run() {
                super.run();
                ended.countDown();
            }

            @Override
            public T get() throws InterruptedException, ExecutionException {
                ended.await();
                return super.get();
            }
        }
    }

    /** Does not wait if its closer is interrupted. */
    static final class ClosesInPassing extends BrokenRunner {
        ClosesInPassing(Runner sound) {
            super(sound);
        }

        @Override
        public void close() {
            if (Thread.currentThread().isInterrupted()) {
                ContractFixture.daemon(super::closeNow).start();
            } else {
                super.close();
            }
        }
    }

    /** Ignores the options of {@code submit}. */
    static final class ForgetsSubmitsOptions extends BrokenRunner {
        ForgetsSubmitsOptions(Runner sound) {
            super(sound);
        }

        @Override
        public <T> TaskFuture<T> submit(Task<T> task, RunOptions options) {
            return super.submit(task, RunOptions.defaults());
        }
    }

    /** Reports a time-out soon after the deadline, though the body lives on until it is ended by force. */
    static final class ReportsBeforeTheDeath extends BrokenRunner {
        private static final Duration UNTIL_IT_HAS_BEGUN = Duration.ofMillis(100);

        ReportsBeforeTheDeath(Runner sound) {
            super(sound);
        }

        @Override
        public <I, R> Outcomes<I, R> mapOutcomes(
                Iterable<? extends I> inputs, TaskFunction<? super I, ? extends R> function, RunOptions options) {
            Outcomes<I, R> outcomes = super.mapOutcomes(inputs, function, options);
            return options.taskTimeout()
                    .<Outcomes<I, R>>map(time -> new BrokenOutcomes<>(
                            outcomes, sound -> early(sound, inputs.iterator().next(), time.plus(UNTIL_IT_HAS_BEGUN))))
                    .orElse(outcomes);
        }

        /** Returns the first outcome, or a time-out if that takes longer than {@code time}. */
        private static <I, R> Iterator<Outcome<I, R>> early(Iterator<Outcome<I, R>> sound, I input, Duration time) {
            CompletableFuture<Outcome<I, R>> first = new CompletableFuture<>();
            long beginNanos = System.nanoTime();
            ContractFixture.daemon(() -> first.complete(sound.next())).start();
            Outcome<I, R> one = first.completeOnTimeout(
                            late(input, beginNanos, time), time.toNanos(), TimeUnit.NANOSECONDS)
                    .join();
            return List.of(one).iterator();
        }

        private static <I, R> Outcome<I, R> late(I input, long beginNanos, Duration time) {
            Timing timing = new Timing(beginNanos, beginNanos, beginNanos + time.toNanos());
            TaskTimeoutException why = new TaskTimeoutException("late by now");
            return new Outcome<>(0, input, State.TIMED_OUT, null, why, 1, timing, "early");
        }
    }

    /** Fails the tasks of a caller whose context cannot be bound. */
    static final class FailsWhereAPropagatorThrows extends BrokenRunner {
        FailsWhereAPropagatorThrows(Runner sound) {
            super(sound);
        }

        @Override
        public <I, R> List<R> map(
                Iterable<? extends I> inputs, TaskFunction<? super I, ? extends R> function, RunOptions options)
                throws ExecutionException, InterruptedException, TimeoutException {
            String carried = CarriedContext.get();
            for (ThrownKind kind : ThrownKind.values()) {
                if (kind.name().equals(carried)) {
                    throw new ExecutionException(new IllegalStateException(carried));
                }
            }
            return super.map(inputs, function, options);
        }
    }

    /** Waits for ever for a stage that cannot tell how it ends. */
    static final class WaitsForever extends BrokenRunner {
        WaitsForever(Runner sound) {
            super(sound);
        }

        @Override
        public <I, R> Outcomes<I, R> mapOutcomes(
                Iterable<? extends I> inputs, TaskFunction<? super I, ? extends R> function, RunOptions options) {
            if (function instanceof Work.AsyncSpeechless) {
                TaskFunction<I, R> endless = TaskFunction.async(input -> new CompletableFuture<>());
                return super.mapOutcomes(inputs, endless, options);
            }
            return super.mapOutcomes(inputs, function, options);
        }
    }

    /** Passes on the checked exceptions of its listener, and loses the outcome that it was about. */
    static final class LetsItsListenerThrow extends BrokenRunner {
        LetsItsListenerThrow(Runner sound) {
            super(sound);
        }

        @Override
        public <I, R> Outcomes<I, R> mapOutcomes(
                Iterable<? extends I> inputs, TaskFunction<? super I, ? extends R> function, RunOptions options) {
            AtomicReference<@Nullable Exception> thrown = new AtomicReference<>();
            RunOptions.Builder noting = options.toBuilder();
            options.onProgress()
                    .ifPresent(listener -> noting.onProgress(progress -> {
                        try {
                            listener.accept(progress);
                        } catch (Exception e) {
                            thrown.set(e);
                        }
                    }));
            return afterEach(super.mapOutcomes(inputs, function, noting.build()), () -> {
                if (thrown.getAndSet(null) instanceof java.io.IOException e) {
                    throw new IllegalStateException(e);
                }
            });
        }
    }
}
