package dev.brigade.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.brigade.benchmarks.Target.Figure;
import dev.brigade.benchmarks.Target.Verdict;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class BenchmarkReportTest {
    private static final Comparison STAND = new SimpleComparison(
            "pets", "Pets", "How they do.", Unit.NANOS, "dog", false, new SimpleComparison.Limits(1, 1), bench -> {});

    private static final ComparisonResult RESULT = new ComparisonResult(
            STAND,
            List.of(
                    Sample.of("run", "cat", 3_000),
                    Sample.of("run", "dog", 1_000),
                    Sample.of("run", "cat", 5_000),
                    Sample.of("run", "cat", 4_000),
                    Sample.trouble("swim", "cat", "will | not"),
                    Sample.of("swim", "dog", 7),
                    Sample.trouble("", "bird", "has flown")),
            2.4,
            "");

    private static final Results RESULTS = new Results(List.of(RESULT));

    @Test
    void tablesShowMediansWithTheirRatioToTheBaseline() {
        String table = Tables.of(RESULT);
        assertTrue(
                table.contains("| peer | run | swim |\n| --- | ---: | ---: |\n| dog | 1.00 µs | 7.00 ns |\n"), table);
        assertTrue(table.contains("| cat | 4.00 µs (4.00 ×) | will \\| not |\n"), table);
    }

    @Test
    void tablesSayWhatIsMissingAndWhy() {
        String table = Tables.of(RESULT);
        assertTrue(table.contains("| bird | has flown | has flown |\n"), table);
    }

    @Test
    void tablesSayThatAComparisonDied() {
        ComparisonResult dead = new ComparisonResult(STAND, RESULT.samples(), 9, "not done after 9 s");
        assertTrue(Tables.of(dead).contains("**Not complete**: not done after 9 s"), Tables.of(dead));
        ComparisonResult empty = new ComparisonResult(STAND, List.of(), 9, "exit code 1: it hurts");
        assertTrue(Tables.of(empty).contains("Nothing was measured."), Tables.of(empty));
        assertTrue(Tables.of(empty).contains("it hurts"), Tables.of(empty));
    }

    @Test
    void aBarIsMetUpToItsBoundAndMissedBeyondIt() {
        Figure cat = new Figure("pets", "run", "cat");
        Figure dog = new Figure("pets", "run", "dog");
        assertEquals(Verdict.MET, verdict(Target.ratio("", 4, cat, dog)));
        assertEquals(Verdict.MISSED, verdict(Target.ratio("", 3.99, cat, dog)));
        assertEquals(Verdict.MET, verdict(Target.atMost("", Unit.NANOS, 4_000, cat)));
        assertEquals(Verdict.MISSED, verdict(Target.atMost("", Unit.NANOS, 3_999, cat)));
        assertEquals(Verdict.MET, verdict(Target.atLeast("", 4_000, cat)));
        assertEquals(Verdict.MISSED, verdict(Target.atLeast("", 4_001, cat)));
    }

    @Test
    void aBarWithoutItsFiguresIsNotMet() {
        Figure dog = new Figure("pets", "run", "dog");
        Figure swim = new Figure("pets", "swim", "cat");
        Figure fly = new Figure("birds", "fly", "bird");
        Target.Finding first = Target.ratio("", 4, swim, dog).lookAt(RESULTS);
        assertEquals(Verdict.UNKNOWN, first.verdict());
        assertEquals("cat: will | not", first.shown());
        assertEquals(
                "birds was not run",
                Target.ratio("", 4, dog, fly).lookAt(RESULTS).shown());
    }

    private static Verdict verdict(Target bar) {
        return bar.lookAt(RESULTS).verdict();
    }

    @Test
    void barsAskForFiguresOfComparisonsThatThereAre() {
        List<String> ids = Comparisons.all().stream().map(Comparison::id).toList();
        for (Target bar : Targets.all(17)) {
            assertTrue(ids.contains(bar.value().comparison()), bar.text());
        }
        assertEquals(ids.size(), ids.stream().distinct().count(), "each name once: " + ids);
        assertThrows(IllegalArgumentException.class, () -> Comparisons.byId("unknown"));
    }

    @Test
    void theBarForMemoryIsThatOfTheJdk() {
        assertTrue(bounds(17).contains(25.0 * (1 << 20)));
        assertFalse(bounds(25).contains(25.0 * (1 << 20)));
        assertTrue(bounds(25).contains(30.0 * (1 << 20)));
    }

    private static List<Double> bounds(int jdk) {
        return Targets.all(jdk).stream().map(Target::bound).toList();
    }

    @Test
    void samplesSurviveTheirFile() {
        Sample sample = Sample.of("a column", "a peer", 1.5);
        assertEquals(sample, Sample.parse(sample.toLine()));
        Sample trouble = Sample.parse(
                Sample.trouble("", "a peer", "two\nlines\tand a tab").toLine());
        assertEquals("two lines and a tab", trouble.trouble());
        assertThrows(IllegalArgumentException.class, () -> Sample.parse("half a"));
    }

    @Test
    void jsonIsWellFormed() {
        BenchmarkReport report = new BenchmarkReport(
                Map.of("JDK", "a \"quoted\" \\ one"),
                RESULTS,
                List.of(Target.atLeast("x", 1, new Figure("birds", "fly", "bird"))
                        .lookAt(RESULTS)));
        String json = report.json();
        assertTrue(json.contains("\"JDK\": \"a \\\"quoted\\\" \\\\ one\""), json);
        assertTrue(json.contains("\"value\": null"), json);
        assertTrue(json.contains("\"median\": 4000, \"lowerQuartile\": 3500"), json);
        assertTrue(json.contains("\"trouble\": \"has flown\""), json);
        assertEquals(
                json.chars().filter(c -> c == '{').count(),
                json.chars().filter(c -> c == '}').count());
        assertEquals("\"\\u0009\"", ReportJson.text("\t"));
    }

    @Test
    void theReportBeginsWithTheSurroundingsAndTheBars() {
        List<Target.Finding> findings = List.of(Target.atMost("speed", Unit.NANOS, 1, new Figure("pets", "run", "cat"))
                .lookAt(RESULTS));
        String text = new BenchmarkReport(Map.of("JDK", "17"), RESULTS, findings).markdown();
        assertTrue(text.contains("| JDK | 17 |"), text);
        assertTrue(text.contains("| speed | ≤ 1.00 ns | 4.00 µs | **missed** |"), text);
        assertTrue(text.indexOf("## The bars") < text.indexOf("## Pets"), text);
    }
}
