package outside;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import dev.brigade.testkit.RunnerContract;
import java.io.PrintWriter;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;

public class Main {
    public static void main(String[] args) {
        if (!RunnerContract.class.getModule().isNamed()) {
            throw new AssertionError("the kit is not on the module path");
        }
        SummaryGeneratingListener summary = new SummaryGeneratingListener();
        LauncherFactory.create()
                .execute(
                        LauncherDiscoveryRequestBuilder.request()
                                .selectors(selectClass(ThreadsContract.class), selectClass(ProcessesContract.class))
                                .build(),
                        summary);
        summary.getSummary().printFailuresTo(new PrintWriter(System.err, true), 20);
        long passed = summary.getSummary().getTestsSucceededCount();
        long failed = summary.getSummary().getTotalFailureCount();
        System.out.println(passed + " passed, " + failed + " failed on the module path");
        if (passed < 100 || failed > 0) {
            System.exit(1);
        }
    }
}
