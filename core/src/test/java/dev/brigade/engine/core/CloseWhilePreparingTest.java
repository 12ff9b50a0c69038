package dev.brigade.engine.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.brigade.Capability;
import dev.brigade.Outcome;
import dev.brigade.Outcomes;
import dev.brigade.RunOptions;
import dev.brigade.TaskFunction;
import dev.brigade.engine.BackendRunner;
import dev.brigade.spi.Attempt;
import dev.brigade.spi.AttemptHandle;
import dev.brigade.spi.BatchSpec;
import dev.brigade.spi.ExecutionBackend;
import dev.brigade.spi.PreparedTask;
import dev.brigade.spi.Session;
import dev.brigade.spi.StopMode;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Another thread closes the outcomes of a batch while its consumer prepares an input. */
@Timeout(60)
final class CloseWhilePreparingTest {
    private final CountDownLatch pulling = new CountDownLatch(1);
    private final CountDownLatch stopping = new CountDownLatch(1);
    private final CountDownLatch preparing = new CountDownLatch(1);
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile boolean sessionClosed;
    private volatile boolean startedAfterClose;

    /**
     * The task 2 is pulled after the closing thread has cancelled what it found, and is prepared when the last body has ended and the
     * session is closed. A backend has forgotten the batch then; a process pool would take the start for a defect of its own.
     */
    @Test
    void nothingIsStartedOnceTheSessionIsClosed() throws Exception {
        try (BackendRunner runner = new BackendRunner("stub", new Stub(), Duration.ofSeconds(5))) {
            RunOptions two = RunOptions.builder().buffer(2).ordered(true).build();
            Iterable<Integer> inputs =
                    () -> Stream.of(0, 1, 2).peek(this::pulled).iterator();
            Outcomes<Integer, Integer> outcomes = runner.mapOutcomes(inputs, n -> n, two);
            Iterator<Outcome<Integer, Integer>> each = outcomes.iterator();
            FutureTask<Boolean> consumer = new FutureTask<>(() -> {
                assertEquals(0, each.next().value());
                return each.hasNext();
            });
            FutureTask<Boolean> closer = new FutureTask<>(() -> {
                await(pulling);
                outcomes.close();
                closed.countDown();
                return sessionClosed;
            });
            new Thread(consumer).start();
            new Thread(closer).start();
            assertTrue(closer.get(20, TimeUnit.SECONDS), "the session is closed");
            assertFalse(consumer.get(20, TimeUnit.SECONDS));
            assertFalse(startedAfterClose);
            assertEquals(List.of(0), runner.map(List.of(0), n -> n));
        }
    }

    private void pulled(int input) {
        if (input == 2) {
            pulling.countDown();
            await(stopping);
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            assertTrue(latch.await(20, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Answers 0 at once; 1 only when it is stopped; and prepares 2 while the batch is closed. */
    private final class Stub implements ExecutionBackend {
        @Override
        public Set<Capability> capabilities() {
            return Set.of(Capability.PARALLEL);
        }

        @Override
        public int maxConcurrency() {
            return 2;
        }

        @Override
        public <I, R> Session<I, R> open(TaskFunction<I, R> function, BatchSpec spec) {
            return new Session<>() {
                private boolean ended;

                @Override
                public PreparedTask<R> prepare(I input) {
                    if (input.equals(2)) {
                        preparing.countDown();
                        await(closed);
                    }
                    return attempt -> start(input, attempt);
                }

                @SuppressWarnings("unchecked") // the function is the identity
                private AttemptHandle start(I input, Attempt<R> attempt) {
                    startedAfterClose |= ended;
                    attempt.started("stub");
                    if (!input.equals(1)) {
                        attempt.ended((R) input, null);
                    }
                    return why -> stop(why, attempt);
                }

                private void stop(StopMode why, Attempt<R> attempt) {
                    stopping.countDown();
                    await(preparing);
                    attempt.ended(null, new InterruptedException(why.toString()));
                }

                @Override
                public void close() {
                    ended = true;
                    sessionClosed = true;
                }
            };
        }

        @Override
        public boolean close(Duration atMost) {
            return true;
        }
    }
}
