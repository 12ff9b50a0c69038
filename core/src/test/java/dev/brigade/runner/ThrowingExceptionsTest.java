package dev.brigade.runner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.brigade.Outcome;
import dev.brigade.Outcome.State;
import dev.brigade.Outcomes;
import dev.brigade.RemoteTaskException;
import dev.brigade.Runner;
import dev.brigade.Task;
import dev.brigade.TaskFuture;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Tests that a task may fail with an exception that throws from its own methods, and then fails with no other. */
@Timeout(60)
class ThrowingExceptionsTest {

    /** An exception that throws when it is asked for anything. */
    static class Speechless extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private static IllegalStateException refusal() {
            return new IllegalStateException("an exception that tells nothing, on purpose");
        }

        @Override
        public String getMessage() {
            throw refusal();
        }

        @Override
        public String getLocalizedMessage() {
            throw refusal();
        }

        @Override
        @SuppressWarnings("UnsynchronizedOverridesSynchronized")
        public @Nullable Throwable getCause() {
            throw refusal();
        }

        @Override
        public StackTraceElement[] getStackTrace() {
            throw refusal();
        }

        @Override
        public String toString() {
            throw refusal();
        }
    }

    private record Named(String name, Supplier<Runner> make) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Named> runners() {
        return Stream.of(
                new Named("sequential", SequentialRunner::of),
                new Named("threads(1)", () -> ThreadRunner.of(1)),
                new Named("async", AsyncRunner::of),
                new Named("processes(1)", () -> ProcessRunner.of(1)));
    }

    private static int fails() {
        throw new Speechless();
    }

    private static void assertIsIt(ExecutionException thrown) {
        assertIsIt(thrown.getCause());
        assertTrue(thrown.getMessage().contains("Speechless"), thrown.getMessage());
    }

    private static void assertIsIt(@Nullable Throwable failure) {
        if (failure instanceof RemoteTaskException standIn) {
            assertEquals(Speechless.class.getName(), standIn.originalClassName());
        } else {
            assertInstanceOf(Speechless.class, failure);
        }
    }

    @ParameterizedTest
    @MethodSource("runners")
    void getThrowsItInsideAnExecutionException(Named named) throws Exception {
        try (Runner runner = named.make().get()) {
            Task<Integer> fails = ThrowingExceptionsTest::fails;
            TaskFuture<Integer> future = runner.submit(fails);
            assertIsIt(assertThrows(ExecutionException.class, future::get));
            assertIsIt(assertThrows(ExecutionException.class, () -> future.get(20, TimeUnit.SECONDS)));
            Outcome<Void, Integer> outcome = future.awaitOutcome();
            assertEquals(State.FAILED, outcome.state());
            assertIsIt(assertThrows(ExecutionException.class, outcome::get));
            assertIsIt(assertThrows(ExecutionException.class, () -> runner.map(List.of(1, 2), n -> fails())));
            assertIsIt(assertThrows(ExecutionException.class, () -> runner.<Integer>invokeAny(List.of(fails, fails))));
            assertEquals(1, runner.submit(() -> 1).get());
        }
    }

    @ParameterizedTest
    @MethodSource("runners")
    void whatDependsOnItsFutureIsToldOfIt(Named named) throws Exception {
        try (Runner runner = named.make().get()) {
            Task<Integer> fails = ThrowingExceptionsTest::fails;
            CompletableFuture<Integer> future = runner.submit(fails).toCompletableFuture();
            Throwable told = future.thenApply(n -> n + 1)
                    .handle((value, failure) -> failure)
                    .get(20, TimeUnit.SECONDS);
            Throwable inner = Objects.requireNonNull(told);
            while (inner instanceof CompletionException || inner instanceof ExecutionException) {
                inner = Objects.requireNonNull(inner.getCause());
            }
            assertIsIt(inner);
        }
    }

    @ParameterizedTest
    @MethodSource("runners")
    void aStageMayFailWithIt(Named named) throws Exception {
        try (Runner runner = named.make().get()) {
            Task<Integer> fails = Task.async(() -> CompletableFuture.<Integer>failedFuture(new Speechless()));
            TaskFuture<Integer> future = runner.submit(fails);
            assertThrows(ExecutionException.class, () -> future.get(20, TimeUnit.SECONDS));
            assertIsIt(future.awaitOutcome().exception());
        }
    }

    @Test
    void theExecutorViewThrowsItInsideAnExecutionException() throws Exception {
        try (Runner runner = ThreadRunner.of(1)) {
            Future<Integer> future = runner.asExecutorService().submit(ThrowingExceptionsTest::fails);
            ExecutionException thrown = assertThrows(ExecutionException.class, () -> future.get(20, TimeUnit.SECONDS));
            assertIsIt(assertInstanceOf(ExecutionException.class, thrown.getCause()));
        }
    }

    @Test
    void anIteratorsReachesTheConsumerItself() {
        Speechless mine = new Speechless();
        Iterable<Integer> inputs = () -> new Iterator<>() {
            @Override
            public boolean hasNext() {
                throw mine;
            }

            @Override
            public Integer next() {
                throw mine;
            }
        };
        try (Runner runner = ThreadRunner.of(1);
                Outcomes<Integer, Integer> outcomes = runner.mapOutcomes(inputs, n -> n)) {
            assertSame(
                    mine,
                    assertThrows(Speechless.class, () -> outcomes.iterator().hasNext()));
            assertSame(mine, assertThrows(Speechless.class, () -> runner.map(inputs, n -> n)));
        }
    }

    /** An exception that is its own cause. */
    private static final class Circular extends CompletionException {
        private static final long serialVersionUID = 1L;

        @Override
        @SuppressWarnings("UnsynchronizedOverridesSynchronized")
        public Throwable getCause() {
            return this;
        }
    }

    @Test
    void aFailureThatIsItsOwnCauseEndsItsTask() throws Exception {
        try (Runner runner = ThreadRunner.of(1)) {
            TaskFuture<Integer> future =
                    runner.submit(Task.async(() -> CompletableFuture.<Integer>failedFuture(new Circular())));
            assertThrows(ExecutionException.class, () -> future.get(20, TimeUnit.SECONDS));
        }
    }
}
