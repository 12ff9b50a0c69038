package dev.brigade.timeline;

import dev.brigade.Runner;
import dev.brigade.runner.SequentialRunner;
import dev.brigade.runner.ThreadRunner;
import dev.brigade.testkit.RunnerContract;
import dev.brigade.testkit.RunnerSettings;
import org.junit.jupiter.api.Nested;

/** A runner keeps the contract while it is watched. */
class WatchedRunnerTest {
    @Nested
    class Sequential implements RunnerContract {
        @Override
        public Runner newRunner(RunnerSettings settings) {
            return Recorder.create()
                    .watch(
                            "sequential",
                            SequentialRunner.builder()
                                    .closeTimeout(settings.closeTimeout())
                                    .strict(settings.strict())
                                    .build());
        }
    }

    @Nested
    class TwoThreads implements RunnerContract {
        @Override
        public Runner newRunner(RunnerSettings settings) {
            return Recorder.create()
                    .watch(
                            "threads",
                            ThreadRunner.builder()
                                    .maxConcurrency(2)
                                    .closeTimeout(settings.closeTimeout())
                                    .strict(settings.strict())
                                    .build());
        }
    }
}
