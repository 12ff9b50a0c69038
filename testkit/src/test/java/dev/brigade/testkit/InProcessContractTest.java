package dev.brigade.testkit;

import dev.brigade.Runner;
import dev.brigade.runner.AsyncRunner;
import dev.brigade.runner.SequentialRunner;
import dev.brigade.runner.ThreadRunner;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** The contract on the runners of this JVM, several tests at once. */
@Execution(ExecutionMode.CONCURRENT)
class InProcessContractTest {

    @Nested
    class Sequential implements RunnerContract {
        @Override
        public Runner newRunner(RunnerSettings settings) {
            return SequentialRunner.builder()
                    .closeTimeout(settings.closeTimeout())
                    .strict(settings.strict())
                    .build();
        }
    }

    @Nested
    class OneThread implements RunnerContract {
        @Override
        public Runner newRunner(RunnerSettings settings) {
            return threads(1, settings);
        }
    }

    @Nested
    class TwoThreads implements RunnerContract {
        @Override
        public Runner newRunner(RunnerSettings settings) {
            return threads(2, settings);
        }
    }

    @Nested
    class EightThreads implements RunnerContract {
        @Override
        public Runner newRunner(RunnerSettings settings) {
            return threads(8, settings);
        }
    }

    private static Runner threads(int count, RunnerSettings settings) {
        return ThreadRunner.builder()
                .maxConcurrency(count)
                .closeTimeout(settings.closeTimeout())
                .strict(settings.strict())
                .build();
    }

    @Nested
    class VirtualThreads implements RunnerContract {
        @Override
        public Runner newRunner(RunnerSettings settings) {
            return virtual(ThreadRunner.VIRTUAL_MAX_CONCURRENCY, settings);
        }
    }

    /** At the default limit, which no test reaches, the rules about the limit prove nothing. */
    @Nested
    class TwoVirtualThreads implements RunnerContract {
        @Override
        public Runner newRunner(RunnerSettings settings) {
            return virtual(2, settings);
        }
    }

    private static Runner virtual(int limit, RunnerSettings settings) {
        return ThreadRunner.builder()
                .virtual(limit)
                .closeTimeout(settings.closeTimeout())
                .strict(settings.strict())
                .build();
    }

    @Nested
    class OverAnExecutor implements RunnerContract {
        private static final Queue<ExecutorService> EXECUTORS = new ConcurrentLinkedQueue<>();

        /** Runs after all tests: after each, its runner is still open and may have a body in the executor's queue. */
        @AfterAll
        static void shutDown() {
            EXECUTORS.forEach(ExecutorService::shutdownNow);
        }

        @Override
        public Runner newRunner(RunnerSettings settings) {
            // The executor decides what its threads inherit: nothing here, as for the runner's own threads.
            ExecutorService executor =
                    Executors.newFixedThreadPool(2, task -> new Thread(null, task, "theirs", 0, false));
            EXECUTORS.add(executor);
            return ThreadRunner.builder()
                    .over(executor, 2)
                    .closeTimeout(settings.closeTimeout())
                    .strict(settings.strict())
                    .build();
        }
    }

    @Nested
    class Async implements RunnerContract {
        @Override
        public Runner newRunner(RunnerSettings settings) {
            return async(AsyncRunner.DEFAULT_MAX_CONCURRENCY, settings);
        }
    }

    /** A limit that tests reach, as {@link TwoVirtualThreads} has. */
    @Nested
    class AsyncTwoAtOnce implements RunnerContract {
        @Override
        public Runner newRunner(RunnerSettings settings) {
            return async(2, settings);
        }
    }

    private static Runner async(int limit, RunnerSettings settings) {
        return AsyncRunner.builder()
                .maxConcurrency(limit)
                .closeTimeout(settings.closeTimeout())
                .strict(settings.strict())
                .build();
    }
}
