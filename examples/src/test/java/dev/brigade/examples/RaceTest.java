package dev.brigade.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.brigade.Runner;
import dev.brigade.runner.SequentialRunner;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The clock and the check that all lessons share. */
class RaceTest {
    private final StringWriter printed = new StringWriter();
    private final LessonReport report = new LessonReport("test", new PrintWriter(printed), null);

    @Test
    void aWrongAnswerIsSaidAndMakesTheVerdict1() throws Exception {
        new Race(report)
                .run(
                        "sequential",
                        SequentialRunner::of,
                        runner -> runner.map(List.of(1, 2), n -> n * n),
                        List.of(1, 5));
        assertEquals(1, report.verdict());
        assertTrue(printed.toString().contains("WRONG: sequential: task 1: 4 instead of 5"), printed::toString);
    }

    @Test
    void aMissingAnswerIsSaidAndMakesTheVerdict1() throws Exception {
        new Race(report).run("sequential", SequentialRunner::of, runner -> List.of(1), List.of(1, 5));
        assertEquals(1, report.verdict());
        assertTrue(printed.toString().contains("1 answers of 2"), printed::toString);
    }

    @Test
    void aRunnerThatTheJdkLacksGetsARowAndNoVerdict() throws Exception {
        Race race = new Race(report);
        race.run("virtual", () -> lacking(), runner -> List.of(), List.of());
        assertEquals(0, report.verdict());
        assertTrue(printed.toString().contains("not here: too old"), printed::toString);
        assertTrue(report.find("test", "virtual", "wall").isEmpty());
    }

    @Test
    void theExpectedSumIsTheSum() {
        for (int limit : new int[] {1, 2, 10, 1000, 5_000_000}) {
            assertEquals(Squares.sum(limit), Squares.expected(limit), "limit " + limit);
        }
    }

    private static Runner lacking() {
        throw new UnsupportedOperationException("too old");
    }
}
