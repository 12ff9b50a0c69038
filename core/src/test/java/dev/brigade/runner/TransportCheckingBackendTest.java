package dev.brigade.runner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.brigade.AsyncFunction;
import dev.brigade.Capability;
import dev.brigade.Outcome;
import dev.brigade.Outcomes;
import dev.brigade.RemoteTaskException;
import dev.brigade.RunOptions;
import dev.brigade.Runner;
import dev.brigade.Task;
import dev.brigade.TaskFunction;
import dev.brigade.TaskFuture;
import dev.brigade.spi.AttemptHandle;
import dev.brigade.spi.BatchSpec;
import dev.brigade.spi.ExecutionBackend;
import dev.brigade.spi.PreparedTask;
import dev.brigade.spi.Session;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.Serializable;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(30)
@SuppressWarnings({"serial", "UnusedVariable", "UnusedMethod"}) // fixtures that are wrong on purpose
class TransportCheckingBackendTest {
    private static final BatchSpec SPEC =
            new BatchSpec("test", 3, Optional.empty(), Map.of(), TransportCheckingBackendTest.class.getClassLoader());

    private static final class Wire {
        @Override
        public String toString() {
            return "wire";
        }
    }

    private record Order(@Nullable Object part) implements Serializable {}

    private static final class WiredException extends Exception {
        private final Wire wire = new Wire();

        WiredException(String message) {
            super(message);
        }
    }

    private static final class Unreadable implements Serializable {
        private void readObject(ObjectInputStream in) {
            throw new IllegalStateException("cannot be read");
        }
    }

    /** Records the calls that reach it, and runs nothing. */
    private static final class FakeBackend implements ExecutionBackend {
        final List<String> seen = new ArrayList<>();

        @Nullable
        TaskFunction<?, ?> function;

        @Override
        public Set<Capability> capabilities() {
            return Set.of(Capability.PARALLEL);
        }

        @Override
        public int maxConcurrency() {
            return 3;
        }

        @Override
        public boolean inline() {
            return true;
        }

        @Override
        public boolean queuesAhead() {
            return true;
        }

        @Override
        public void checkMayWait() {
            throw new IllegalStateException("must not wait");
        }

        @Override
        public <I, R> Session<I, R> open(TaskFunction<I, R> opened, BatchSpec spec) {
            function = opened;
            assertSame(SPEC, spec);
            return new Session<>() {
                @Override
                public int room() {
                    return 42;
                }

                @Override
                public PreparedTask<R> prepare(I input) {
                    seen.add("prepare " + input);
                    return attempt -> AttemptHandle.UNSTOPPABLE;
                }

                @Override
                public void flush() {
                    seen.add("flush");
                }

                @Override
                public void close() {
                    seen.add("close");
                }
            };
        }

        @Override
        public boolean close(Duration atMost) {
            seen.add("closed " + atMost);
            return false;
        }
    }

    private final FakeBackend fake = new FakeBackend();
    private final ExecutionBackend strict = new TransportCheckingBackend(fake);

    private static String text(Throwable failure) {
        return String.valueOf(failure.getMessage());
    }

    @Test
    void delegatesWhatItDoesNotCheck() throws Exception {
        assertEquals(fake.capabilities(), strict.capabilities());
        assertEquals(3, strict.maxConcurrency());
        assertTrue(strict.inline());
        assertTrue(strict.queuesAhead());
        assertThrows(IllegalStateException.class, strict::checkMayWait);
        TaskFunction<String, String> function = in -> in;
        try (Session<String, String> session = strict.open(function, SPEC)) {
            assertEquals(42, session.room());
            Objects.requireNonNull(session.prepare("a"));
            session.flush();
        }
        assertFalse(strict.close(Duration.ofSeconds(1)));
        assertEquals(List.of("prepare a", "flush", "close", "closed PT1S"), fake.seen);
    }

    /** A method of the interface that has a default is easily forgotten, and the default says that there is no such thing. */
    @Test
    void overridesEachMethodOfABackendAndOfASession() throws Exception {
        TaskFunction<String, String> function = in -> in;
        try (Session<String, String> session = strict.open(function, SPEC)) {
            assertEquals(List.of(), inherited(ExecutionBackend.class, strict));
            assertEquals(List.of(), inherited(Session.class, session));
        }
    }

    /** The methods of an interface that an object takes from the interface itself. */
    private static List<String> inherited(Class<?> type, Object object) throws NoSuchMethodException {
        List<String> names = new ArrayList<>();
        for (Method method : type.getMethods()) {
            Method own = object.getClass().getMethod(method.getName(), method.getParameterTypes());
            if (own.getDeclaringClass().isInterface()) {
                names.add(method.getName());
            }
        }
        return names;
    }

    @Test
    void refusesAFunctionThatCannotCrossAndOpensNothing() {
        Wire wire = new Wire();
        TaskFunction<Integer, String> function = in -> in + "" + wire;
        IllegalArgumentException refusal =
                assertThrows(IllegalArgumentException.class, () -> strict.open(function, SPEC));
        assertTrue(
                text(refusal)
                        .contains("captured argument 1 of the lambda in "
                                + getClass().getName()),
                text(refusal));
        assertEquals(null, fake.function);
    }

    @Test
    void refusesAnInputThatCannotCrossAndPreparesNothing() {
        TaskFunction<Object, Object> function = in -> in;
        Session<Object, Object> session = strict.open(function, SPEC);
        String written =
                text(assertThrows(IllegalArgumentException.class, () -> session.prepare(new Order(new Wire()))));
        assertTrue(written.contains("TransportCheckingBackendTest$Order.part (" + Wire.class.getName() + ")"), written);
        String read = text(assertThrows(IllegalArgumentException.class, () -> session.prepare(new Unreadable())));
        assertTrue(read.contains("cannot be read: java.lang.IllegalStateException"), read);
        assertEquals(List.of(), fake.seen);
    }

    @Test
    void keepsAsynchronousFunctionsAsynchronous() {
        Session<Integer, Integer> session =
                strict.open(TaskFunction.async((Integer in) -> CompletableFuture.completedFuture(in)), SPEC);
        session.close();
        assertInstanceOf(AsyncFunction.class, fake.function);
    }

    static Stream<Runner> runners() {
        return Stream.of(
                SequentialRunner.builder().strict(true).build(),
                ThreadRunner.builder().strict(true).build(),
                AsyncRunner.builder().strict(true).build());
    }

    private static <I, R> List<Outcome<I, R>> outcomes(Runner runner, List<I> inputs, TaskFunction<I, R> function) {
        List<Outcome<I, R>> all = new ArrayList<>();
        try (runner;
                Outcomes<I, R> outcomes = runner.mapOutcomes(inputs, function, RunOptions.defaults())) {
            outcomes.forEach(all::add);
        }
        all.sort(Comparator.comparingLong(Outcome::index));
        return all;
    }

    @ParameterizedTest
    @MethodSource("runners")
    void whatCanCrossIsTheSameObjectAsBefore(Runner runner) throws Exception {
        List<Integer> input = List.of(1, 2, 3);
        try (runner) {
            assertSame(input, runner.map(List.of(input), in -> in).get(0));
            assertEquals(Arrays.asList(1, null), runner.map(Arrays.asList(1, null), in -> in));
            assertEquals(6, runner.submit(() -> 6).get());
            assertEquals(
                    7,
                    runner.submit(Task.async(() -> CompletableFuture.completedFuture(7)))
                            .get());
        }
    }

    @ParameterizedTest
    @MethodSource("runners")
    void onlyTheInputThatCannotCrossFails(Runner runner) {
        List<Outcome<Object, String>> all = outcomes(runner, List.of(1, new Wire(), 3), String::valueOf);
        assertEquals("1", all.get(0).value());
        assertInstanceOf(IllegalArgumentException.class, all.get(1).exception());
        assertEquals("3", all.get(2).value());
    }

    @ParameterizedTest
    @MethodSource("runners")
    void aResultThatCannotCrossIsAFailureThatNamesTheField(Runner runner) {
        List<Outcome<Integer, Object>> all = outcomes(runner, List.of(1), in -> new Order(new Wire()));
        RemoteTaskException failure =
                assertInstanceOf(RemoteTaskException.class, all.get(0).exception());
        assertEquals(Order.class.getName(), failure.originalClassName());
        assertTrue(text(failure).contains("TransportCheckingBackendTest$Order.part"), text(failure));
    }

    @ParameterizedTest
    @MethodSource("runners")
    void aStagesResultIsCheckedToo(Runner runner) {
        List<Outcome<Integer, Object>> all = outcomes(runner, List.of(1, 2, 3), TaskFunction.async(in -> switch (in) {
            case 1 -> CompletableFuture.supplyAsync(Wire::new);
            case 2 -> CompletableFuture.failedFuture(new WiredException("boom"));
            default -> CompletableFuture.failedFuture(new IOException("plain"));
        }));
        assertInstanceOf(RemoteTaskException.class, all.get(0).exception());
        RemoteTaskException second =
                assertInstanceOf(RemoteTaskException.class, all.get(1).exception());
        assertEquals(WiredException.class.getName(), second.originalClassName());
        assertSame(
                IOException.class,
                Objects.requireNonNull(all.get(2).exception()).getClass());
    }

    @ParameterizedTest
    @MethodSource("runners")
    void anExceptionThatCanCrossIsTheOriginalAndAnotherIsDescribed(Runner runner) {
        IOException original = new IOException("plain");
        List<Outcome<Boolean, String>> all = outcomes(runner, List.of(true, false), in -> {
            throw in ? original : new WiredException("boom");
        });
        assertEquals("plain", text(Objects.requireNonNull(all.get(0).exception())));
        RemoteTaskException second =
                assertInstanceOf(RemoteTaskException.class, all.get(1).exception());
        assertTrue(text(second).startsWith(WiredException.class.getName() + ": boom ["), text(second));
    }

    @ParameterizedTest
    @MethodSource("runners")
    void aSubmittedTaskIsNamedWithoutTheEnginesWrapper(Runner runner) {
        Wire wire = new Wire();
        try (runner) {
            Task<String> task = () -> "" + wire;
            String text = text(assertThrows(IllegalArgumentException.class, () -> {
                TaskFuture<String> unexpected = runner.submit(task);
                unexpected.cancel(true);
            }));
            assertTrue(
                    text.startsWith(
                            "the lambda in " + getClass().getName()
                                    + ".aSubmittedTaskIsNamedWithoutTheEnginesWrapper cannot be transported: captured argument 1"),
                    text);
        }
    }

    @ParameterizedTest
    @MethodSource("runners")
    void aPlainBodyThatReturnsAStageIsToldToUseAsync(Runner runner) throws Exception {
        try (runner) {
            TaskFuture<Object> future = runner.submit(TransportCheckingBackendTest::stage);
            ExecutionException failure = assertThrows(ExecutionException.class, future::get);
            assertTrue(text(failure).contains("Task.async"), text(failure));
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // the mistake that is tested
    private static Object stage() {
        return CompletableFuture.completedFuture(1);
    }
}
