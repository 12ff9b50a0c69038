package dev.brigade.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What lessons show beside their words. */
@Timeout(120)
class PicturesTest {
    @TempDir
    Path directory = Path.of("");

    @Test
    void aLessonDrawsItsTasksInAsciiWhereThereIsNoTerminal() {
        Launch launch = Launch.of("base", "--tasks", "3", "--millis", "20", "--timeline");
        assertEquals(0, launch.code(), launch.out() + launch.err());
        assertTrue(launch.out().contains("sequential: 3 tasks; "), launch.out());
        assertTrue(launch.out().contains("|==="), launch.out());
        assertTrue(launch.out().chars().allMatch(c -> c < 127), launch.out());
    }

    @Test
    void aLessonDrawsNothingUnasked() {
        assertFalse(Launch.of("base", "--tasks", "1", "--millis", "1").out().contains("|="));
    }

    @Test
    void theReportSaysHowToRepeatWhatItShows() throws Exception {
        Path page = directory.resolve("a report.html");
        Launch launch = Launch.of("base", "--tasks", "2", "--millis", "5", "--report", page.toString());
        assertEquals(0, launch.code(), launch.out() + launch.err());
        String html = Files.readString(page);
        assertTrue(
                html.contains("brigade-examples.jar base --tasks 2 --millis 5 --report &#39;" + page + "&#39;</code>"));
        assertTrue(html.contains("2 threads"), "the conclusion");
        assertTrue(html.contains("<dt>JDK</dt>"));
        assertTrue(html.contains("\"speedup\":1.0"));
    }

    @Test
    void theTraceOfAllLessonsTellsThemApart() throws Exception {
        Path trace = directory.resolve("trace.json");
        Launch launch =
                Launch.of("all", "--scale", "0.001", "--dir", directory.toString(), "--trace", trace.toString());
        String json = Files.readString(trace);
        assertTrue(json.contains("{\"name\":\"base: sequential\"}"), launch.out());
        assertTrue(json.contains("{\"name\":\"mp: processes\"}"), launch.out());
        assertFalse(Files.readString(trace).contains("NaN"));
    }

    @Test
    void aLessonWithoutTasksHasAReportToo() throws Exception {
        Path page = directory.resolve("report.html");
        Launch launch = Launch.of("interleave", "--timeline", "--report", page.toString());
        assertEquals(0, launch.code(), launch.err());
        assertTrue(launch.out().contains("(no task ran on a runner)"), launch.out());
        assertTrue(Files.readString(page).contains("4 of 6 orders lose an increment"));
    }

    @Test
    void argumentsAreQuotedWhereAShellNeedsIt() {
        assertEquals(
                "java -jar examples/target/brigade-examples.jar digest 'it'\\''s $HOME' --list",
                Repeat.command(List.of("digest", "it's $HOME", "--list")));
    }
}
