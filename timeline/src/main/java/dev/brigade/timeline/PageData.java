package dev.brigade.timeline;

import java.util.List;
import java.util.stream.Collectors;

/**
 * The data that the page's script draws, as JSON: times in ms from the beginning of each track.
 *
 * <p>A track of too many tasks or rows for single bars is given as the number of tasks that ran at once.
 */
final class PageData {
    /** More bars than this make a browser slow, and are narrower than what an eye can tell apart. */
    static final int MOST_BARS = 2000;

    static final int MOST_LANES = 40;
    private static final int SLICES = 300;

    private PageData() {}

    static String json(List<Section> sections) {
        return array(sections.stream().map(PageData::section).toList());
    }

    private static String section(Section section) {
        String measures =
                array(section.measures().stream().map(PageData::measure).toList());
        long scaleNanos = section.timeline().lengthNanos();
        String tracks = array(section.timeline().tracks().stream()
                .map(track -> track(track, scaleNanos))
                .toList());
        return "{\"measures\":" + measures + ",\"length\":" + Json.millis(scaleNanos) + ",\"tracks\":" + tracks + "}";
    }

    private static String measure(Section.Measure measure) {
        String speedup =
                measure.speedup().isPresent() ? String.valueOf(measure.speedup().getAsDouble()) : "null";
        return "{\"name\":" + Json.text(measure.name()) + ",\"ms\":"
                + Json.millis(measure.time().toNanos()) + ",\"speedup\":" + speedup + "}";
    }

    static boolean isFolded(Track track, List<Lane> lanes) {
        return lanes.size() > MOST_LANES || track.spans().size() > MOST_BARS;
    }

    private static String track(Track track, long scaleNanos) {
        List<Lane> lanes = Lane.of(track);
        boolean folded = isFolded(track, lanes);
        String rows = folded
                ? "[]"
                : array(lanes.stream()
                        .map(lane -> lane(lane, track.beginNanos()))
                        .toList());
        long length = Math.max(1, scaleNanos);
        return "{\"name\":" + Json.text(track.name())
                + ",\"waiting\":" + level(Level.waiting(track, length, SLICES))
                + ",\"running\":" + (folded ? level(Level.running(track, length, SLICES)) : "[]")
                + ",\"lanes\":" + rows + "}";
    }

    private static String level(Level level) {
        return level.max() == 0
                ? "[]"
                : array(level.perSlice().stream().map(String::valueOf).toList());
    }

    private static String lane(Lane lane, long beginNanos) {
        return "{\"label\":" + Json.text(lane.heading()) + ",\"worker\":" + Json.text(lane.worker()) + ",\"bars\":"
                + array(lane.spans().stream().map(span -> bar(span, beginNanos)).toList())
                + "}";
    }

    private static String bar(Span span, long beginNanos) {
        return "{\"label\":" + Json.text(span.label())
                + ",\"from\":" + Json.millis(span.timing().startedNanos() - beginNanos)
                + ",\"to\":" + Json.millis(span.timing().endedNanos() - beginNanos)
                + ",\"waited\":" + Json.millis(span.waited().toNanos())
                + ",\"ending\":" + Json.text(span.ending().name())
                + ",\"attempts\":" + span.attempts()
                + ",\"detail\":" + Json.text(span.detail()) + "}";
    }

    private static String array(List<String> elements) {
        return elements.stream().collect(Collectors.joining(",", "[", "]"));
    }
}
