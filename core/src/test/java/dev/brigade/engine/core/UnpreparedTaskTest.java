package dev.brigade.engine.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.brigade.Capability;
import dev.brigade.Outcome;
import dev.brigade.Outcomes;
import dev.brigade.TaskFunction;
import dev.brigade.engine.BackendRunner;
import dev.brigade.spi.AttemptHandle;
import dev.brigade.spi.BatchSpec;
import dev.brigade.spi.ExecutionBackend;
import dev.brigade.spi.PreparedTask;
import dev.brigade.spi.Session;
import dev.brigade.spi.TaskBodies;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A backend that cannot prepare a task, whatever it throws, fails that task and nothing else. */
@Timeout(60)
final class UnpreparedTaskTest {
    static Stream<Supplier<Throwable>> causes() {
        return Stream.of(
                () -> new OutOfMemoryError("no room for the bytes, on purpose"),
                () -> new StackOverflowError("too deep, on purpose"),
                () -> new AssertionError("a writeObject that asserts, on purpose"),
                () -> new NoClassDefFoundError("on/purpose"),
                () -> new IOException("on purpose"));
    }

    @ParameterizedTest
    @MethodSource("causes")
    void aSubmittedTaskFails(Supplier<Throwable> cause) throws Exception {
        try (BackendRunner runner = runner(new RefusesOdd(cause, true))) {
            ExecutionException failure = assertThrows(
                    ExecutionException.class, () -> runner.submit(() -> 1).get(20, TimeUnit.SECONDS));
            assertInstanceOf(cause.get().getClass(), failure.getCause());
            assertTrue(closesAtOnce(runner));
        }
    }

    @ParameterizedTest
    @MethodSource("causes")
    void aTaskOfABatchFailsAlone(Supplier<Throwable> cause) throws Exception {
        try (BackendRunner runner = runner(new RefusesOdd(cause, false))) {
            String[] states = new String[5];
            try (Outcomes<Integer, Integer> outcomes = runner.mapOutcomes(List.of(0, 1, 2, 3, 4), n -> 10 * n)) {
                for (Outcome<Integer, Integer> outcome : outcomes) {
                    Throwable failure = outcome.exception();
                    states[outcome.input()] = failure == null
                            ? "" + outcome.value()
                            : failure.getClass().getSimpleName();
                }
            }
            String named = cause.get().getClass().getSimpleName();
            assertEquals(List.of("0", named, "20", named, "40"), Arrays.asList(states));
            assertTrue(closesAtOnce(runner));
        }
    }

    private static BackendRunner runner(ExecutionBackend backend) {
        return new BackendRunner("refuses", backend, Duration.ofSeconds(40));
    }

    /** Returns true if nothing of the refused tasks is left for which a close would wait. */
    private static boolean closesAtOnce(BackendRunner runner) {
        long beganNanos = System.nanoTime();
        runner.close();
        return System.nanoTime() - beganNanos < TimeUnit.SECONDS.toNanos(30);
    }

    /** Throws when it prepares an odd number, or any input if {@code all}. */
    private record RefusesOdd(Supplier<Throwable> cause, boolean all) implements ExecutionBackend {
        @Override
        public Set<Capability> capabilities() {
            return Set.of(Capability.PARALLEL, Capability.SHARED_MEMORY);
        }

        @Override
        public int maxConcurrency() {
            return 4;
        }

        @Override
        public <I, R> Session<I, R> open(TaskFunction<I, R> function, BatchSpec spec) {
            return new Session<>() {
                @Override
                public PreparedTask<R> prepare(I input) throws Exception {
                    if (all || (input instanceof Integer number && number % 2 == 1)) {
                        RefusesOdd.<Error>doThrow(cause.get());
                    }
                    return attempt -> {
                        new Thread(() -> TaskBodies.runBlocking(attempt, "test", function, input)).start();
                        return AttemptHandle.UNSTOPPABLE;
                    };
                }
            };
        }

        @SuppressWarnings("unchecked") // the compiler then asks for no declaration of a checked exception
        private static <T extends Throwable> void doThrow(Throwable any) throws T {
            throw (T) any;
        }

        @Override
        public boolean close(Duration atMost) {
            return true;
        }
    }
}
