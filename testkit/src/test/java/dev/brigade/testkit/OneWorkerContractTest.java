package dev.brigade.testkit;

import dev.brigade.Runner;
import dev.brigade.runner.ProcessRunner;

/** The contract on one child JVM. */
class OneWorkerContractTest implements RunnerContract {
    @Override
    public Runner newRunner(RunnerSettings settings) {
        return workers(1, settings);
    }

    static Runner workers(int count, RunnerSettings settings) {
        return ProcessRunner.builder()
                .workers(count)
                .closeTimeout(settings.closeTimeout())
                .grace(settings.grace())
                .build();
    }
}
