package dev.brigade.timeline;

import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;

/** The page's text and tables: all that can be read without the script, which only draws charts into the places left for them. */
final class PageBody {
    private static final int ROWS_SHOWN = 500;

    private final String title;
    private final Map<String, String> facts;
    private final List<Section> sections;
    private final StringBuilder html = new StringBuilder();

    PageBody(String title, Map<String, String> facts, List<Section> sections) {
        this.title = title;
        this.facts = facts;
        this.sections = sections;
    }

    String html() {
        html.append("<header>\n");
        element("h1", title);
        if (!facts.isEmpty()) {
            html.append("<dl class=\"facts\">\n");
            facts.forEach((name, value) -> {
                html.append("<div>");
                element("dt", name);
                element("dd", value);
                html.append("</div>\n");
            });
            html.append("</dl>\n");
        }
        if (sections.size() > 1) {
            overview();
        }
        html.append("</header>\n<main>\n");
        for (int i = 0; i < sections.size(); i++) {
            section(sections.get(i), i);
        }
        html.append("</main>\n");
        return html.toString();
    }

    /** Every section by every runner: what a reader of many sections looks for first. */
    private void overview() {
        List<String> runners = sections.stream()
                .flatMap(section -> section.measures().stream())
                .map(Section.Measure::name)
                .distinct()
                .toList();
        html.append("<nav aria-label=\"Sections\">\n<div class=\"wide\" tabindex=\"0\" role=\"group\"")
                .append(" aria-label=\"Time and speed-up\">\n<table class=\"overview\">\n")
                .append("<caption>Time and speed-up</caption>\n<thead><tr><th scope=\"col\">Section</th>");
        runners.forEach(runner ->
                html.append("<th scope=\"col\">").append(Html.text(runner)).append("</th>"));
        html.append("</tr></thead>\n<tbody>\n");
        for (int i = 0; i < sections.size(); i++) {
            Section section = sections.get(i);
            html.append("<tr><th scope=\"row\"><a href=\"#s").append(i).append("\">");
            html.append(Html.text(section.title())).append("</a></th>");
            runners.forEach(runner -> overviewCell(section, runner));
            html.append("</tr>\n");
        }
        html.append("</tbody>\n</table>\n</div>\n</nav>\n");
    }

    private void overviewCell(Section section, String runner) {
        html.append("<td>");
        section.measures().stream()
                .filter(measure -> measure.name().equals(runner))
                .reduce((earlier, later) -> later)
                .ifPresentOrElse(
                        measure -> html.append(Scale.text(measure.time().toNanos()))
                                .append(" <b>")
                                .append(times(measure.speedup()))
                                .append("</b>"),
                        () -> html.append("<span class=\"none\">\u2013</span>"));
        html.append("</td>");
    }

    private void section(Section section, int number) {
        html.append("<section id=\"s")
                .append(number)
                .append("\" aria-labelledby=\"h")
                .append(number)
                .append("\">\n");
        html.append("<h2 id=\"h").append(number).append("\">");
        html.append(Html.text(section.title())).append("</h2>\n");
        if (!section.summary().isEmpty()) {
            html.append("<p class=\"summary\">")
                    .append(Html.text(section.summary()))
                    .append("</p>\n");
        }
        measures(section, number);
        timeline(section, number);
        transcript(section);
        command(section);
        html.append("</section>\n");
    }

    private void measures(Section section, int number) {
        if (section.measures().isEmpty()) {
            return;
        }
        html.append("<div class=\"measures\">\n");
        place("time", number, "h3", "Time", "Time of each runner; the shorter the better");
        if (section.measures().stream().anyMatch(measure -> measure.speedup().isPresent())) {
            place("speedup", number, "h3", "Speed-up", "Speed-up of each runner; the longer the better");
        }
        html.append("</div>\n<details><summary>As a table</summary>\n<table>\n<thead><tr><th scope=\"col\">Runner</th>")
                .append("<th scope=\"col\">Time</th><th scope=\"col\">Speed-up</th></tr></thead>\n<tbody>\n");
        for (Section.Measure measure : section.measures()) {
            html.append("<tr>");
            html.append("<th scope=\"row\">").append(Html.text(measure.name())).append("</th>");
            element("td", Scale.text(measure.time().toNanos()));
            element("td", times(measure.speedup()));
            html.append("</tr>\n");
        }
        html.append("</tbody>\n</table>\n</details>\n");
    }

    /** Adds the place into which the script puts a chart. */
    private void place(String chart, int number, String heading, String title, String description) {
        html.append("<figure data-chart=\"")
                .append(chart)
                .append("\" data-section=\"")
                .append(number);
        html.append("\" aria-label=\"").append(Html.text(description)).append("\">\n");
        element(heading, title);
        html.append("<div class=\"chart\"></div>\n</figure>\n");
    }

    private void timeline(Section section, int number) {
        Timeline timeline = section.timeline();
        if (timeline.isEmpty()) {
            return;
        }
        html.append("<div class=\"timeline\">\n<h3>Who ran what, when</h3>\n");
        legend(timeline);
        for (int i = 0; i < timeline.tracks().size(); i++) {
            Track track = timeline.tracks().get(i);
            html.append("<figure data-chart=\"track\" data-section=\"").append(number);
            html.append("\" data-track=\"").append(i).append("\">\n<figcaption><h4>");
            html.append(Html.text(track.name())).append("</h4> ").append(Html.text(track.summary()));
            html.append("; ").append(Scale.text(track.lengthNanos()));
            if (PageData.isFolded(track, Lane.of(track))) {
                html.append("; too many for single bars, so this is how many ran at once");
            }
            html.append("</figcaption>\n<div class=\"chart\"></div>\n</figure>\n");
        }
        html.append("<p class=\"details\" role=\"status\">Point at a bar, or go to one with the Tab and arrow keys, ")
                .append("to see its task.</p>\n");
        new TaskTable(timeline, ROWS_SHOWN).appendTo(html);
        html.append("</div>\n");
    }

    private void legend(Timeline timeline) {
        Set<SpanOutcome> seen = EnumSet.noneOf(SpanOutcome.class);
        timeline.tracks().forEach(track -> seen.addAll(track.endings().keySet()));
        html.append("<ul class=\"legend\">\n");
        for (SpanOutcome ending : seen) {
            html.append("<li><i class=\"").append(ending.name()).append("\" aria-hidden=\"true\">");
            html.append(String.valueOf(ending.mark()).strip()).append("</i>");
            html.append(ending.words()).append("</li>\n");
        }
        if (timeline.tracks().stream().flatMap(t -> t.spans().stream()).anyMatch(Span::retried)) {
            html.append("<li><i class=\"RETRIED\"></i>tried more than once</li>\n");
        }
        html.append("<li><i class=\"WAITING\"></i>how many waited</li>\n</ul>\n");
    }

    private void transcript(Section section) {
        if (!section.transcript().isEmpty()) {
            html.append("<details><summary>What it printed</summary>\n<pre tabindex=\"0\">")
                    .append(Html.text(section.transcript()))
                    .append("</pre>\n</details>\n");
        }
    }

    private void command(Section section) {
        if (!section.command().isEmpty()) {
            html.append("<p class=\"command\">Repeat it: <code>").append(Html.text(section.command()));
            html.append("</code></p>\n");
        }
    }

    private void element(String name, String text) {
        html.append('<')
                .append(name)
                .append('>')
                .append(Html.text(text))
                .append("</")
                .append(name)
                .append(">\n");
    }

    private static String times(OptionalDouble speedup) {
        return speedup.isEmpty()
                ? ""
                : String.format(
                        Locale.ROOT,
                        speedup.getAsDouble() < 100 ? "%.2f \u00d7" : "%.0f \u00d7",
                        speedup.getAsDouble());
    }
}
