package dev.brigade.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.brigade.TaskFuture;
import dev.brigade.WorkerChannel;
import dev.brigade.engine.BackendRunner;
import dev.brigade.process.config.PoolSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

final class ProcessPoolTest {
    private static final int MORE_THAN_A_WORKER_IS_GIVEN = 30;

    private static PoolSettings settings() {
        return new PoolSettings(
                "broken",
                1,
                0,
                List.of(),
                Optional.empty(),
                Optional.empty(),
                Map.of(),
                Optional.empty(),
                Optional.empty(),
                0,
                0,
                Optional.empty(),
                Duration.ofSeconds(5),
                1 << 20,
                Optional.empty(),
                "",
                Duration.ofMinutes(1),
                1,
                WorkerChannel.AUTO,
                output -> {});
    }

    /** Tasks that the pool has not taken yet must fail as well, since nothing else would settle them. */
    @Test
    @Timeout(120)
    void aBrokenPoolFailsAllTasksThatItHasAndThatCome() throws Exception {
        ProcessPool pool = new ProcessPool(settings());
        OutOfMemoryError cause = new OutOfMemoryError("Java heap space");
        try (BackendRunner runner = new BackendRunner("broken", pool, Duration.ofSeconds(10))) {
            List<TaskFuture<Integer>> tasks = new ArrayList<>();
            for (int i = 0; i < MORE_THAN_A_WORKER_IS_GIVEN; i++) {
                tasks.add(runner.submit(() -> {
                    new CountDownLatch(1).await(); // until its worker is killed
                    return 1;
                }));
            }
            Awaitility.await()
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> !pool.processes().isEmpty());
            pool.breakDown(cause);
            for (TaskFuture<Integer> task : tasks) {
                assertEquals(cause, failureOf(task).getCause());
            }
            assertEquals(cause, failureOf(runner.submit(() -> 1)).getCause());
            Awaitility.await()
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> pool.processes().isEmpty());
        }
    }

    /** The progress file has a meaning of its own for 0 and -1. */
    @Test
    void numbersOfTasksStartAnewBeforeTheyWouldBeNegative() {
        assertEquals(2, ProcessPool.numberAfter(1));
        assertEquals(1, ProcessPool.numberAfter(Integer.MAX_VALUE));
    }

    private static Throwable failureOf(TaskFuture<Integer> task) {
        Throwable failure = assertThrows(ExecutionException.class, () -> task.get(30, TimeUnit.SECONDS))
                .getCause();
        assertTrue(String.valueOf(failure.getMessage()).contains("the pool is broken"), failure::toString);
        return failure;
    }
}
