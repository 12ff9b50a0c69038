package dev.brigade.timeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.brigade.Outcome;
import dev.brigade.Timing;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

/** Spans, their order, and the rows that they are put into. */
class TrackTest {
    @Test
    void everyWayToEndIsToldApart() {
        assertEquals(SpanOutcome.SUCCEEDED, SpanOutcome.of(OutcomeSamples.ok(0, "w", 0, 0, 1)));
        assertEquals(SpanOutcome.FAILED, SpanOutcome.of(OutcomeSamples.failed(0, "w", 0, 0, 1)));
        assertEquals(SpanOutcome.TIMED_OUT, SpanOutcome.of(OutcomeSamples.timedOut(0, "w", 0, 0, 1)));
        assertEquals(SpanOutcome.KILLED, SpanOutcome.of(OutcomeSamples.killed(0, "w", 0, 0, 1)));
        assertEquals(SpanOutcome.WORKER_LOST, SpanOutcome.of(OutcomeSamples.crashed(0, "w", 0, 0, 1)));
        assertEquals(SpanOutcome.CANCELLED, SpanOutcome.of(OutcomeSamples.neverStarted(0, 0, 1)));
    }

    @Test
    void causesInARingComeToAnEnd() {
        Exception one = new IllegalStateException("one");
        Exception two = new IllegalStateException("two", one);
        one.initCause(two);
        assertEquals(
                SpanOutcome.FAILED,
                SpanOutcome.of(OutcomeSamples.outcome(0, 1, Outcome.State.FAILED, one, 1, "w", 0, 0, 1)));
    }

    @Test
    void aLabelIsThePlainInputAndNeverTheUsersToString() {
        Object secret = new Object() {
            @Override
            public String toString() {
                throw new IllegalStateException("asked");
            }
        };
        assertEquals("#7", label(secret));
        assertEquals("#7 42", label(42));
        assertEquals("#7 a/b", label(Path.of("a", "b")));
        assertEquals(60, label("x".repeat(100_000)).length());
        String cutInAPair = label("x".repeat(53) + "\ud83d\ude00".repeat(10));
        assertFalse(Character.isHighSurrogate(cutInAPair.charAt(cutInAPair.length() - 4)), cutInAPair);
    }

    private static String label(Object input) {
        return Span.of(OutcomeSamples.outcome(7, input, Outcome.State.SUCCESS, null, 1, "w", 0, 0, 1))
                .label();
    }

    @Test
    void aFailureIsOneLine() {
        assertEquals(
                "IllegalStateException: burnt",
                Span.of(OutcomeSamples.failed(0, "w", 0, 0, 1)).detail());
    }

    @Test
    void aTimingThatRunsBackwardsIsRefused() {
        Timing backwards = new Timing(2, 1, 3);
        assertThrows(
                IllegalArgumentException.class, () -> new Span(0, "", SpanOutcome.SUCCEEDED, 1, backwards, "w", ""));
    }

    @Test
    void lengthAndEndingsAreThoseOfTheTasks() {
        Track processes = OutcomeSamples.kitchen().tracks().get(1);
        assertEquals(Duration.ofMillis(700), processes.length());
        assertEquals(
                Map.of(
                        SpanOutcome.SUCCEEDED,
                        2,
                        SpanOutcome.FAILED,
                        1,
                        SpanOutcome.TIMED_OUT,
                        1,
                        SpanOutcome.KILLED,
                        1,
                        SpanOutcome.WORKER_LOST,
                        1,
                        SpanOutcome.CANCELLED,
                        1),
                processes.endings());
    }

    @Test
    void workersComeInTheirNaturalOrder() {
        List<Outcome<Object, Object>> outcomes = LongStream.of(10, 9, 2, 1)
                .mapToObj(i -> OutcomeSamples.ok(i, "brigade-threads-" + i, 0, 0, 1))
                .toList();
        List<String> labels =
                Lane.of(Track.of("t", outcomes)).stream().map(Lane::label).toList();
        assertEquals(List.of("threads-1", "threads-2", "threads-9", "threads-10"), labels);
    }

    @Test
    void anEventLoopHasARowForEachThingItWaitedForAtOnce() {
        Track track = Track.of(
                "async",
                List.of(
                        OutcomeSamples.ok(0, "loop", 0, 0, 100),
                        OutcomeSamples.ok(1, "loop", 0, 10, 50),
                        OutcomeSamples.ok(2, "loop", 0, 50, 90)));
        List<Lane> lanes = Lane.of(track);
        assertEquals(
                List.of("loop", "loop (2)"), lanes.stream().map(Lane::label).toList());
        assertEquals(2, lanes.get(1).spans().size());
    }

    @RepeatedTest(20)
    void everyTaskIsInOneRowOnceAndRowsNeverOverlap(RepetitionInfo round) {
        Random random = new Random(round.getCurrentRepetition());
        List<Outcome<Object, Object>> outcomes = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            long submitted = random.nextInt(1000);
            long started = submitted + random.nextInt(100);
            outcomes.add(
                    random.nextInt(10) == 0
                            ? OutcomeSamples.neverStarted(i, submitted, started)
                            : OutcomeSamples.ok(
                                    i, "w-" + random.nextInt(5), submitted, started, started + random.nextInt(50)));
        }
        Track track = Track.of("t", outcomes);
        List<Span> placed = new ArrayList<>();
        for (Lane lane : Lane.of(track)) {
            for (int i = 1; i < lane.spans().size(); i++) {
                assertTrue(lane.spans().get(i - 1).timing().endedNanos()
                        <= lane.spans().get(i).timing().startedNanos());
            }
            placed.addAll(lane.spans());
        }
        List<Span> ran = track.spans().stream().filter(Span::ran).toList();
        assertEquals(ran.size(), placed.size());
        assertEquals(
                List.copyOf(ran),
                placed.stream()
                        .sorted(java.util.Comparator.comparing(ran::indexOf))
                        .toList());
    }

    @RepeatedTest(10)
    void theMeansOfAllSlicesAddUpToTheTimeOfAllTasks(RepetitionInfo round) {
        Random random = new Random(round.getCurrentRepetition());
        List<Outcome<Object, Object>> outcomes = new ArrayList<>();
        long workMillis = 0;
        for (int i = 0; i < 5000; i++) {
            long started = random.nextInt(9000);
            long ended = started + random.nextInt(1000);
            workMillis += ended - started;
            outcomes.add(OutcomeSamples.ok(i, "w", 0, started, ended));
        }
        Track track = Track.of("t", outcomes);
        Level running = Level.running(track, track.lengthNanos(), 100);
        double sum = running.perSlice().stream().mapToInt(Integer::intValue).sum() * track.lengthNanos() / 1e6 / 100;
        assertEquals(
                (double) workMillis,
                sum,
                50 * track.lengthNanos() / 1e6 / 100,
                "rounding is half a task a slice at most");
    }

    @Test
    void stepsOfAScaleAreRound() {
        assertEquals(1, Scale.stepNanos(5, 5));
        assertEquals(2, Scale.stepNanos(6, 5));
        assertEquals(5, Scale.stepNanos(25, 5));
        assertEquals(10, Scale.stepNanos(26, 3));
        assertEquals(500_000_000, Scale.stepNanos(1_900_000_000, 4));
    }
}
