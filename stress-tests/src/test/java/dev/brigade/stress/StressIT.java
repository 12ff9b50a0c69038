package dev.brigade.stress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The build's stress tests: one JUnit test for the run as a whole, then one for each jcstress test in it. */
class StressIT {
    @TestFactory
    List<DynamicTest> eachTestShowsWhatItMust() throws IOException, InterruptedException {
        StressForm form = StressForm.of(System.getProperty("stress.form"));
        String filter = System.getProperty("stress.test", "");
        Path out = Path.of(System.getProperty("stress.out"), form.toString());
        Duration deadline = Duration.ofSeconds(
                Long.getLong("stress.deadlineSeconds", form.deadline().toSeconds()));
        Command command = Command.run(
                out,
                deadline,
                System.getProperty("stress.jar"),
                List.of(),
                List.of("--form", form.toString(), "--test", filter));
        if (command.exitCode() == Stress.SKIPPED) {
            System.out.println(command.output());
            // A factory that aborts is reported as no test at all; a test that aborts is reported as skipped.
            return List.of(dynamicTest("skipped", () -> assumeTrue(false, command.output())));
        }
        List<DynamicTest> tests = new ArrayList<>();
        tests.add(dynamicTest("the run", () -> assertSound(command)));
        command.verdicts().stream()
                .skip(1)
                .map(verdict -> dynamicTest(title(verdict), () -> assertPassed(verdict)))
                .forEach(tests::add);
        return tests;
    }

    private static String title(Verdict verdict) {
        return Observed.shortName(verdict.name()) + " " + verdict.counts();
    }

    private static void assertSound(Command command) {
        Assertions.assertFalse(command.verdicts().isEmpty(), command.output());
        assertPassed(command.verdicts().get(0));
        assertEquals(0, command.exitCode(), command.output());
        Assertions.assertTrue(command.verdicts().size() > 1, "No test was run: " + command.output());
    }

    private static void assertPassed(Verdict verdict) {
        assertEquals(List.of(), verdict.reasons(), verdict.name() + " " + verdict.counts());
    }
}
