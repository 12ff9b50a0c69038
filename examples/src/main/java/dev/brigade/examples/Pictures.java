package dev.brigade.examples;

import dev.brigade.timeline.ChromeTrace;
import dev.brigade.timeline.HtmlReport;
import dev.brigade.timeline.Section;
import dev.brigade.timeline.TextTimeline;
import dev.brigade.timeline.Timeline;
import dev.brigade.timeline.Track;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What a lesson shows beside its words: its tasks on a timeline, in the terminal, as a page and for trace viewers. */
final class Pictures {
    @Option(names = "--timeline", description = "Draw who ran what, when.")
    boolean timeline;

    @Option(names = "--report", paramLabel = "FILE", description = "Write a page with charts to FILE, for a browser.")
    @Nullable
    Path report;

    @Option(names = "--trace", paramLabel = "FILE", description = "Write a trace to FILE, for ui.perfetto.dev.")
    @Nullable
    Path trace;

    private final List<Section> sections = new ArrayList<>();

    /** Whether anybody wants to see any: recording costs a little time. */
    boolean wanted() {
        return timeline || report != null || trace != null;
    }

    /** Fails now, rather than after the lesson, when a file cannot be written. */
    void checkFiles() throws IOException {
        for (Path file : new Path[] {report, trace}) {
            if (file != null) {
                Files.newOutputStream(file).close();
            }
        }
    }

    /** Keeps what a lesson has shown, and draws it here and now where that is wanted. */
    void add(Section section, PrintWriter out) {
        sections.add(section);
        if (timeline) {
            out.println();
            out.print(TextTimeline.forTerminal().render(section.timeline()));
            out.flush();
        }
    }

    /** Writes the files. */
    void write(String title) throws IOException {
        if (report != null) {
            HtmlReport.Builder page =
                    HtmlReport.builder(title).fact("Recorded", now()).thisMachine();
            sections.forEach(page::section);
            page.build().write(report);
        }
        if (trace != null) {
            ChromeTrace.write(new Timeline(title, tracks()), trace);
        }
    }

    /** Of several lessons, each track says whose it is. */
    private List<Track> tracks() {
        return sections.stream()
                .flatMap(section -> section.timeline().tracks().stream().map(track -> named(section, track)))
                .toList();
    }

    private Track named(Section section, Track track) {
        String name = sections.size() == 1 ? track.name() : section.title() + ": " + track.name();
        return new Track(name, track.spans(), track.dropped());
    }

    private static String now() {
        return ZonedDateTime.now(ZoneOffset.UTC)
                .truncatedTo(ChronoUnit.MINUTES)
                .format(DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm 'UTC'"));
    }
}
