package dev.brigade.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Each lesson at a tiny size: it ends well, its answers are right, and its figures are there. */
@Timeout(120)
class LessonsTest {
    @TempDir
    Path directory = Path.of("");

    @Test
    void baseFindsThatWaitsOverlapOnThreadsAndOnOneLoop() throws Exception {
        List<Figure> figures = figures("base", "--tasks", "5", "--millis", "100");
        assertTrue(LessonJson.value(figures, "base", "sequential", "wall") >= 0.5);
        assertTrue(LessonJson.value(figures, "base", "threads", "speedup") > 1.2);
        assertTrue(LessonJson.value(figures, "base", "async", "speedup") > 1.2);
    }

    @Test
    void baseRunsVirtualThreadsWhereTheJdkHasThem() throws Exception {
        Launch launch = Launch.of("base", "--tasks", "2", "--millis", "1");
        boolean has = Runtime.version().feature() >= 21;
        assertEquals(has, !launch.out().contains("not here"), launch.out());
    }

    @Test
    void cpuExampleGivesRightSumsAndItsFigures() throws Exception {
        List<Figure> figures = figures("cpu-example", "--tasks", "3", "--limit", "1_000", "--threads", "2");
        assertTrue(LessonJson.value(figures, "cpu-example", "threads", "wall") > 0);
        assertTrue(LessonJson.value(figures, "cpu-example", "threads", "speedup") > 0);
    }

    @Test
    void mpKeepsMemoryApartAndMeasuresWhatProcessesCost() throws Exception {
        List<Figure> figures = figures("mp", "--tasks", "4", "--limit", "1000", "--workers", "2");
        for (String what : List.of("wall", "speedup", "startup", "trip")) {
            assertTrue(LessonJson.value(figures, "mp", "processes", what) > 0, what);
        }
        assertTrue(LessonJson.value(figures, "mp", "processes", "serialization") >= 0);
    }

    @Test
    void shareLosesIncrementsAndOneThreadAloneLosesNone() throws Exception {
        List<Figure> figures = figures("share");
        assertEquals(0, LessonJson.value(figures, "share", "sequential", "lost"));
        assertTrue(LessonJson.value(figures, "share", "threads", "lost") > 0);
    }

    @Test
    void share2LosesNone() throws Exception {
        List<Figure> figures = figures("share2", "--increments", "20_000");
        List<Figure> lost =
                figures.stream().filter(f -> f.what().equals("lost")).toList();
        assertEquals(4, lost.size());
        assertTrue(lost.stream().allMatch(f -> f.value() == 0), lost::toString);
    }

    @Test
    void asWaitsOnOneThreadAndIsDelayedByTheBodyThatBlocks() throws Exception {
        List<Figure> figures = figures("as", "--waits", "200", "--millis", "100", "--block-millis", "400");
        assertEquals(1, LessonJson.value(figures, "as", "async", "threads"));
        assertTrue(LessonJson.value(figures, "as", "async", "wall") < 200 * 0.1);
        assertTrue(LessonJson.value(figures, "as", "async", "delay") > 0.1);
    }

    @Test
    void gilLetsOneThreadComputeAndSeveralWait() throws Exception {
        List<Figure> figures = figures("gil", "--tasks", "3", "--limit", "10_000", "--millis", "200");
        assertTrue(LessonJson.value(figures, "gil", "locked", "speedup computing") > 0);
        assertTrue(LessonJson.value(figures, "gil", "locked", "speedup waiting") > 1.2);
    }

    @Test
    void virtualHasAllTasksWaitAtOnce() throws Exception {
        List<Figure> figures = figures("virtual", "--waits", "300", "--millis", "50", "--pins", "4");
        for (String runner : runnersHere("threads", "async")) {
            assertTrue(LessonJson.value(figures, "virtual", runner, "wall") >= 0.05, runner);
        }
        if (Files.exists(Path.of("/proc/self/status"))) {
            assertTrue(LessonJson.value(figures, "virtual", "threads", "threads") >= 290);
            assertTrue(LessonJson.value(figures, "virtual", "async", "threads") < 50);
        }
    }

    @Test
    void timeoutIsReportedOnEachRunnerAndEndsTheLoopInAProcess() throws Exception {
        List<Figure> figures = figures("timeout", "--millis", "150");
        assertTrue(LessonJson.value(figures, "timeout", "sequential", "reported") >= 0.4);
        for (String runner : runnersHere("threads", "async", "processes")) {
            assertTrue(LessonJson.value(figures, "timeout", runner, "reported") >= 0.15, runner);
        }
    }

    @Test
    void crashTakesAllAnswersAlongExceptWithProcesses() throws Exception {
        List<Figure> figures = figures("crash", "--tasks", "4");
        for (String deed : List.of("halt", "segv")) {
            for (String runner : runnersHere("sequential", "threads", "async")) {
                assertEquals(0, LessonJson.value(figures, "crash", runner, "answers " + deed), runner);
            }
            assertEquals(3, LessonJson.value(figures, "crash", "processes", "answers " + deed));
        }
    }

    @Test
    void pipelineGivesTheSameSumsInOneStageAndInTwo() throws Exception {
        List<Figure> figures =
                figures("pipeline", "--tasks", "6", "--at-once", "3", "--millis", "50", "--limit", "1000");
        for (String runner : List.of("sequential", "threads", "async", "processes")) {
            assertTrue(LessonJson.value(figures, "pipeline", runner, "wall") >= 0.1, runner);
        }
    }

    /** These, and virtual threads where the JDK has them. */
    private static List<String> runnersHere(String... runners) {
        List<String> here = new ArrayList<>(List.of(runners));
        if (Runtime.version().feature() >= 21) {
            here.add("virtual");
        }
        return here;
    }

    @Test
    void aRaceThatCouldNotBeShownIsSaidAndIsNoWrongAnswer() {
        Launch launch = Launch.of("share", "--threads", "1", "--increments", "10"); // one thread cannot lose any
        assertEquals(0, launch.code(), launch.out());
        assertTrue(launch.out().contains("NOT SHOWN: no increment was lost"), launch.out());
        assertTrue(launch.out().contains("=> No race was seen here."), launch.out());
    }

    @Test
    void waitsThatDidNotOverlapAreSaidAndAreNoWrongAnswer() {
        Launch launch = Launch.of("gil", "--tasks", "2", "--limit", "1", "--millis", "1");
        assertEquals(0, launch.code(), launch.out());
    }

    @Test
    void aWrongAnswerExitsWith1AndWhatCouldNotBeShownDoesNot() {
        StringWriter said = new StringWriter();
        LessonReport report = new LessonReport("lesson", new PrintWriter(said), null);
        report.expect(false, "a gain of %d", 2);
        assertEquals(0, report.verdict());
        report.check(false, "%d instead of %d", 5, 4);
        assertEquals(1, report.verdict());
        assertTrue(said.toString().contains("NOT SHOWN: a gain of 2"), said.toString());
        assertTrue(said.toString().contains("WRONG: 5 instead of 4"), said.toString());
    }

    private List<Figure> figures(String lesson, String... options) throws Exception {
        Path json = directory.resolve("figures.json");
        String[] args = new String[options.length + 3];
        args[0] = lesson;
        args[1] = "--json";
        args[2] = json.toString();
        System.arraycopy(options, 0, args, 3, options.length);
        Launch launch = Launch.of(args);
        assertEquals(0, launch.code(), launch.out() + launch.err());
        assertTrue(launch.out().contains("=> "), launch.out());
        return LessonJson.read(json);
    }
}
