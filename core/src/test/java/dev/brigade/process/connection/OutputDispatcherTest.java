package dev.brigade.process.connection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.brigade.WorkerOutput;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Tests of an output dispatcher that lacks a thread or a class for its listener. */
final class OutputDispatcherTest {
    private static final Duration WAIT = Duration.ofSeconds(30);

    private final List<String> heard = new ArrayList<>();
    private int starts;

    static Stream<Throwable> shortages() {
        return Stream.of(
                new OutOfMemoryError("unable to create native thread"),
                new RejectedExecutionException("no thread"),
                new NoClassDefFoundError("what it takes to start a thread"));
    }

    private Executor failingFirst(Throwable shortage) {
        return action -> {
            if (starts++ == 0) {
                throwAny(shortage);
            }
            action.run();
        };
    }

    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    private static <T extends Throwable> void throwAny(Throwable any) throws T {
        throw (T) any;
    }

    @ParameterizedTest
    @MethodSource("shortages")
    void aLineThatCouldNotBeDeliveredComesWithTheNext(Throwable shortage) {
        OutputDispatcher dispatcher = new OutputDispatcher(output -> heard.add(output.line()), failingFirst(shortage));
        dispatcher.offer(new WorkerOutput("one", "worker-1", ""));
        dispatcher.put(new WorkerOutput("two", "worker-1", ""));
        assertEquals(List.of("one", "two"), heard);
    }

    @Test
    void nobodyWaitsForLinesThatCannotBeDelivered() {
        OutputDispatcher dispatcher = new OutputDispatcher(
                output -> heard.add(output.line()), failingFirst(new NoClassDefFoundError("what it takes")));
        dispatcher.offer(new WorkerOutput("one", "worker-1", ""));
        long untilNanos = System.nanoTime() + TimeUnit.HOURS.toNanos(1);
        assertTimeoutPreemptively(WAIT, () -> dispatcher.awaitEmpty(untilNanos));
    }

    /** A listener that closes its own pool would otherwise wait for itself. */
    @Test
    void aListenerIsNotWaitedForOnItsOwnThread() {
        OutputDispatcher[] own = new OutputDispatcher[1];
        long untilNanos = System.nanoTime() + TimeUnit.HOURS.toNanos(1);
        own[0] = new OutputDispatcher(
                output -> {
                    try {
                        own[0].awaitEmpty(untilNanos);
                    } catch (InterruptedException e) {
                        return; // the test's time is up
                    }
                    heard.add(output.line());
                },
                Runnable::run);
        assertTimeoutPreemptively(WAIT, () -> own[0].offer(new WorkerOutput("one", "worker-1", "")));
        assertEquals(List.of("one"), heard);
    }
}
