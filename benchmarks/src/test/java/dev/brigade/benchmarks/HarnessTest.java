package dev.brigade.benchmarks;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The harness at work: small, with real processes. */
final class HarnessTest {
    @TempDir
    private Path directory;

    @Test
    void turnsMeasurePeersAndReportThoseThatCannotBeOpened() throws Exception {
        Path book = directory.resolve("book");
        ComparisonContext bench = new ComparisonContext(BenchmarkForm.SMOKE, "/no/such/python", book);
        try (PeersInTurn turns = new PeersInTurn(
                bench, Duration.ofSeconds(30), 1, List.of(PeerKind.ECHO, PeerKind.BRIGADE, PeerKind.POOL))) {
            turns.turn("round", Operation.ROUND_TRIP, 3, figures -> figures[0]);
            turns.turn("send", Operation.SEND, 1000, figures -> figures[0]);
            turns.turn("map", Operation.MAP, 5, figures -> figures[0]);
        }
        List<Sample> samples =
                Files.readAllLines(book).stream().map(Sample::parse).toList();
        assertTrue(samples.get(0).trouble().contains("/no/such/python"), samples.toString());
        assertEquals(PeerKind.POOL.title(), samples.get(0).peer());
        List<String> measured = samples.stream()
                .filter(sample -> sample.value() > 0)
                .map(sample -> sample.column() + " " + sample.peer())
                .toList();
        assertEquals(
                List.of(
                        "round raw socket echo",
                        "round Brigade ProcessRunner",
                        "send raw socket echo",
                        "send Brigade ProcessRunner",
                        "map Brigade ProcessRunner"),
                measured);
        assertEquals("a socket does no such thing", samples.get(5).trouble());
    }

    @Test
    void aComparisonThatHangsIsEndedAndKeepsWhatItHadMeasured() throws Exception {
        ComparisonResult result = new ComparisonLauncher(BenchmarkForm.SMOKE, "python3", directory)
                .run(Comparisons.byId(Comparisons.HANGING));
        assertEquals("not done after 2 s", result.trouble());
        assertArrayEquals(
                new double[] {1},
                result.values("", "sleeper").stream().mapToDouble(v -> v).toArray());
    }

    @Test
    void anUnknownComparisonEndsWithItsReason() throws Exception {
        ComparisonLauncher launcher = new ComparisonLauncher(BenchmarkForm.SMOKE, "python3", directory);
        Comparison unknown = new SimpleComparison(
                "unknown", "", "", Unit.NANOS, "", false, new SimpleComparison.Limits(20, 20), bench -> {});
        ComparisonResult result = launcher.run(unknown);
        assertTrue(result.trouble().startsWith("exit code 1: "), result.trouble());
        assertEquals(List.of(), result.samples());
    }
}
