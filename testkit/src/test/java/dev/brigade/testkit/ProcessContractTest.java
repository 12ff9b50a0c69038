package dev.brigade.testkit;

import dev.brigade.Runner;
import dev.brigade.runner.ProcessRunner;
import org.junit.jupiter.api.Nested;

/** The contract on child JVMs. */
class ProcessContractTest {

    @Nested
    class OneWorker implements RunnerContract {
        @Override
        public Runner newRunner(RunnerSettings settings) {
            return workers(1, settings);
        }
    }

    @Nested
    class TwoWorkers implements RunnerContract {
        @Override
        public Runner newRunner(RunnerSettings settings) {
            return workers(2, settings);
        }
    }

    private static Runner workers(int count, RunnerSettings settings) {
        return ProcessRunner.builder()
                .workers(count)
                .closeTimeout(settings.closeTimeout())
                .grace(settings.grace())
                .build();
    }
}
