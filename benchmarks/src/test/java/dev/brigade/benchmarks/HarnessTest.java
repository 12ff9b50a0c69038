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
        StandContext bench = new StandContext(BenchmarkForm.SMOKE, "/no/such/python", book);
        try (Turns turns =
                new Turns(bench, Duration.ofSeconds(30), 1, List.of(PeerKind.ECHO, PeerKind.BRIGADE, PeerKind.POOL))) {
            turns.turn("round", Op.ROUND_TRIP, 3, figures -> figures[0]);
            turns.turn("send", Op.SEND, 1000, figures -> figures[0]);
            turns.turn("map", Op.MAP, 5, figures -> figures[0]);
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
    void aStandThatHangsIsEndedAndKeepsWhatItHadMeasured() throws Exception {
        StandResult result =
                new StandLauncher(BenchmarkForm.SMOKE, "python3", directory).run(Stands.byId(Stands.HANGING));
        assertEquals("not done after 2 s", result.trouble());
        assertArrayEquals(
                new double[] {1},
                result.values("", "sleeper").stream().mapToDouble(v -> v).toArray());
    }

    @Test
    void anUnknownStandEndsWithItsReason() throws Exception {
        StandLauncher launcher = new StandLauncher(BenchmarkForm.SMOKE, "python3", directory);
        Stand unknown =
                new Measurement("unknown", "", "", Unit.NANOS, "", false, new Measurement.Limits(20, 20), bench -> {});
        StandResult result = launcher.run(unknown);
        assertTrue(result.trouble().startsWith("exit code 1: "), result.trouble());
        assertEquals(List.of(), result.samples());
    }
}
