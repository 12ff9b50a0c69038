package dev.brigade.testkit;

import dev.brigade.Runner;

/** The contract on two child JVMs. */
class TwoWorkersContractTest implements RunnerContract {
    @Override
    public Runner newRunner(RunnerSettings settings) {
        return OneWorkerContractTest.workers(2, settings);
    }
}
