package dev.brigade.runner;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.brigade.RetryPolicy;
import dev.brigade.RunOptions;
import dev.brigade.Task;
import dev.brigade.TaskContext;
import dev.brigade.TaskFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A task is cancelled while its retry policy decides on another attempt: its body has ended by itself. */
@Timeout(60)
final class CancelBetweenAttemptsTest {
    @Test
    void noCancelActionRunsForABodyThatHasEnded() throws Exception {
        CountDownLatch deciding = new CountDownLatch(1);
        CountDownLatch cancelled = new CountDownLatch(1);
        AtomicBoolean ran = new AtomicBoolean();
        Task<Integer> fails = () -> {
            Runnable ignored = TaskContext.current().onCancel(() -> ran.set(true));
            throw new IllegalStateException("try again, on purpose");
        };
        RetryPolicy asks = RetryPolicy.builder()
                .maxAttempts(2)
                .retryIf(failure -> {
                    deciding.countDown();
                    return await(cancelled);
                })
                .build();
        try (ThreadRunner runner = ThreadRunner.of(2)) {
            TaskFuture<Integer> future =
                    runner.submit(fails, RunOptions.builder().retry(asks).build());
            assertTrue(await(deciding));
            assertTrue(future.cancel(true));
            cancelled.countDown();
            assertTrue(future.isCancelled());
        } // a close runs what callbacks are left
        assertFalse(ran.get());
    }

    private static boolean await(CountDownLatch latch) {
        try {
            return latch.await(20, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
