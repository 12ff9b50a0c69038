package dev.brigade.runner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.brigade.Outcome;
import dev.brigade.Outcomes;
import dev.brigade.Progress;
import dev.brigade.RetryPolicy;
import dev.brigade.RunOptions;
import dev.brigade.Runner;
import dev.brigade.Task;
import dev.brigade.TaskContext;
import dev.brigade.TaskFuture;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests that null and extreme arguments of the public methods are refused at once, or taken literally. */
@Timeout(30)
class InputChecksTest {

    @Test
    @SuppressWarnings({"NullAway", "DataFlowIssue"}) // the point
    void theExecutorViewRefusesNullAtOnce() {
        try (Runner runner = ThreadRunner.of(1)) {
            ExecutorService view = runner.asExecutorService();
            assertThrows(NullPointerException.class, () -> view.execute(null));
            view.shutdown();
            assertTrue(view.isTerminated(), "nothing was accepted");
            assertThrows(NullPointerException.class, () -> view.execute(null), "also after the shutdown");
        }
    }

    @Test
    @SuppressWarnings({"NullAway", "DataFlowIssue"}) // the point
    void invokeAnyRefusesANullTaskBeforeItRunsAny() {
        AtomicInteger ran = new AtomicInteger();
        try (Runner runner = ThreadRunner.of(1)) {
            List<Task<Integer>> tasks = Arrays.asList(ran::incrementAndGet, null);
            assertThrows(NullPointerException.class, () -> runner.<Integer>invokeAny(tasks));
        }
        assertEquals(0, ran.get());
    }

    @ParameterizedTest
    @ValueSource(longs = {Long.MIN_VALUE, Long.MIN_VALUE + 1, -1, 0})
    void aTimedGetWithoutTimeDoesNotWait(long time) {
        for (TimeUnit unit : TimeUnit.values()) {
            withBusy(runner -> {
                TaskFuture<Integer> future = runner.submit(() -> 1);
                assertThrows(TimeoutException.class, () -> future.get(time, unit));
                return null;
            });
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {Long.MIN_VALUE, Long.MIN_VALUE + 1, -1, 0})
    void aTimedWaitForTheEndOfTheViewWithoutTimeDoesNotWait(long time) {
        for (TimeUnit unit : TimeUnit.values()) {
            withBusy(runner -> {
                ExecutorService view = runner.asExecutorService();
                view.execute(() -> {});
                view.shutdown();
                assertFalse(view.awaitTermination(time, unit));
                Future<Integer> other = runner.asExecutorService().submit(() -> 1);
                assertThrows(TimeoutException.class, () -> other.get(time, unit));
                return null;
            });
        }
    }

    @Test
    void theLongestTimeIsWaitedFor() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        try (Runner runner = ThreadRunner.of(1)) {
            ExecutorService view = runner.asExecutorService();
            Future<Integer> result = view.submit(() -> {
                go.await();
                return 1;
            });
            view.shutdown();
            CountDownLatch ended = new CountDownLatch(1);
            Thread waiter = new Thread(() -> {
                try {
                    if (view.awaitTermination(Long.MAX_VALUE, TimeUnit.NANOSECONDS)) {
                        ended.countDown();
                    }
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
            waiter.start();
            while (waiter.getState() != Thread.State.TIMED_WAITING) {
                Thread.onSpinWait();
            }
            go.countDown();
            assertTrue(ended.await(20, TimeUnit.SECONDS));
            assertEquals(1, result.get(Long.MAX_VALUE, TimeUnit.DAYS));
            assertEquals(2, runner.submit(() -> 2).get(Long.MAX_VALUE, TimeUnit.DAYS));
        }
    }

    /** An action on a runner with its only permit taken. */
    @FunctionalInterface
    private interface WithBusy {
        @Nullable
        Object with(Runner runner) throws Exception;
    }

    private static void withBusy(WithBusy action) {
        CountDownLatch go = new CountDownLatch(1);
        try (Runner runner = ThreadRunner.of(1)) {
            CountDownLatch busy = new CountDownLatch(1);
            assertNotNull(runner.submit(() -> {
                busy.countDown();
                go.await();
                return 0;
            }));
            busy.await();
            Object ignored = action.with(runner);
            go.countDown();
        } catch (Exception e) {
            throw new AssertionError(e);
        } finally {
            go.countDown();
        }
    }

    static List<Function<Duration, Object>> durations() {
        return List.of(
                RunOptions.builder()::taskTimeout,
                RunOptions.builder()::timeout,
                RetryPolicy.builder()::delay,
                time -> RetryPolicy.builder().backoff(Duration.ZERO, 2, time),
                time -> SequentialRunner.builder().closeTimeout(time).build(),
                time -> ThreadRunner.builder().closeTimeout(time).build(),
                time -> AsyncRunner.builder().blockingThreshold(time),
                time -> AsyncRunner.delay(time).isDone(),
                time -> ProcessRunner.builder().closeTimeout(time).build(),
                time -> ProcessRunner.builder().grace(time).build(),
                time -> ProcessRunner.builder().startTimeout(time).build(),
                time -> ProcessRunner.builder().idleTimeout(time).build());
    }

    @ParameterizedTest
    @MethodSource("durations")
    void aDurationTooLongForNanosecondsIsRefused(Function<Duration, Object> option) {
        for (Duration time : List.of(
                Duration.ofSeconds(Long.MAX_VALUE, 999_999_999),
                Duration.ofSeconds(Long.MIN_VALUE),
                Duration.ofNanos(-1),
                RunOptions.MAX_DURATION.plusNanos(1))) {
            assertThrows(IllegalArgumentException.class, () -> option.apply(time), time.toString());
        }
    }

    @Test
    void theLongestDurationsAreTakenForWhatTheySay() throws Exception {
        Duration longest = RunOptions.MAX_DURATION;
        RunOptions options = RunOptions.builder()
                .taskTimeout(longest)
                .timeout(longest)
                .retry(RetryPolicy.builder().backoff(Duration.ZERO, 2, longest).build())
                .build();
        List<Runner> runners = List.of(
                SequentialRunner.builder().closeTimeout(longest).build(),
                ThreadRunner.builder().maxConcurrency(1).closeTimeout(longest).build(),
                AsyncRunner.builder()
                        .blockingThreshold(longest)
                        .closeTimeout(longest)
                        .build(),
                ProcessRunner.builder()
                        .workers(1)
                        .closeTimeout(longest)
                        .grace(longest)
                        .startTimeout(longest)
                        .idleTimeout(longest)
                        .build());
        for (Runner runner : runners) {
            try (runner) {
                Task<Boolean> hasTime =
                        () -> TaskContext.current().remaining().orElseThrow().toDays() > 36_000;
                assertEquals(true, runner.submit(hasTime, options).get(20, TimeUnit.SECONDS), runner.toString());
            }
        }
    }

    /** A collection of three elements that reports another size. */
    private static final class WrongSize extends ConcurrentLinkedQueue<Integer> {
        private static final long serialVersionUID = 1L;
        private final transient int size;

        WrongSize(int size) {
            super(List.of(1, 2, 3));
            this.size = size;
        }

        @Override
        public int size() {
            return size;
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 0, -1})
    void theTotalIsNeverLessThanWhatWasPulled(int said) {
        List<Progress> told = new ArrayList<>();
        RunOptions options = RunOptions.builder().onProgress(told::add).build();
        Collection<Integer> inputs = new WrongSize(said);
        try (Runner runner = SequentialRunner.of();
                Outcomes<Integer, Integer> outcomes = runner.mapOutcomes(inputs, n -> n, options)) {
            assertTrue(outcomes.progress().total().orElseThrow() >= 0);
            for (Outcome<Integer, Integer> one : outcomes) {
                assertTrue(one.isSuccess());
            }
            for (Progress progress : told) {
                assertTrue(progress.total().orElseThrow() >= progress.pulled(), progress::toString);
            }
            assertEquals(OptionalLong.of(3), outcomes.progress().total());
        }
    }

    @Test
    void aRefusedOptionIsToldAsItWasSet() {
        assertTells(
                "maxHeapBytes",
                "was 0",
                () -> ProcessRunner.builder().maxHeapBytes(0).build());
        assertTells(
                "maxLiveHeapBytes",
                "was 0",
                () -> ProcessRunner.builder().maxLiveHeapBytes(0).build());
        assertTells(
                "maxTasksPerWorker",
                "was 0",
                () -> ProcessRunner.builder().maxTasksPerWorker(0).build());
        assertTells(
                "maxTasksPerWorker",
                "was -7",
                () -> ProcessRunner.builder().maxTasksPerWorker(-7).build());
    }

    private static void assertTells(String option, String value, org.junit.jupiter.api.function.Executable build) {
        String message = String.valueOf(
                assertThrows(IllegalArgumentException.class, build).getMessage());
        assertTrue(message.startsWith(option) && message.endsWith(value), message);
    }
}
