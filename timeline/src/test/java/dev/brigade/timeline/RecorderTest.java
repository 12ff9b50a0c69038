package dev.brigade.timeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.brigade.Outcome;
import dev.brigade.Outcomes;
import dev.brigade.RetryPolicy;
import dev.brigade.RunOptions;
import dev.brigade.Runner;
import dev.brigade.runner.AsyncRunner;
import dev.brigade.runner.ProcessRunner;
import dev.brigade.runner.SequentialRunner;
import dev.brigade.runner.ThreadRunner;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Real runs on a recorder. */
@Timeout(60)
class RecorderTest {
    private static final List<Integer> HUNDRED = IntStream.range(0, 100).boxed().toList();

    private final Recorder recorder = Recorder.create();

    @Test
    void everyOutcomeOfEveryRunnerIsRecordedOnce() throws Exception {
        run("sequential", SequentialRunner.of());
        run("threads", ThreadRunner.of(4));
        run("async", AsyncRunner.of());
        run("processes", ProcessRunner.of(2));
        List<Track> tracks = recorder.timeline("all").tracks();
        assertEquals(
                List.of("sequential", "threads", "async", "processes"),
                tracks.stream().map(Track::name).toList());
        for (Track track : tracks) {
            assertEquals(
                    HUNDRED,
                    track.spans().stream().map(s -> (int) s.index()).sorted().toList(),
                    track.name());
            assertTrue(track.spans().stream().allMatch(s -> s.ran() && s.worker() != null), track.name());
        }
    }

    private void run(String name, Runner runner) throws Exception {
        try (Runner watched = recorder.watch(name, runner)) {
            assertEquals(HUNDRED, watched.map(HUNDRED, n -> n));
        }
    }

    @Test
    void barsOfOneWorkerNeverOverlap() throws Exception {
        run("sequential", SequentialRunner.of());
        run("one thread", ThreadRunner.of(1));
        run("three threads", ThreadRunner.of(3));
        run("one process", ProcessRunner.of(1));
        for (Track track : recorder.timeline("all").tracks()) {
            assertTrue(Lane.of(track).stream().allMatch(lane -> lane.part() == 1), track.name());
        }
    }

    @Test
    void streamedOutcomesAreRecorded() {
        try (Runner watched = recorder.watch("threads", ThreadRunner.of(2));
                Outcomes<Integer, Integer> outcomes = watched.mapOutcomes(HUNDRED, n -> n);
                Stream<Outcome<Integer, Integer>> stream = outcomes.stream()) {
            assertEquals(100, stream.count());
        }
        assertEquals(100, onlyTrack().spans().size());
    }

    @Test
    void theResultsOfTasksThatEndedBehindALongOneAreNotKept() throws Exception {
        CountDownLatch gate = new CountDownLatch(1);
        try (Runner watched = recorder.watch("threads", ThreadRunner.of(2))) {
            var held = watched.submit(() -> {
                gate.await();
                return 1;
            });
            List<WeakReference<Object>> results = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                results.add(new WeakReference<>(watched.submit(Object::new).get()));
            }
            long untilNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
            while (kept(results) > 4 && System.nanoTime() < untilNanos) {
                System.gc();
                TimeUnit.MILLISECONDS.sleep(10);
            }
            assertTrue(kept(results) <= 4, () -> "kept: " + kept(results));
            gate.countDown();
            assertEquals(1, held.get());
        }
        assertEquals(51, onlyTrack().spans().size());
    }

    private static long kept(List<WeakReference<Object>> results) {
        return results.stream().filter(result -> result.get() != null).count();
    }

    @Test
    void submittedTasksAreRecordedWhenTheyHaveEnded() throws Exception {
        CountDownLatch gate = new CountDownLatch(1);
        try (Runner watched = recorder.watch("threads", ThreadRunner.of(2))) {
            watched.submit(() -> 1).get();
            var held = watched.submit(() -> {
                gate.await();
                return 2;
            });
            assertEquals(1, onlyTrack().spans().size());
            gate.countDown();
            held.get();
            assertEquals(2, onlyTrack().spans().size());
            assertEquals(2, onlyTrack().spans().size(), "and once only");
        }
    }

    @Test
    void anInterruptedThreadReadsTheRecordToo() throws Exception {
        try (Runner watched = recorder.watch("threads", ThreadRunner.of(2))) {
            watched.submit(() -> 1).get();
            Thread.currentThread().interrupt();
            assertEquals(1, onlyTrack().spans().size());
            assertTrue(Thread.interrupted(), "the interrupt is kept");
        }
    }

    @Test
    void aBatchThatIsLeftEarlySaysHowManyItDropped() {
        CountDownLatch gate = new CountDownLatch(1);
        RunOptions options = RunOptions.builder().buffer(10).build();
        try (Runner watched = recorder.watch("threads", ThreadRunner.of(2))) {
            try (Outcomes<Integer, Integer> outcomes =
                    watched.mapOutcomes(HUNDRED, n -> n == 0 ? n : wait(gate), options)) {
                Iterator<Outcome<Integer, Integer>> iterator = outcomes.iterator();
                iterator.next();
            }
            gate.countDown();
        }
        Track track = onlyTrack();
        assertEquals(1, track.spans().size());
        assertTrue(track.dropped() >= 9 && track.dropped() <= 10, "dropped " + track.dropped());
    }

    private static int wait(CountDownLatch gate) throws InterruptedException {
        gate.await();
        return 1;
    }

    @Test
    void theTaskThatFailedAMapIsRecorded() {
        try (Runner watched = recorder.watch("alone", SequentialRunner.of())) {
            assertThrows(
                    ExecutionException.class,
                    () -> watched.map(HUNDRED, n -> {
                        if (n == 3) {
                            throw new IllegalStateException("burnt");
                        }
                        return n;
                    }));
        }
        List<Span> failed = onlyTrack().spans().stream()
                .filter(s -> s.ending() == SpanOutcome.FAILED)
                .toList();
        assertEquals(1, failed.size());
        assertEquals("IllegalStateException: burnt", failed.get(0).detail());
    }

    @Test
    void whatIsKilledAndWhatIsRetriedIsTold() {
        RunOptions options =
                RunOptions.builder().taskTimeout(Duration.ofMillis(300)).build();
        ProcessRunner processes =
                ProcessRunner.builder().workers(1).grace(Duration.ofMillis(100)).build();
        try (Runner watched = recorder.watch("processes", processes);
                Outcomes<Integer, Integer> outcomes = watched.mapOutcomes(List.of(1), n -> endless(), options)) {
            outcomes.forEach(outcome -> {});
        }
        AtomicInteger calls = new AtomicInteger();
        RunOptions again =
                RunOptions.builder().retry(RetryPolicy.ofMaxAttempts(3)).build();
        try (Runner watched = recorder.watch("alone", SequentialRunner.of());
                Outcomes<Integer, Integer> outcomes = watched.mapOutcomes(
                        List.of(1),
                        n -> {
                            if (calls.incrementAndGet() < 3) {
                                throw new IllegalStateException("not yet");
                            }
                            return n;
                        },
                        again)) {
            outcomes.forEach(outcome -> {});
        }
        List<Track> tracks = recorder.timeline("t").tracks();
        assertEquals(SpanOutcome.KILLED, tracks.get(0).spans().get(0).ending());
        assertEquals(SpanOutcome.SUCCEEDED, tracks.get(1).spans().get(0).ending());
        assertEquals(3, tracks.get(1).spans().get(0).attempts());
    }

    private static int endless() {
        while (true) {
            Thread.onSpinWait();
        }
    }

    @Test
    void aNameThatIsTakenGetsANumber() {
        for (int i = 0; i < 3; i++) {
            recorder.watch("threads", SequentialRunner.of()).close();
        }
        assertEquals(
                List.of("threads", "threads (2)", "threads (3)"),
                recorder.timeline("t").tracks().stream().map(Track::name).toList());
    }

    private Track onlyTrack() {
        return recorder.timeline("t").tracks().get(0);
    }
}
