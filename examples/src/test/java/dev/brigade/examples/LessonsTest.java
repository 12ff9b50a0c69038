package dev.brigade.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
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
        assertTrue(Json.value(figures, "base", "sequential", "wall") >= 0.5);
        assertTrue(Json.value(figures, "base", "threads", "speedup") > 1.2);
        assertTrue(Json.value(figures, "base", "async", "speedup") > 1.2);
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
        assertTrue(Json.value(figures, "cpu-example", "threads", "wall") > 0);
        assertTrue(Json.value(figures, "cpu-example", "threads", "speedup") > 0);
    }

    @Test
    void mpKeepsMemoryApartAndMeasuresWhatProcessesCost() throws Exception {
        List<Figure> figures = figures("mp", "--tasks", "4", "--limit", "1000", "--workers", "2");
        for (String what : List.of("wall", "speedup", "startup", "trip")) {
            assertTrue(Json.value(figures, "mp", "processes", what) > 0, what);
        }
        assertTrue(Json.value(figures, "mp", "processes", "serialization") >= 0);
    }

    @Test
    void shareLosesIncrementsAndOneThreadAloneLosesNone() throws Exception {
        List<Figure> figures = figures("share");
        assertEquals(0, Json.value(figures, "share", "sequential", "lost"));
        assertTrue(Json.value(figures, "share", "threads", "lost") > 0);
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
        assertEquals(1, Json.value(figures, "as", "async", "threads"));
        assertTrue(Json.value(figures, "as", "async", "wall") < 200 * 0.1);
        assertTrue(Json.value(figures, "as", "async", "delay") > 0.1);
    }

    @Test
    void aLessonWithAWrongAnswerExitsWith1() {
        Launch launch = Launch.of("share", "--threads", "1", "--increments", "10"); // one thread cannot lose any
        assertEquals(1, launch.code());
        assertTrue(launch.out().contains("WRONG: no increment was lost"), launch.out());
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
        return Json.read(json);
    }
}
