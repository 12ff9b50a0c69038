package dev.brigade.faults;

import static dev.brigade.faults.PoolUnderTest.WAIT_SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.brigade.RunOptions;
import dev.brigade.Runner;
import dev.brigade.Task;
import dev.brigade.WorkerLostException;
import dev.brigade.WorkerLostException.Reason;
import dev.brigade.runner.ProcessRunner;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalInt;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tests that a worker's end is told while the common pool, which belongs to the application, is busy. JDK 17 uses the pool only if it has
 * more than one thread; JDK 25 always does.
 */
@Timeout(value = 6 * WAIT_SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class CommonPoolTest {
    private static final int EXIT_CODE = 7;

    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"HALT", "EXIT", "LOOP", "CLOSE"})
    void aWorkersEndIsToldWhileTheCommonPoolIsBusy(String end) throws Exception {
        parent().run(BusyParent.class, end);
    }

    @Test
    void aWorkersEndIsToldToAParallelStreamThatWaitsForItsTasks() throws Exception {
        parent().run(StreamingParent.class);
    }

    private ParentJvm parent() throws Exception {
        return new ParentJvm(directory).options("-Djava.util.concurrent.ForkJoinPool.common.parallelism=3");
    }

    /** The ways in which a worker ends. */
    enum End {
        HALT,
        EXIT,
        LOOP,
        CLOSE
    }

    /** A parent that keeps all threads of its common pool waiting until it ends. */
    static final class BusyParent {
        private BusyParent() {}

        public static void main(String[] arguments) throws Exception {
            CountDownLatch forever = new CountDownLatch(1);
            CountDownLatch busy = new CountDownLatch(ForkJoinPool.getCommonPoolParallelism());
            for (int i = 0; i < ForkJoinPool.getCommonPoolParallelism(); i++) {
                ForkJoinPool.commonPool().execute(() -> {
                    busy.countDown();
                    awaitUninterruptibly(forever);
                });
            }
            assertTrue(busy.await(WAIT_SECONDS, TimeUnit.SECONDS), "the common pool is busy");
            try (Runner runner = ProcessRunner.of(2)) {
                check(runner, End.valueOf(arguments[0]));
                assertEquals(1, PoolUnderTest.get(runner.submit(() -> 1)));
            }
            System.exit(0);
        }

        private static void awaitUninterruptibly(CountDownLatch latch) {
            try {
                latch.await();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }

        private static void check(Runner runner, End end) {
            switch (end) {
                case HALT ->
                    assertExit(runner, () -> {
                        Runtime.getRuntime().halt(EXIT_CODE);
                        return 0;
                    });
                case EXIT ->
                    assertExit(runner, () -> {
                        System.exit(EXIT_CODE);
                        return 0;
                    });
                case LOOP -> {
                    RunOptions oneSecond = RunOptions.builder()
                            .taskTimeout(Duration.ofSeconds(1))
                            .build();
                    Throwable failure = PoolUnderTest.failureOf(runner.submit(FaultActions::spin, oneSecond));
                    assertInstanceOf(TimeoutException.class, failure);
                }
                case CLOSE -> {} // the close ends the workers that the next task starts
            }
        }

        private static void assertExit(Runner runner, Task<Integer> task) {
            WorkerLostException lost =
                    assertInstanceOf(WorkerLostException.class, PoolUnderTest.failureOf(runner.submit(task)));
            assertEquals(Reason.EXITED, lost.reason());
            assertEquals(OptionalInt.of(EXIT_CODE), lost.exitCode());
        }
    }

    /** A parent with a common pool that waits for the tasks; one of them ends its worker. */
    static final class StreamingParent {
        private StreamingParent() {}

        public static void main(String[] arguments) throws Exception {
            AtomicInteger lost = new AtomicInteger();
            try (Runner runner = ProcessRunner.of(2)) {
                int sum = IntStream.range(0, 40)
                        .parallel()
                        .map(n -> result(runner, n, lost))
                        .sum();
                assertEquals(40 * 39 / 2 - 17, sum);
            }
            assertEquals(1, lost.get());
        }

        private static int result(Runner runner, int n, AtomicInteger lost) {
            try {
                return PoolUnderTest.get(runner.submit(() -> {
                    if (n == 17) {
                        Runtime.getRuntime().halt(EXIT_CODE);
                    }
                    return n;
                }));
            } catch (ExecutionException e) {
                assertThrows(WorkerLostException.class, () -> {
                    throw e.getCause();
                });
                lost.incrementAndGet();
                return 0;
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        }
    }
}
