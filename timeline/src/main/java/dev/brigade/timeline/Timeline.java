package dev.brigade.timeline;

import java.util.List;
import java.util.Objects;

/**
 * The tasks of one or more runs, with their workers and times, side by side.
 *
 * <p>Take it from a {@link Recorder}, or make it of outcomes that you have anyway:
 *
 * <pre>{@code
 * List<Outcome<Path, String>> outcomes;
 * try (Outcomes<Path, String> all = runner.mapOutcomes(files, Digests::sha256)) {
 *     outcomes = all.stream().toList();
 * }
 * Timeline timeline = Timeline.of("Digests", Track.of("threads", outcomes));
 * System.out.print(TextTimeline.forTerminal().render(timeline));
 * HtmlReport.of(timeline).write(Path.of("report.html"));
 * ChromeTrace.write(timeline, Path.of("trace.json"));
 * }</pre>
 *
 * <p>All forms show the tracks on one scale, each from its own first submission.
 *
 * <p><b>Thread safety</b>: immutable.
 *
 * @param title what it shows
 * @param tracks the runs; unmodifiable
 */
public record Timeline(String title, List<Track> tracks) {
    /**
     * Makes a timeline.
     *
     * @param title as {@link #title()}
     * @param tracks as {@link #tracks()}
     */
    public Timeline {
        Objects.requireNonNull(title, "title");
        tracks = List.copyOf(tracks);
    }

    /**
     * Makes a timeline.
     *
     * @param title what it shows
     * @param tracks the runs
     * @return the timeline
     */
    public static Timeline of(String title, Track... tracks) {
        return new Timeline(title, List.of(tracks));
    }

    /**
     * Returns true if there is nothing to show.
     *
     * @return true if no track has a task
     */
    public boolean isEmpty() {
        return tracks.stream().allMatch(track -> track.spans().isEmpty());
    }

    /** The longest track: the scale that all share. */
    long lengthNanos() {
        return tracks.stream().mapToLong(Track::lengthNanos).max().orElse(0);
    }
}
