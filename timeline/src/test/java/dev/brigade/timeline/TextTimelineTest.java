package dev.brigade.timeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.brigade.Outcome;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Timelines as text. */
class TextTimelineTest {
    private final TextTimeline ascii = TextTimeline.ascii().withWidth(40);

    @Test
    void showsWhatWaitedFailedWasRetriedTimedOutWasLostAndWasKilled() {
        String expected = """
                Kitchen
                alone: 2 tasks; 1.00 s
                  main                 |================########################|
                processes: 7 tasks, 1 cancelled, 1 failed, 1 timed out, 1 worker lost, 1 killed, 1 retried, 1 never started; 0.70 s
                  waiting (max 4)      |4444333344444444333322222211            |
                  worker-1             |    ========###############K            |
                  worker-2             |    ===x        r###=====T#!            |
                                        0                   0.5 s
                  = # one task, and the next   r retried   c cancelled   x failed   T timed out   ! worker lost   K killed
                """;
        assertEquals(expected, ascii.render(OutcomeSamples.kitchen()));
    }

    @Test
    void aWorkerThatIsMostlyIdleInAPlaceIsDrawnThinly() {
        Track track =
                Track.of("t", List.of(OutcomeSamples.ok(0, "a", 0, 0, 101), OutcomeSamples.ok(1, "a", 0, 390, 400)));
        String row = ascii.render(Timeline.of("T", track)).lines().toList().get(3);
        assertEquals("  a                    |==========-                            #|", row);
    }

    @Test
    void tracksShareOneScale() {
        Track slow = Track.of("slow", List.of(OutcomeSamples.ok(0, "a", 0, 0, 800)));
        Track fast = Track.of("fast", List.of(OutcomeSamples.ok(0, "b", 5000, 5000, 5200)));
        List<String> lines = ascii.render(Timeline.of("T", slow, fast)).lines().toList();
        assertEquals(40, lines.get(2).chars().filter(c -> c == '=').count());
        assertEquals(10, lines.get(4).chars().filter(c -> c == '=').count());
    }

    @Test
    void tooManyWorkersAreDrawnAsTheNumberThatRanAtOnce() {
        List<Outcome<Object, Object>> outcomes = IntStream.range(0, 100)
                .mapToObj(i -> OutcomeSamples.ok(i, "w-" + i, 0, 0, i < 50 ? 400 : 200))
                .toList();
        String text = ascii.render(Timeline.of("T", Track.of("many", outcomes)));
        assertTrue(text.contains("running (max 100)"), text);
        assertTrue(text.contains("@@@@@@@@@@@@@@@@@@@@===================="), text);
        assertFalse(text.contains("w-"), text);
    }

    @Test
    void asciiHasNothingElseWhateverTheNames() {
        Track track = Track.of("na\u00efve\u001b[31m\n", List.of(OutcomeSamples.ok(0, "\u4e2d\u0007", 0, 0, 400)));
        String text = ascii.render(Timeline.of("\u2028title\r", track));
        assertTrue(text.chars().allMatch(c -> c == '\n' || (c >= ' ' && c < 127)), text);
        assertEquals(5, text.lines().count(), text);
    }

    @Test
    void colourLetsNoEscapeOfTheUsersThrough() {
        Track track = Track.of("t\u001b[2J", List.of(OutcomeSamples.ok(0, "w\u001b[2J", 0, 0, 400)));
        String text = TextTimeline.colour().render(Timeline.of("\u001b[2J", track));
        assertFalse(text.contains("\u001b[2J"), text);
        assertTrue(text.contains("\u001b[36m\u2588"), text);
    }

    @Test
    void aTimelineWithoutTasksSaysSo() {
        assertEquals(
                "T\nempty: 0 tasks\n  (no task ran on a runner)\n",
                ascii.render(Timeline.of("T", Track.of("empty", List.of()))));
    }

    @Test
    void anInstantAndAYearAreDrawn() {
        Track instant = Track.of("t", List.of(OutcomeSamples.ok(0, "a", 0, 0, 0)));
        assertTrue(ascii.render(Timeline.of("T", instant)).contains("a  "));
        Track year = Track.of("t", List.of(OutcomeSamples.ok(0, "a", 0, 0, 365L * 86_400_000)));
        assertTrue(ascii.render(Timeline.of("T", year)).contains("========================================"));
    }

    @Test
    void widthsOutsideTheBoundsAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> ascii.withWidth(19));
        assertThrows(IllegalArgumentException.class, () -> ascii.withWidth(1001));
    }
}
