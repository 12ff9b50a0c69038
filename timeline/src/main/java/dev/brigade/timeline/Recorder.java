package dev.brigade.timeline;

import dev.brigade.Runner;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Records what runners run, for a {@link Timeline}: use the runner that {@link #watch} gives in place of your own.
 *
 * <p>When to use it: to see why a batch is slow, who was idle, what was retried. When not to: on batches without an end, because
 * some 150 bytes are kept for each task; for those there is Flight Recorder, which every runner writes to.
 *
 * <pre>{@code
 * Recorder recorder = Recorder.create();
 * try (Runner runner = recorder.watch("threads", ThreadRunner.of(4))) {
 *     runner.map(files, Digests::sha256);
 * }
 * Timeline timeline = recorder.timeline("Digests");
 * System.out.print(TextTimeline.forTerminal().render(timeline));
 * }</pre>
 *
 * <p>Recorded are the outcomes that batches hand out, and submitted tasks that have ended. Not recorded are
 * {@link Runner#mapAsync}, {@link Runner#invokeAny}, what goes through {@link Runner#asExecutorService()}, and nested work, which bodies give to
 * {@link dev.brigade.TaskContext#runner()}.
 *
 * <p><b>Thread safety</b>: all methods, from any thread.
 */
public final class Recorder {
    /** Guarded by this. */
    private final List<RunnerRecording> recordings = new ArrayList<>();

    /** The tracks' names; guarded by this. */
    private final Set<String> names = new HashSet<>();

    private Recorder() {}

    /**
     * A recorder with nothing on it.
     *
     * @return the recorder
     */
    public static Recorder create() {
        return new Recorder();
    }

    /**
     * A runner that does what the given one does, by means of it, and is recorded on a track of its own. Closing it closes the
     * given one.
     *
     * @param track what to call the track; a name that is taken gets a number
     * @param runner the runner
     * @return the runner to use instead
     */
    public synchronized Runner watch(String track, Runner runner) {
        String name = track;
        for (int number = 2; !names.add(name); number++) {
            name = track + " (" + number + ")";
        }
        RunnerRecording recording = new RunnerRecording(name);
        recordings.add(recording);
        return new WatchedRunner(runner, recording);
    }

    /**
     * Returns all that was recorded so far: one track for each runner, in the order in which they were watched.
     *
     * @param title what the timeline shows
     * @return the timeline
     */
    public synchronized Timeline timeline(String title) {
        return new Timeline(
                title, recordings.stream().map(RunnerRecording::track).toList());
    }
}
