package dev.brigade.timeline;

import java.util.Comparator;
import java.util.List;
import java.util.Objects;

/** The tasks of a timeline as a table: what the charts show, for those who cannot see them, search, or want to copy. */
final class TaskTable {
    private static final Comparator<Span> WORST_FIRST =
            Comparator.comparing((Span span) -> span.ending() == SpanOutcome.SUCCEEDED);

    private final Timeline timeline;
    private final int rowsShown;

    TaskTable(Timeline timeline, int rowsShown) {
        this.timeline = timeline;
        this.rowsShown = rowsShown;
    }

    void appendTo(StringBuilder html) {
        html.append("<details><summary>All tasks as tables</summary>\n");
        timeline.tracks().forEach(track -> append(track, html));
        html.append("</details>\n");
    }

    /** Of a track with too many tasks those that went wrong come first; the rest is in the trace file. */
    private void append(Track track, StringBuilder html) {
        boolean all = track.spans().size() <= rowsShown;
        List<Span> shown = all
                ? track.spans()
                : track.spans().stream().sorted(WORST_FIRST).limit(rowsShown).toList();
        html.append("<div class=\"wide\" tabindex=\"0\" role=\"group\" aria-label=\"Tasks of ");
        html.append(Html.text(track.name())).append("\">\n<table>\n<caption>").append(Html.text(track.name()));
        if (!all) {
            html.append(": ")
                    .append(rowsShown)
                    .append(" of ")
                    .append(track.spans().size());
            html.append(" tasks, those that went wrong first");
        }
        html.append("</caption>\n<thead><tr>");
        for (String heading : List.of("Task", "Worker", "Waited", "Started at", "Ran", "Attempts", "Ended", "Why")) {
            html.append("<th scope=\"col\">").append(heading).append("</th>");
        }
        html.append("</tr></thead>\n<tbody>\n");
        shown.forEach(span -> append(span, track.beginNanos(), html));
        html.append("</tbody>\n</table>\n</div>\n");
    }

    private static void append(Span span, long beginNanos, StringBuilder html) {
        html.append("<tr class=\"").append(span.ending().name()).append("\"><th scope=\"row\">");
        html.append(Html.text(span.label())).append("</th>");
        cell(html, Objects.requireNonNullElse(span.worker(), "\u2013"));
        cell(html, Scale.text(span.waited().toNanos()));
        cell(html, span.ran() ? Scale.text(span.timing().startedNanos() - beginNanos) : "never");
        cell(html, Scale.text(span.ranFor().toNanos()));
        cell(html, String.valueOf(span.attempts()));
        cell(html, span.ending().words());
        cell(html, span.detail());
        html.append("</tr>\n");
    }

    private static void cell(StringBuilder html, String text) {
        html.append("<td>").append(Html.text(text)).append("</td>");
    }
}
