package dev.brigade.timeline;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Timelines as one page for a browser: the bars of each worker, time and speed-up of each runner, and all of it as tables.
 *
 * <p>The page is one file and asks the network for nothing. It follows the reader's choice of light and dark, fits a phone, and is
 * usable by keyboard and by screen reader. Names, messages and texts are shown as they are, never interpreted.
 *
 * <pre>{@code
 * HtmlReport.builder("Nightly import")
 *         .thisMachine()
 *         .section(Section.of(recorder.timeline("Digests")))
 *         .build()
 *         .write(Path.of("report.html"));
 * }</pre>
 *
 * <p>One report always gives the same page. Facts that change from run to run, such as the date, are shown only if they are given as a
 * {@link Builder#fact}.
 *
 * <p><b>Thread safety</b>: immutable.
 */
public final class HtmlReport {
    private static final Pattern PLACE = Pattern.compile("\\{\\{(\\w+)}}");

    private final String title;
    private final Map<String, String> facts;
    private final List<Section> sections;

    private HtmlReport(Builder builder) {
        title = builder.title;
        facts = new LinkedHashMap<>(builder.facts);
        sections = List.copyOf(builder.sections);
    }

    /**
     * A report of one timeline, run on this machine.
     *
     * @param timeline the timeline
     * @return the report
     */
    public static HtmlReport of(Timeline timeline) {
        return builder(timeline.title())
                .thisMachine()
                .section(Section.of(timeline))
                .build();
    }

    /**
     * Starts a report.
     *
     * @param title the title of the page
     * @return the builder
     */
    public static Builder builder(String title) {
        return new Builder(title);
    }

    /**
     * The page.
     *
     * @return HTML, to be stored as UTF-8
     */
    public String html() {
        return PLACE.matcher(resource("report.html"))
                .replaceAll(place -> Matcher.quoteReplacement(fill(place.group(1))));
    }

    private String fill(String place) {
        return switch (place) {
            case "title" -> Html.text(title);
            case "style" -> resource("report.css");
            case "libraries" -> libraries();
            case "script" -> resource("report.js");
            case "data" -> PageData.json(sections);
            case "body" -> new PageBody(title, facts, sections).html();
            default -> throw new AssertionError("report.html has a place that nothing fills: " + place);
        };
    }

    /**
     * Writes the page to a file, in place of what was there.
     *
     * @param file the file
     * @throws IOException when it cannot be written
     */
    public void write(Path file) throws IOException {
        Files.writeString(file, html());
    }

    /** With their licences, which ask to be in every copy. */
    private static String libraries() {
        return "/*\n" + resource("lib/LICENSE-d3") + "*/\n" + resource("lib/d3.min.js") + ";\n/*\n"
                + resource("lib/LICENSE-plot") + "*/\n" + resource("lib/plot.umd.min.js");
    }

    private static String resource(String name) {
        try (InputStream in = Objects.requireNonNull(HtmlReport.class.getResourceAsStream(name), name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read this module's own " + name, e);
        }
    }

    /** Builds an {@link HtmlReport}. <b>Thread safety</b>: none. */
    public static final class Builder {
        private final String title;
        private final Map<String, String> facts = new LinkedHashMap<>();
        private final List<Section> sections = new ArrayList<>();

        private Builder(String title) {
            this.title = Objects.requireNonNull(title, "title");
        }

        /**
         * Adds a line to the head of the page; a name that is there already gets the new value.
         *
         * @param name what it is
         * @param value what it is worth
         * @return this
         */
        public Builder fact(String name, String value) {
            facts.put(Objects.requireNonNull(name, "name"), Objects.requireNonNull(value, "value"));
            return this;
        }

        /**
         * Adds facts about the machine and the JDK that this runs on.
         *
         * @return this
         */
        public Builder thisMachine() {
            Machine.facts().forEach(this::fact);
            return this;
        }

        /**
         * Adds a section.
         *
         * @param section the section
         * @return this
         */
        public Builder section(Section section) {
            sections.add(Objects.requireNonNull(section, "section"));
            return this;
        }

        /**
         * Builds the report.
         *
         * @return the report
         */
        public HtmlReport build() {
            return new HtmlReport(this);
        }
    }
}
