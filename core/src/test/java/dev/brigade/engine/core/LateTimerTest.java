package dev.brigade.engine.core;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.brigade.Capability;
import dev.brigade.Outcome;
import dev.brigade.Outcome.State;
import dev.brigade.RetryPolicy;
import dev.brigade.RunOptions;
import dev.brigade.Runner;
import dev.brigade.TaskContext;
import dev.brigade.TaskFunction;
import dev.brigade.engine.BackendRunner;
import dev.brigade.runner.ThreadRunner;
import dev.brigade.spi.Attempt;
import dev.brigade.spi.BatchSpec;
import dev.brigade.spi.ExecutionBackend;
import dev.brigade.spi.Session;
import dev.brigade.spi.TaskBodies;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests that a deadline counts from the moment when it comes, not from the moment when a thread gets to see it. */
@Timeout(60)
class LateTimerTest {
    private static final int HOLDS_THE_TIMER = 0;
    private static final int PARALLEL = 16;

    @Test
    void aBodyThatOutlivesItsDeadlineIsTimedOutThoughTheTimerIsLate() {
        TimerBlockingBackend backend = new TimerBlockingBackend();
        RunOptions options = RunOptions.builder()
                .taskTimeout(Duration.ofMillis(500))
                .ordered(true)
                .build();
        List<State> states = new ArrayList<>();
        try (Runner runner = new BackendRunner("late", backend, Duration.ofSeconds(10))) {
            for (Outcome<Integer, Integer> one : runner.mapOutcomes(List.of(HOLDS_THE_TIMER, 1), backend, options)) {
                states.add(one.state());
            }
        }
        assertEquals(List.of(State.TIMED_OUT, State.TIMED_OUT), states);
    }

    @Test
    void aRetryTestIsAskedOnceThoughTheTimerAndTheBodySeeTheSameDeadline() {
        AtomicInteger asked = new AtomicInteger();
        RetryPolicy twice = RetryPolicy.builder()
                .maxAttempts(2)
                .delay(Duration.ofMillis(20))
                .retryIf(failure -> asked.incrementAndGet() > 0)
                .build();
        RunOptions options = RunOptions.builder()
                .taskTimeout(Duration.ofMillis(50))
                .retry(twice)
                .build();
        List<Integer> inputs = IntStream.range(0, 20 * PARALLEL).boxed().toList();
        try (Runner runner = ThreadRunner.of(PARALLEL)) {
            runner.mapOutcomes(inputs, LateTimerTest::sleep, options)
                    .forEach(outcome -> assertEquals(State.TIMED_OUT, outcome.state()));
        }
        assertEquals(inputs.size(), asked.get()); // the policy is not asked about the last attempt
    }

    private static Integer sleep(Integer input) throws InterruptedException {
        Thread.sleep(20_000);
        return input;
    }

    /** Blocks the timer's thread from the first deadline until the second body has ended, long after that body's own deadline. */
    private static final class TimerBlockingBackend implements ExecutionBackend, TaskFunction<Integer, Integer> {
        private static final long serialVersionUID = 1L;

        private final transient CountDownLatch begun = new CountDownLatch(1);
        private final transient CountDownLatch held = new CountDownLatch(1);
        private final transient CountDownLatch ended = new CountDownLatch(1);

        @Override
        public Integer apply(Integer input) throws InterruptedException {
            if (input == HOLDS_THE_TIMER) {
                begun.countDown();
                await(ended);
                return input;
            }
            await(held);
            while (!TaskContext.current().remaining().orElseThrow().isZero()) {
                Thread.onSpinWait();
            }
            return input;
        }

        private static void await(CountDownLatch latch) throws InterruptedException {
            if (!latch.await(20, TimeUnit.SECONDS)) {
                throw new IllegalStateException("it did not come within 20 s");
            }
        }

        private static void awaitQuietly(CountDownLatch latch) {
            try {
                await(latch);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        @Override
        public Set<Capability> capabilities() {
            return Set.of(Capability.PARALLEL, Capability.SHARED_MEMORY, Capability.PROMPT_TIMEOUT);
        }

        @Override
        public int maxConcurrency() {
            return 2;
        }

        @Override
        public <I, R> Session<I, R> open(TaskFunction<I, R> function, BatchSpec spec) {
            return input -> attempt -> {
                new Thread(() -> run(attempt, function, input)).start();
                return why -> hold(input);
            };
        }

        private <I, R> void run(Attempt<R> attempt, TaskFunction<I, R> function, I input) {
            boolean second = !input.equals(HOLDS_THE_TIMER);
            if (second) {
                awaitQuietly(begun); // so that its deadline is the later one
            }
            TaskBodies.runBlocking(attempt, "thread", function, input);
            if (second) {
                ended.countDown();
            }
        }

        private void hold(Object input) {
            if (input.equals(HOLDS_THE_TIMER)) {
                held.countDown();
                awaitQuietly(ended);
            }
        }

        @Override
        public boolean close(Duration atMost) {
            return true;
        }
    }
}
