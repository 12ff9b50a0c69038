package dev.brigade.testkit;

import dev.brigade.AsyncFunction;
import dev.brigade.Task;
import dev.brigade.TaskAction;
import dev.brigade.TaskConsumer;
import dev.brigade.TaskContext;
import dev.brigade.TaskFunction;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;

/** The bodies of the tests. They can run in another process, and communicate through {@link FileLatches} alone. */
final class Work {
    /** The time that each concurrency probe looks for other bodies. */
    private static final Duration LOOK = Duration.ofMillis(20);

    private Work() {}

    private static void begin(FileLatches latches, Step step) {
        latches.raise("started");
        latches.raise("started-" + step.value());
    }

    private static int end(FileLatches latches, Step step) {
        latches.raise("ended-" + step.value());
        if (step.fails()) {
            throw new IllegalStateException("failed-" + step.value());
        }
        return step.value();
    }

    /** Waits for an interrupt, and swallows it; returns true if it came. */
    static boolean waitsAndSwallows(FileLatches latches) {
        try {
            latches.await("never");
            return false;
        } catch (InterruptedException e) {
            return true;
        }
    }

    /** Returns a stage that refuses to become a future, as a stage may. */
    @SuppressWarnings("unchecked") // the proxy does as the inner stage
    static <T> CompletionStage<T> withoutFuture(CompletableFuture<T> inner) {
        return (CompletionStage<T>) Proxy.newProxyInstance(
                Work.class.getClassLoader(), new Class<?>[] {CompletionStage.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("toCompletableFuture")) {
                        throw new UnsupportedOperationException("this stage is no future, on purpose");
                    }
                    return method.invoke(inner, arguments);
                });
    }

    /** A task, an action and a consumer at once; only the task has a result. */
    record SeveralForms() implements Task<String>, TaskAction, TaskConsumer<Integer> {
        @Override
        public String call() {
            return "called";
        }

        @Override
        public void run() {
            throw new IllegalStateException("run");
        }

        @Override
        public void accept(Integer input) {
            throw new IllegalStateException("accepted");
        }
    }

    /** Does its steps on its thread. */
    record Steps(FileLatches signals) implements TaskFunction<Step, Integer> {
        Steps {
            signals = signals.forBodies();
        }

        @Override
        public Integer apply(Step step) throws InterruptedException {
            begin(signals, step);
            if (step.stubborn()) {
                signals.awaitStubbornly(step.until());
            } else if (!step.until().isEmpty()) {
                try {
                    signals.await(step.until());
                } catch (InterruptedException e) {
                    signals.raise(
                            TaskContext.current().isCancelled()
                                    ? "cancelled-" + step.value()
                                    : "interrupted-" + step.value());
                    throw e;
                }
            }
            return end(signals, step);
        }
    }

    /** Does its steps as a chain of stages. */
    record AsyncSteps(FileLatches signals) implements AsyncFunction<Step, Integer> {
        AsyncSteps {
            signals = signals.forBodies();
        }

        @Override
        public CompletionStage<Integer> start(Step step) {
            begin(signals, step);
            if (step.until().isEmpty()) {
                return CompletableFuture.completedFuture(true).thenApply(raised -> end(signals, step));
            }
            CompletableFuture<Boolean> raised = signals.stage(step.until());
            if (!step.stubborn()) {
                Runnable unused = TaskContext.current().onCancel(() -> {
                    signals.raise("cancelled-" + step.value());
                    raised.cancel(false);
                });
            }
            return raised.thenApply(whether -> end(signals, step));
        }
    }

    /** Returns 42 as soon as it sees that it is cancelled, as if nothing had happened. */
    record UntilCancelled(FileLatches signals) implements TaskFunction<Integer, Integer> {
        @Override
        public Integer apply(Integer input) {
            signals.raise("started");
            while (!TaskContext.current().isCancelled() && !signals.isOver()) {
                try {
                    TimeUnit.MILLISECONDS.sleep(1);
                } catch (InterruptedException e) {
                    signals.raise("interrupted"); // the body ends when it sees its cancellation
                }
            }
            signals.raise("ended");
            return 42;
        }
    }

    /** Waits for an interrupt, and then takes its time to clean up. */
    record CleansUp(FileLatches signals) implements TaskFunction<Integer, Integer> {
        CleansUp {
            signals = signals.forBodies();
        }

        @Override
        public Integer apply(Integer input) throws InterruptedException {
            signals.raise("started");
            try {
                signals.await("never");
            } catch (InterruptedException e) {
                cleanUp();
                throw e;
            }
            return input;
        }

        private void cleanUp() {
            try {
                TimeUnit.MILLISECONDS.sleep(300);
                signals.raise("cleaned-up");
            } catch (InterruptedException e) {
                signals.raise("interrupted-twice");
            }
        }
    }

    /** Registers two cancel actions, of which the first throws, and waits for its end. */
    record ThrowingActions(FileLatches signals, ThrownKind kind) implements TaskFunction<Integer, Integer> {
        ThrowingActions {
            signals = signals.forBodies();
        }

        @Override
        public Integer apply(Integer input) throws InterruptedException {
            TaskContext context = TaskContext.current();
            Runnable unused = context.onCancel(() -> {
                throw kind.fire();
            });
            unused = context.onCancel(() -> signals.raise("told"));
            signals.raise("started");
            signals.await("never");
            return input;
        }
    }

    /** A stage that throws from each method that tells how it ends. */
    private static final class Speechless extends CompletableFuture<Integer> {
        private final ThrownKind kind;

        Speechless(ThrownKind kind) {
            this.kind = kind;
        }

        @Override
        public CompletableFuture<Integer> toCompletableFuture() {
            throw kind.fire();
        }

        @Override
        public CompletableFuture<Integer> whenComplete(BiConsumer<? super Integer, ? super Throwable> action) {
            throw kind.fire();
        }

        @Override
        public <U> CompletableFuture<U> handle(BiFunction<? super Integer, Throwable, ? extends U> action) {
            throw kind.fire();
        }
    }

    /** Starts a stage that throws from each method that tells how it ends. */
    record AsyncSpeechless(ThrownKind kind) implements AsyncFunction<Integer, Integer> {
        @Override
        public CompletionStage<Integer> start(Integer input) {
            return new Speechless(kind);
        }
    }

    /** Never ends. */
    record Endless(FileLatches signals) implements TaskFunction<Integer, Integer> {
        @Override
        @SuppressWarnings("InfiniteLoopStatement")
        public Integer apply(Integer input) {
            signals.raise("pid-" + ProcessHandle.current().pid());
            signals.raise("started");
            while (true) {
                Thread.onSpinWait();
            }
        }
    }

    /** Starts a stage that never completes. */
    record AsyncEndless(FileLatches signals) implements AsyncFunction<Integer, Integer> {
        @Override
        public CompletionStage<Integer> start(Integer input) {
            signals.raise("started");
            return new CompletableFuture<>();
        }
    }

    /** Returns true if more bodies than the limit run at once. Reads "out" after "in", so that it never counts too many. */
    private static boolean isCrowded(FileLatches latches, int limit) {
        int come = latches.count("in");
        return come - latches.count("out") > limit;
    }

    /** Looks for other bodies for a while; returns true if there are too many. */
    record ConcurrencyProbe(FileLatches signals, int limit) implements TaskFunction<Integer, Boolean> {
        @Override
        public Boolean apply(Integer input) throws InterruptedException {
            signals.raise("in");
            try {
                return signals.holdsWithin(LOOK, () -> isCrowded(signals, limit));
            } finally {
                signals.raise("out");
            }
        }
    }

    /** As {@link ConcurrencyProbe}, without holding a thread. */
    record AsyncConcurrencyProbe(FileLatches signals, int limit) implements AsyncFunction<Integer, Boolean> {
        @Override
        public CompletionStage<Boolean> start(Integer input) {
            signals.raise("in");
            return signals.stage(LOOK, () -> isCrowded(signals, limit))
                    .whenComplete((crowded, failure) -> signals.raise("out"));
        }
    }

    /** Fails until its third attempt, and raises {@code overlap} if two attempts run at once. */
    record ThirdTime(FileLatches signals) implements TaskFunction<Integer, Integer> {
        @Override
        public Integer apply(Integer input) {
            int attempt = TaskContext.current().attempt();
            signals.raise("in");
            signals.raise("attempt-" + attempt);
            if (isCrowded(signals, 1)) {
                signals.raise("overlap");
            }
            signals.raise("out");
            if (attempt < 3) {
                throw new IllegalStateException("attempt " + attempt);
            }
            return attempt;
        }
    }
}
