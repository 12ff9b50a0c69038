package outside;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import dev.brigade.TaskFunction;
import dev.brigade.runner.ProcessRunner;
import dev.brigade.testkit.RunnerContract;
import java.io.PrintWriter;
import java.util.List;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/** Runs the contract from a module, on runners of this process and of others, and fails unless it ran and passed there. */
public class Main {
    private static final TaskFunction<Integer, String> MODULES =
            n -> Main.class.getModule() + " and " + RunnerContract.class.getModule();

    public static void main(String[] args) throws Exception {
        check(RunnerContract.class.getModule().isNamed(), "the kit is in no module");
        try (ProcessRunner processes = ProcessRunner.of(1)) {
            String there = processes.map(List.of(1), MODULES).get(0);
            check(there.equals(MODULES.apply(1)), "in a worker the modules are " + there);
        }
        long passed = passed(ThreadsContract.class) + passed(ProcessesContract.class);
        check(passed >= 120, "only " + passed + " tests ran and passed");
        System.out.println(passed + " tests passed on the module path");
    }

    private static long passed(Class<? extends dev.brigade.testkit.Contract> contract) {
        SummaryGeneratingListener listener = new SummaryGeneratingListener();
        LauncherFactory.create()
                .execute(
                        LauncherDiscoveryRequestBuilder.request()
                                .selectors(selectClass(contract))
                                .configurationParameter("junit.jupiter.execution.parallel.enabled", "true")
                                .configurationParameter(
                                        "junit.jupiter.execution.parallel.mode.default",
                                        contract == ThreadsContract.class ? "concurrent" : "same_thread")
                                .configurationParameter("junit.jupiter.execution.parallel.config.strategy", "fixed")
                                .configurationParameter(
                                        "junit.jupiter.execution.parallel.config.fixed.parallelism", "8")
                                .build(),
                        listener);
        TestExecutionSummary summary = listener.getSummary();
        summary.printFailuresTo(new PrintWriter(System.out, true), 20);
        check(summary.getTotalFailureCount() == 0, summary.getTotalFailureCount() + " tests failed");
        check(summary.getTestsSucceededCount() > 0, "no test of " + contract + " ran");
        return summary.getTestsSucceededCount();
    }

    private static void check(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise);
        }
    }
}
