package dev.brigade.timeline;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalDouble;

/**
 * One part of a {@link HtmlReport}: a heading, what was found, how long each runner took, the timeline, and how to repeat it.
 *
 * <p><b>Thread safety</b>: immutable.
 *
 * @param title the heading, and the name of the timeline in it
 * @param summary what was found, in a sentence or two; perhaps empty
 * @param measures the time and speed-up of each runner; perhaps empty
 * @param timeline what ran when; perhaps without tracks
 * @param transcript what was printed; perhaps empty
 * @param command how to repeat it; perhaps empty
 */
public record Section(
        String title, String summary, List<Measure> measures, Timeline timeline, String transcript, String command) {

    /**
     * The time that a runner took.
     *
     * @param name the runner
     * @param time the time
     * @param speedup the yardstick's time divided by this one; empty if there is no yardstick
     */
    public record Measure(String name, Duration time, OptionalDouble speedup) {}

    /**
     * Makes a section.
     *
     * @param title as {@link #title()}
     * @param summary as {@link #summary()}
     * @param measures as {@link #measures()}
     * @param timeline as {@link #timeline()}
     * @param transcript as {@link #transcript()}
     * @param command as {@link #command()}
     */
    public Section {
        Objects.requireNonNull(title, "title");
        Objects.requireNonNull(summary, "summary");
        measures = List.copyOf(measures);
        Objects.requireNonNull(timeline, "timeline");
        Objects.requireNonNull(transcript, "transcript");
        Objects.requireNonNull(command, "command");
    }

    /**
     * A section about a timeline alone: the time of each track is its length, and the first track is the yardstick.
     *
     * @param timeline the timeline
     * @return the section
     */
    public static Section of(Timeline timeline) {
        List<Measure> measures = new ArrayList<>();
        long yardstickNanos =
                timeline.tracks().isEmpty() ? 0 : timeline.tracks().get(0).lengthNanos();
        for (Track track : timeline.tracks()) {
            boolean comparable = timeline.tracks().size() > 1 && yardstickNanos > 0 && track.lengthNanos() > 0;
            measures.add(new Measure(
                    track.name(),
                    track.length(),
                    comparable
                            ? OptionalDouble.of((double) yardstickNanos / track.lengthNanos())
                            : OptionalDouble.empty()));
        }
        return new Section(timeline.title(), "", measures, timeline, "", "");
    }
}
