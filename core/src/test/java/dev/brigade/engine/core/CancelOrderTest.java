package dev.brigade.engine.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.brigade.Capability;
import dev.brigade.Outcomes;
import dev.brigade.RunOptions;
import dev.brigade.Runner;
import dev.brigade.TaskFunction;
import dev.brigade.engine.BackendRunner;
import dev.brigade.spi.BatchSpec;
import dev.brigade.spi.ExecutionBackend;
import dev.brigade.spi.Session;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests that a permit that a cancelled task frees starts no other task of the cancelled batch. */
@Timeout(60)
class CancelOrderTest {

    @Test
    void cancellingACallStartsNothingOfIt() throws Exception {
        EndOnStopBackend backend = new EndOnStopBackend();
        CountDownLatch pulled = new CountDownLatch(1);
        List<Integer> inputs = IntStream.range(0, 10).boxed().toList();
        // The eleventh hasNext comes when ten tasks are pulled, and blocks until the batch is cancelled.
        CountDownLatch cancelled = new CountDownLatch(1);
        RunOptions options = RunOptions.builder().buffer(20).build();
        try (Runner runner = new BackendRunner("stops", backend, Duration.ofSeconds(10))) {
            Outcomes<Integer, Integer> outcomes =
                    runner.mapOutcomes(() -> new HeldIterator(inputs.iterator(), pulled, cancelled), n -> n, options);
            Thread consumer = new Thread(() -> outcomes.forEach(one -> {}));
            consumer.start();
            assertTrue(pulled.await(20, TimeUnit.SECONDS));
            outcomes.cancel();
            cancelled.countDown();
            consumer.join();
        }
        assertEquals(1, backend.started.get());
    }

    private record HeldIterator(Iterator<Integer> inputs, CountDownLatch pulled, CountDownLatch cancelled)
            implements Iterator<Integer> {
        @Override
        public boolean hasNext() {
            if (inputs.hasNext()) {
                return true;
            }
            pulled.countDown();
            try {
                return !cancelled.await(20, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public Integer next() {
            return inputs.next();
        }
    }

    /** Runs no bodies: an attempt ends as soon as it is stopped, and never before. */
    private static final class EndOnStopBackend implements ExecutionBackend {
        private final AtomicInteger started = new AtomicInteger();

        @Override
        public Set<Capability> capabilities() {
            return Set.of(Capability.PARALLEL, Capability.SHARED_MEMORY);
        }

        @Override
        public int maxConcurrency() {
            return 1;
        }

        @Override
        public <I, R> Session<I, R> open(TaskFunction<I, R> function, BatchSpec spec) {
            return input -> attempt -> {
                started.incrementAndGet();
                attempt.started("body");
                return why -> attempt.ended(null, new CancellationException("stopped"));
            };
        }

        @Override
        public boolean close(Duration atMost) {
            return true;
        }
    }
}
