package dev.brigade.timeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the trace event format asks of a file, and that nothing of the timeline is missing. */
class ChromeTraceTest {
    private final List<JsonObject> events = events(ChromeTrace.json(OutcomeSamples.kitchen()));

    @Test
    void everyEventHasItsPhaseNameAndPlace() {
        for (JsonObject event : events) {
            assertTrue(Set.of("M", "X", "i", "C").contains(text(event, "ph")), event::toString);
            assertTrue(event.get("pid").getAsInt() >= 1, event::toString);
            assertTrue(event.get("tid").getAsInt() >= 0, event::toString);
            assertTrue(event.get("name").isJsonPrimitive(), event::toString);
            assertTrue(event.get("args").isJsonObject(), event::toString);
            assertTrue(text(event, "ph").equals("M") || event.get("ts").getAsDouble() >= 0, event::toString);
            assertEquals(text(event, "ph").equals("X"), event.has("dur"), event::toString);
        }
    }

    @Test
    void everyTaskIsOneEvent() {
        assertEquals(8, of("X").size());
        assertEquals(1, of("i").size());
        List<Integer> indices = new ArrayList<>();
        of("X").stream()
                .filter(e -> e.get("pid").getAsInt() == 2)
                .forEach(e -> indices.add(args(e, "index").getAsInt()));
        of("i").forEach(e -> indices.add(args(e, "index").getAsInt()));
        assertEquals(List.of(0, 1, 2, 3, 4, 5, 6), indices.stream().sorted().toList());
    }

    @Test
    void timesAreMicrosecondsFromTheFirstSubmission() {
        JsonObject killed = of("X").stream()
                .filter(e -> text(e, "cat").equals("killed"))
                .findFirst()
                .orElseThrow();
        assertEquals(300_000, killed.get("ts").getAsDouble());
        assertEquals(400_000, killed.get("dur").getAsDouble());
        assertEquals("TaskTimeoutException: too late", args(killed, "failure").getAsString());
        assertEquals(
                3,
                args(
                                of("X").stream()
                                        .filter(e -> args(e, "attempts").getAsInt() > 1)
                                        .findFirst()
                                        .orElseThrow(),
                                "attempts")
                        .getAsInt());
    }

    @Test
    void everyTrackAndEveryThreadUsedHasOneName() {
        Map<String, String> names = new HashMap<>();
        for (JsonObject event : of("M")) {
            String place = text(event, "name") + " " + event.get("pid") + " " + event.get("tid");
            assertEquals(null, names.put(place, args(event, "name").getAsString()), place);
        }
        assertEquals("alone", names.get("process_name 1 0"));
        assertEquals("processes", names.get("process_name 2 0"));
        for (JsonObject event : of("X")) {
            assertTrue(names.containsKey("thread_name " + event.get("pid") + " " + event.get("tid")), event::toString);
        }
    }

    @Test
    void eventsOfOneThreadDoNotOverlap() {
        Map<String, Double> ends = new HashMap<>();
        for (JsonObject event : of("X")) {
            String place = event.get("pid") + " " + event.get("tid");
            double begin = event.get("ts").getAsDouble();
            assertTrue(ends.getOrDefault(place, 0.0) <= begin, event::toString);
            ends.put(place, begin + event.get("dur").getAsDouble());
        }
    }

    @Test
    void countersEndAtNothing() {
        Map<String, Integer> last = new HashMap<>();
        of("C").forEach(e ->
                last.put(text(e, "name") + " " + e.get("pid"), args(e, "tasks").getAsInt()));
        assertEquals(Map.of("running 1", 0, "running 2", 0, "waiting 2", 0), last);
    }

    @Test
    void hostileNamesStayNames(@TempDir Path directory) throws Exception {
        String hostile = "\"},\n{\\ </script> \u2028 \ud800 \u0000";
        Track track = Track.of(hostile, List.of(OutcomeSamples.ok(0, hostile, 0, 0, 1)));
        Path file = directory.resolve("trace.json");
        ChromeTrace.write(Timeline.of(hostile, track), file);
        List<JsonObject> read = events(Files.readString(file));
        assertEquals(hostile, args(read.get(0), "name").getAsString());
        assertEquals(hostile, args(read.get(1), "name").getAsString());
    }

    @Test
    void aTimelineWithoutTasksIsATrace() {
        assertEquals(List.of(), events(ChromeTrace.json(Timeline.of("nothing"))));
    }

    private List<JsonObject> of(String phase) {
        return events.stream().filter(event -> text(event, "ph").equals(phase)).toList();
    }

    private static String text(JsonObject event, String member) {
        return event.get(member).getAsString();
    }

    private static JsonElement args(JsonObject event, String member) {
        return event.getAsJsonObject("args").get(member);
    }

    private static List<JsonObject> events(String json) {
        List<JsonObject> events = new ArrayList<>();
        JsonObject trace = JsonParser.parseString(json).getAsJsonObject();
        trace.getAsJsonArray("traceEvents").forEach(event -> events.add(event.getAsJsonObject()));
        return events;
    }
}
