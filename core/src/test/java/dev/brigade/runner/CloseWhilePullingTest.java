package dev.brigade.runner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.brigade.Outcome;
import dev.brigade.Outcomes;
import dev.brigade.Runner;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests of a runner that closes while an input is being pulled, which may take any time. */
@Timeout(60)
class CloseWhilePullingTest {

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatWasDrainedIsHandedOutThoughAnInputCameTooLate(boolean inline) throws Exception {
        Duration closeTimeout = Duration.ofSeconds(20);
        Runner runner = inline
                ? SequentialRunner.builder().closeTimeout(closeTimeout).build()
                : ThreadRunner.builder()
                        .maxConcurrency(2)
                        .closeTimeout(closeTimeout)
                        .build();
        CountDownLatch pulling = new CountDownLatch(1);
        CountDownLatch closed = new CountDownLatch(1);
        Thread closer = new Thread(() -> closeWhile(pulling, runner, closed));
        closer.start();
        List<Integer> seen = new ArrayList<>();
        CancellationException thrown;
        try (Outcomes<Integer, Integer> outcomes = runner.mapOutcomes(() -> slow(pulling, closed), n -> n * 10)) {
            thrown = assertThrows(CancellationException.class, () -> {
                for (Outcome<Integer, Integer> one : outcomes) {
                    seen.add(one.get());
                }
            });
        }
        closer.join();
        assertInstanceOf(RejectedExecutionException.class, thrown.getCause());
        assertEquals(List.of(10), seen, "what was pulled before, and ran");
    }

    private static void closeWhile(CountDownLatch pulling, Runner runner, CountDownLatch closed) {
        awaitQuietly(pulling);
        runner.close();
        closed.countDown();
    }

    /** Returns the inputs 1, 2, 3 and so on; the second comes when the runner has closed. */
    private static Iterator<Integer> slow(CountDownLatch pulling, CountDownLatch closed) {
        return new Iterator<>() {
            private int last;

            @Override
            public boolean hasNext() {
                return true;
            }

            @Override
            public Integer next() {
                if (last == 1) {
                    pulling.countDown();
                    awaitQuietly(closed);
                }
                return ++last;
            }
        };
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            if (!latch.await(30, TimeUnit.SECONDS)) {
                throw new IllegalStateException("it did not come within 30 s");
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
