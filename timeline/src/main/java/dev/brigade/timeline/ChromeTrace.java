package dev.brigade.timeline;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A timeline in the Chrome Trace Event format, which Perfetto (ui.perfetto.dev) and {@code chrome://tracing} open, to zoom and
 * search in.
 *
 * <p>Each track is a process of the trace and each worker a thread of it; an event loop has as many threads as it waited for
 * things at once. Each task that ran is one complete event ({@code "X"}) with its index, attempts, ending and failure. One that
 * never ran is an instant event ({@code "i"}) on a thread of its own. The numbers of waiting and running tasks are
 * counters, as means over a 500th of the track. Times are microseconds since the first submission of all; the tracks keep their distance in time.
 */
public final class ChromeTrace {
    /** The number of the thread that shows tasks that never ran; workers have numbers from 1. */
    private static final int NOBODY = 0;

    private static final int COUNTER_SLICES = 500;

    private final List<String> events = new ArrayList<>();
    private final long originNanos;

    private ChromeTrace(Timeline timeline) {
        originNanos = timeline.tracks().stream()
                .filter(track -> !track.spans().isEmpty())
                .mapToLong(Track::beginNanos)
                .min()
                .orElse(0);
        for (int i = 0; i < timeline.tracks().size(); i++) {
            add(timeline.tracks().get(i), i + 1);
        }
    }

    /**
     * A timeline as JSON.
     *
     * @param timeline the timeline
     * @return an object with the member {@code traceEvents}
     */
    public static String json(Timeline timeline) {
        String events = String.join(",\n", new ChromeTrace(timeline).events);
        return "{\"displayTimeUnit\":\"ms\",\"otherData\":{\"title\":" + Json.text(timeline.title())
                + "},\"traceEvents\":[\n" + events + "\n]}\n";
    }

    /**
     * Writes a timeline to a file, in place of what was there.
     *
     * @param timeline the timeline
     * @param file the file
     * @throws IOException when it cannot be written
     */
    public static void write(Timeline timeline, Path file) throws IOException {
        Files.writeString(file, json(timeline));
    }

    private void add(Track track, int pid) {
        name("process_name", pid, NOBODY, track.name());
        List<Lane> lanes = Lane.of(track);
        for (int i = 0; i < lanes.size(); i++) {
            int tid = i + 1;
            name("thread_name", pid, tid, lanes.get(i).label());
            lanes.get(i).spans().forEach(span -> complete(span, pid, tid));
        }
        List<Span> unstarted =
                track.spans().stream().filter(span -> !span.ran()).toList();
        if (!unstarted.isEmpty()) {
            name("thread_name", pid, NOBODY, "(never started)");
            unstarted.forEach(span -> instant(span, pid));
        }
        counter(track, pid, "waiting", Level.waiting(track, track.lengthNanos(), COUNTER_SLICES));
        counter(track, pid, "running", Level.running(track, track.lengthNanos(), COUNTER_SLICES));
    }

    private void name(String what, int pid, int tid, String name) {
        events.add("{\"ph\":\"M\",\"name\":\"" + what + "\"," + place(pid, tid) + ",\"args\":{\"name\":"
                + Json.text(name) + "}}");
    }

    private void complete(Span span, int pid, int tid) {
        events.add("{\"ph\":\"X\"," + head(span) + "," + place(pid, tid)
                + ",\"ts\":" + micros(span.timing().startedNanos())
                + ",\"dur\":" + Json.micros(span.ranFor().toNanos()) + "," + args(span) + "}");
    }

    private void instant(Span span, int pid) {
        events.add("{\"ph\":\"i\",\"s\":\"t\"," + head(span) + "," + place(pid, NOBODY) + ",\"ts\":"
                + micros(span.timing().endedNanos()) + "," + args(span) + "}");
    }

    /** One event for each change: a number holds until the next. */
    private void counter(Track track, int pid, String name, Level level) {
        int before = 0;
        for (int slice = 0; slice < COUNTER_SLICES; slice++) {
            int count = level.perSlice().get(slice);
            if (count != before) {
                long at = Scale.boundaryNanos(slice, COUNTER_SLICES, track.lengthNanos());
                count(pid, name, track.beginNanos() + at, count);
            }
            before = count;
        }
        if (before != 0) {
            count(pid, name, track.beginNanos() + track.lengthNanos(), 0);
        }
    }

    private void count(int pid, String name, long nanos, int count) {
        events.add("{\"ph\":\"C\",\"name\":\"" + name + "\"," + place(pid, NOBODY) + ",\"ts\":" + micros(nanos)
                + ",\"args\":{\"tasks\":" + count + "}}");
    }

    private static String head(Span span) {
        return "\"name\":" + Json.text(span.label()) + ",\"cat\":"
                + Json.text(span.ending().words());
    }

    private static String place(int pid, int tid) {
        return "\"pid\":" + pid + ",\"tid\":" + tid;
    }

    private static String args(Span span) {
        return "\"args\":{\"index\":" + span.index() + ",\"ending\":"
                + Json.text(span.ending().words())
                + ",\"attempts\":" + span.attempts()
                + ",\"waited_ms\":" + Json.millis(span.waited().toNanos())
                + ",\"failure\":" + Json.text(span.detail()) + "}";
    }

    private String micros(long epochNanos) {
        return Json.micros(epochNanos - originNanos);
    }
}
