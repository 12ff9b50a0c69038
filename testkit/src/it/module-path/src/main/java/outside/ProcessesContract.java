package outside;

import dev.brigade.Runner;
import dev.brigade.runner.ProcessRunner;
import dev.brigade.testkit.ContextRules;
import dev.brigade.testkit.ResultRules;
import dev.brigade.testkit.RunnerSettings;
import dev.brigade.testkit.TransportRules;

/** What crosses to other processes and back, which are given this module path. */
public class ProcessesContract implements ResultRules, ContextRules, TransportRules {
    @Override
    public Runner newRunner(RunnerSettings settings) {
        return ProcessRunner.builder()
                .workers(2)
                .closeTimeout(settings.closeTimeout())
                .build();
    }
}
