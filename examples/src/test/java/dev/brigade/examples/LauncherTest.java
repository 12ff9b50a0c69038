package dev.brigade.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** The command line itself: help, wrong arguments, and lessons that go wrong. */
class LauncherTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "baze",
                "base --tasks",
                "base --tasks 0",
                "base --tasks 1001",
                "base --tasks many",
                "base --millis -1",
                "base --unknown",
                "base one-too-many",
                "cpu-example --limit 9999999999",
                "share2 --threads 1000 --increments 1000000000",
                "digest",
                "digest no/such/directory",
                "digest pom.xml",
                "base --json no/such/directory/figures.json",
                "virtual --waits 100_001",
                "crash --how burn",
                "base --report no/such/directory/report.html",
                "base --trace no/such/directory/trace.json",
                "all --scale 0",
                "all --scale NaN",
                "all --dir no/such/directory"
            })
    void wrongArgumentsGiveOneLineOnStderrAndExitWith2(String line) {
        Launch launch = Launch.of(line.isEmpty() ? new String[0] : line.split(" "));
        assertEquals(2, launch.code(), launch.out() + launch.err());
        assertEquals("", launch.out());
        assertEquals(1, launch.err().lines().count(), launch.err());
        assertTrue(launch.err().startsWith("error: "), launch.err());
    }

    @Test
    void helpNamesEveryLessonAndEveryExitCode() {
        Launch launch = Launch.of("--help");
        assertEquals(0, launch.code());
        for (String word : List.of(
                "base",
                "cpu-example",
                "gil",
                "mp",
                "share",
                "share2",
                "as",
                "virtual",
                "timeout",
                "crash",
                "pipeline",
                "interleave",
                "digest",
                "all",
                "Exit codes")) {
            assertTrue(launch.out().contains(word), word);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "base",
                "cpu-example",
                "gil",
                "mp",
                "share",
                "share2",
                "as",
                "virtual",
                "timeout",
                "crash",
                "pipeline",
                "interleave",
                "digest",
                "all"
            })
    void everyLessonHasHelp(String lesson) {
        Launch launch = Launch.of(lesson, "--help");
        assertEquals(0, launch.code());
        for (String option : List.of("--json", "--timeline", "--report", "--trace")) {
            assertTrue(launch.out().contains(option), launch.out());
        }
    }

    @Test
    void aLessonThatBreaksOffExitsWith1AndSaysWhy() {
        CommandLine command = Main.commandLine().addSubcommand("broken", new Broken());
        Launch launch = Launch.of(command, "broken");
        assertEquals(1, launch.code());
        assertTrue(launch.err().contains("the lesson broke off: java.lang.IllegalStateException: burnt"), launch.err());
    }

    @Test
    void aFigureIsOneJsonObjectOnOneLine(@TempDir Path directory) {
        Figure figure = new Figure("cpu-example", "threads", "speedup", 1.93, "x");
        assertEquals(
                "{\"lesson\": \"cpu-example\", \"runner\": \"threads\", \"what\": \"speedup\", \"value\": 1.93, \"unit\": \"x\"}",
                figure.toJson());
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 1, 123_456_789, 1e-9, 1e12, 0.1234567})
    void numbersAreWrittenWithoutAnExponent(double value) {
        String json = new Figure("base", "threads", "wall", value, "s").toJson();
        assertTrue(json.matches(".*\"value\": \\d+(\\.\\d+)?, .*"), json);
    }

    @CommandLine.Command(name = "broken", description = "Always breaks off.")
    private static final class Broken extends Lesson {
        @Override
        int teach(LessonReport report) {
            throw new IllegalStateException("burnt");
        }
    }
}
