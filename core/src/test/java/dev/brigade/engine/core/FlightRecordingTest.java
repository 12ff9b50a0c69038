package dev.brigade.engine.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.brigade.Outcome;
import dev.brigade.RunOptions;
import dev.brigade.Runner;
import dev.brigade.runner.ProcessRunner;
import dev.brigade.runner.ThreadRunner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FlightRecordingTest {
    @TempDir
    Path folder;

    @Test
    void eachTaskAndEachBatchIsRecordedOnce() throws Exception {
        Path file = folder.resolve("brigade.jfr");
        try (Recording recording = new Recording();
                Runner runner = ThreadRunner.of(2)) {
            recording.enable("dev.brigade.Task");
            recording.enable("dev.brigade.Batch");
            recording.start();
            List<Integer> inputs = IntStream.range(0, 10).boxed().toList();
            RunOptions named = RunOptions.builder().name("tens").build();
            try (var outcomes = runner.mapOutcomes(inputs, FlightRecordingTest::failsAtSeven, named)) {
                outcomes.forEach(outcome -> {});
            }
            assertEquals("x", runner.submit(() -> "x").get());
            recording.stop();
            recording.dump(file);
        }
        List<RecordedEvent> all = RecordingFile.readAllEvents(file);
        List<RecordedEvent> tasks = all.stream()
                .filter(e -> e.getEventType().getName().equals("dev.brigade.Task"))
                .toList();
        assertEquals(11, tasks.size());
        assertEquals(
                List.of(7L),
                tasks.stream()
                        .filter(e -> e.getString("state").equals("FAILED"))
                        .map(e -> e.getLong("index"))
                        .toList());
        assertTrue(tasks.stream().allMatch(e -> e.getString("worker").startsWith("brigade-threads-")));
        RecordedEvent batch = all.stream()
                .filter(e -> e.getEventType().getName().equals("dev.brigade.Batch"))
                .findFirst()
                .orElseThrow();
        assertEquals("tens", batch.getString("batch"));
        assertEquals(10, batch.getLong("pulled"));
        assertEquals(9, batch.getLong("succeeded"));
        assertEquals(1, batch.getLong("failed"));
        assertTrue(Files.size(file) > 0);
    }

    @Test
    void eachWorkerProcessIsRecordedOnceWithItsEnd() throws Exception {
        Path file = folder.resolve("brigade.jfr");
        long lost;
        long dismissed;
        try (Recording recording = new Recording()) {
            recording.enable("dev.brigade.Worker");
            recording.start();
            // On a busy machine an exit may take longer than the default grace, and would be recorded as a kill.
            try (Runner runner = ProcessRunner.builder()
                    .workers(1)
                    .grace(Duration.ofSeconds(30))
                    .build()) {
                lost = runner.submit(() -> ProcessHandle.current().pid()).get();
                assertEquals(
                        Outcome.State.FAILED,
                        runner.submit(() -> {
                                    System.exit(7);
                                    return 0;
                                })
                                .awaitOutcome()
                                .state());
                dismissed = runner.submit(() -> ProcessHandle.current().pid()).get();
            }
            recording.stop();
            recording.dump(file);
        }
        List<String> ends = RecordingFile.readAllEvents(file).stream()
                .filter(e -> e.getEventType().getName().equals("dev.brigade.Worker"))
                .map(e -> e.getLong("pid") + " " + e.getString("reason") + " " + e.getInt("exitCode") + " "
                        + e.getInt("tasks"))
                .toList();
        assertEquals(List.of(lost + " EXITED 7 2", dismissed + " DISMISSED 0 1"), ends);
    }

    private static int failsAtSeven(int n) throws IOException {
        if (n == 7) {
            throw new IOException("seven");
        }
        return n;
    }
}
