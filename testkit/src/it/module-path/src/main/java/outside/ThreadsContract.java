package outside;

import dev.brigade.Runner;
import dev.brigade.runner.ThreadRunner;
import dev.brigade.testkit.RunnerContract;
import dev.brigade.testkit.RunnerSettings;

/** All rules, on threads. */
public class ThreadsContract implements RunnerContract {
    @Override
    public Runner newRunner(RunnerSettings settings) {
        return ThreadRunner.builder()
                .maxConcurrency(2)
                .closeTimeout(settings.closeTimeout())
                .strict(settings.strict())
                .build();
    }
}
