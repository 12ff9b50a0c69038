package dev.brigade.timeline;

import java.io.Console;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * A timeline as text: one row for each worker, all tracks on one scale.
 *
 * <pre>{@code
 * threads: 5 tasks, 1 failed; 0.43 s
 *   waiting (max 3)          |333222211          |
 *   threads-1                |=====#####=====    |
 *   threads-2                |=======x####       |
 *                             0        0.2 s
 *   = # one task, and the next   x failed
 * }</pre>
 *
 * <p>A worker's row shows, in each place, the task that had most of it. A track with more workers than rows is drawn as the number of
 * tasks that ran at once. One timeline always gives the same text.
 *
 * <p><b>Thread safety</b>: immutable.
 */
public final class TextTimeline {
    private static final int MIN_WIDTH = 20;
    private static final int DEFAULT_WIDTH = 55;
    private static final int MAX_WIDTH = 1000;
    private static final int ROWS = 16;
    private static final int LABEL_CHARS = 20;
    private static final int STEP_CHARS = 10;
    private static final String INDENT = "  ";

    private final Glyphs glyphs;
    private final int width;

    private TextTimeline(Glyphs glyphs, int width) {
        this.glyphs = glyphs;
        this.width = width;
    }

    /**
     * Plain ASCII, for logs and files.
     *
     * @return the form
     */
    public static TextTimeline ascii() {
        return new TextTimeline(Glyphs.ASCII, DEFAULT_WIDTH);
    }

    /**
     * Block characters in colour, for terminals that have both.
     *
     * @return the form
     */
    public static TextTimeline colour() {
        return new TextTimeline(Glyphs.COLOUR, DEFAULT_WIDTH);
    }

    /**
     * Returns the form for this process's standard output: {@link #colour()} on a terminal that takes UTF-8, unless the environment
     * variable {@code NO_COLOR} is set or {@code TERM} is {@code dumb}; else {@link #ascii()}.
     *
     * @return the form
     */
    @SuppressWarnings("SystemConsoleNull") // null or not, isTerminal has the last word
    public static TextTimeline forTerminal() {
        Console console = System.console();
        boolean plain = System.getenv("NO_COLOR") != null || "dumb".equals(System.getenv("TERM"));
        boolean able =
                console != null && isTerminal(console) && console.charset().equals(StandardCharsets.UTF_8);
        return able && !plain ? colour() : ascii();
    }

    /** Since JDK 22 there may be a console without a terminal, and it is asked; before, there is none then. */
    private static boolean isTerminal(Console console) {
        try {
            return (boolean) Console.class.getMethod("isTerminal").invoke(console);
        } catch (NoSuchMethodException before22) {
            return true;
        } catch (ReflectiveOperationException e) {
            return false;
        }
    }

    /**
     * The same, with longer or shorter rows.
     *
     * @param columns how many characters a row has for its bars, 20 to 1000
     * @return the form
     * @throws IllegalArgumentException when outside the bounds
     */
    public TextTimeline withWidth(int columns) {
        if (columns < MIN_WIDTH || columns > MAX_WIDTH) {
            throw new IllegalArgumentException(
                    "width must be " + MIN_WIDTH + " to " + MAX_WIDTH + " (columns), was " + columns);
        }
        return new TextTimeline(glyphs, columns);
    }

    /**
     * Draws a timeline.
     *
     * @param timeline the timeline
     * @return lines, each with a line feed at its end
     */
    public String render(Timeline timeline) {
        List<String> lines = new ArrayList<>();
        lines.add(printable(timeline.title()));
        long scaleNanos = Math.max(1, timeline.lengthNanos());
        for (Track track : timeline.tracks()) {
            draw(track, scaleNanos, lines);
        }
        if (timeline.isEmpty()) {
            lines.add(INDENT + "(no task ran on a runner)");
        } else {
            lines.add(axis(scaleNanos));
            lines.add(INDENT + legend(timeline));
        }
        StringBuilder text = new StringBuilder();
        lines.forEach(line -> text.append(line.stripTrailing()).append('\n'));
        return text.toString();
    }

    private void draw(Track track, long scaleNanos, List<String> lines) {
        String length = track.spans().isEmpty() ? "" : "; " + Scale.text(track.lengthNanos());
        lines.add(printable(track.name()) + ": " + track.summary() + length);
        Level waiting = Level.waiting(track, scaleNanos, width);
        if (waiting.max() > 0) {
            lines.add(levels("waiting", waiting));
        }
        List<Lane> lanes = Lane.of(track);
        if (lanes.size() > ROWS) {
            lines.add(levels("running", Level.running(track, scaleNanos, width)));
            return;
        }
        for (Lane lane : lanes) {
            TextRow row = new TextRow(glyphs, track.beginNanos(), scaleNanos, width);
            lines.add(row(printable(lane.heading()), row.draw(lane.spans())));
        }
    }

    private String levels(String what, Level level) {
        StringBuilder row = new StringBuilder();
        for (int count : level.perSlice()) {
            row.append(glyphs.level(count, level.max()));
        }
        return row(what + " (max " + level.max() + ")", glyphs.faint(row.toString()));
    }

    private String row(String label, String cells) {
        return INDENT + padded(label) + ' ' + glyphs.edge() + cells + glyphs.edge();
    }

    private static String padded(String label) {
        String shown = label.length() > LABEL_CHARS ? label.substring(0, LABEL_CHARS - 3) + "..." : label;
        return shown + " ".repeat(LABEL_CHARS - shown.length());
    }

    /** The marks under the rows, at round times. */
    private String axis(long scaleNanos) {
        int offset = INDENT.length() + LABEL_CHARS + 2;
        StringBuilder axis = new StringBuilder(" ".repeat(offset)).append('0');
        long stepNanos = Scale.stepNanos(scaleNanos, Math.max(2, width / STEP_CHARS));
        for (long at = stepNanos; at < scaleNanos; at += stepNanos) {
            int place = offset + (int) ((double) at / scaleNanos * width);
            String text = Scale.tick(at, stepNanos);
            if (place > axis.length() && place + text.length() <= offset + width + STEP_CHARS) {
                axis.append(" ".repeat(place - axis.length())).append(text);
            }
        }
        return axis.toString();
    }

    private String legend(Timeline timeline) {
        List<Span> spans = timeline.tracks().stream()
                .flatMap(track -> track.spans().stream())
                .toList();
        StringBuilder legend = new StringBuilder();
        legend.append(glyphs.bars().charAt(0)).append(' ').append(glyphs.bars().charAt(1));
        legend.append(" one task, and the next");
        if (spans.stream().anyMatch(Span::retried)) {
            legend.append("   ").append(TextRow.RETRIED).append(" retried");
        }
        Set<SpanOutcome> seen = EnumSet.noneOf(SpanOutcome.class);
        spans.forEach(span -> seen.add(span.ending()));
        seen.remove(SpanOutcome.SUCCEEDED);
        seen.forEach(
                ending -> legend.append("   ").append(ending.mark()).append(' ').append(ending.words()));
        return legend.toString();
    }

    /** Names come from users: what would steer a terminal, or break a line, is shown as a question mark. */
    private String printable(String line) {
        StringBuilder safe = new StringBuilder();
        line.codePoints().forEach(c -> {
            boolean shown = !Character.isISOControl(c) && (glyphs.coloured() || c < 127);
            safe.appendCodePoint(shown ? c : '?');
        });
        return safe.toString();
    }
}
