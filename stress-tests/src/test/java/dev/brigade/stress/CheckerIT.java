package dev.brigade.stress;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The check of the checker: a build must fail in each of these cases, and jcstress alone fails in the first only.
 *
 * <p>The fixtures come first on the class path, so that their list of tests hides the real one.
 */
class CheckerIT {
    private static final String FIXTURES =
            System.getProperty("stress.fixtures") + File.pathSeparator + System.getProperty("stress.jar");
    private static final List<String> SHORT = List.of("-iters", "1", "-time", "50");

    @Test
    void failsOnAForbiddenOutcomeOnARaceUnseenAndOnATestLeftOut() throws Exception {
        // Two processors on any machine, so that three actors are one too many.
        Command run = fixtures("tests", 120, "ForbiddenSeen|RaceUnseen|ThreeActors|Sound", "-c", "2");
        assertAll(
                () -> assertEquals(Stress.FAILED, run.exitCode(), run.output()),
                () -> assertFails(run, "ForbiddenSeen", "forbidden outcome [1, 1] seen"),
                () -> assertFails(run, "RaceUnseen", "[2, 2] must be seen, and was not"),
                () -> assertFails(run, "ThreeActors", "selected, but did not run"),
                () -> assertTrue(run.verdict("Sound").passed(), run.output()));
    }

    @Test
    void killsAHungRunWithItsDescendantsAtTheDeadlineAndFails() throws Exception {
        Command run = fixtures("hang", 20, "Hangs");
        assertEquals(Stress.FAILED, run.exitCode(), run.output());
        assertFails(run, Verdict.RUN, "still running at the deadline");
        assertTrue(run.verdicts().get(0).reasons().get(0).matches(".* ([2-9]|\\d\\d+) processes.*"), run.output());
        assertFails(run, "Hangs", "selected, but did not run");
        assertEquals(List.of(), survivors(), "processes of the hung run");
    }

    @Test
    void failsWhenTheListOfTestsIsEmpty() throws Exception {
        Command run = fixtures("empty", 20, "NoTestHasThisName");
        assertEquals(Stress.FAILED, run.exitCode(), run.output());
        assertFails(run, Verdict.RUN, "no test is selected");
    }

    @Test
    void saysThatItSkippedWithOneProcessor() throws Exception {
        Command run = Command.run(
                out("single"), Duration.ofSeconds(20), FIXTURES, List.of("-XX:ActiveProcessorCount=1"), List.of());
        assertEquals(Stress.SKIPPED, run.exitCode(), run.output());
        assertTrue(run.output().contains("SKIPPED: a race needs two processors"), run.output());
    }

    private static Command fixtures(String name, int seconds, String filter, String... options)
            throws IOException, InterruptedException {
        assumeTrue(Runtime.getRuntime().availableProcessors() >= 2, "races need two processors");
        List<String> arguments = Stream.of(
                        List.of("--form", "smoke", "--test", filter, "--"), SHORT, Arrays.asList(options))
                .flatMap(List::stream)
                .toList();
        return Command.run(out(name), Duration.ofSeconds(seconds), FIXTURES, List.of(), arguments);
    }

    private static Path out(String name) {
        return Path.of(System.getProperty("stress.out"), "checker", name);
    }

    private static void assertFails(Command run, String test, String why) {
        List<String> reasons = run.verdict(test).reasons();
        assertTrue(reasons.stream().anyMatch(reason -> reason.contains(why)), test + " " + reasons + run.output());
    }

    /** jcstress JVMs that have the fixtures on their class path. */
    private static List<String> survivors() {
        return ProcessHandle.allProcesses()
                .flatMap(process -> process.info().commandLine().stream())
                .filter(line -> line.contains(FIXTURES) && line.contains("org.openjdk.jcstress"))
                .toList();
    }
}
