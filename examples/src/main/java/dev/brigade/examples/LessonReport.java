package dev.brigade.examples;

import dev.brigade.Runner;
import dev.brigade.timeline.Recorder;
import dev.brigade.timeline.Section;
import dev.brigade.timeline.Timeline;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/** What a lesson says: sentences, tables and pictures for the reader, figures for programs, and whether its answers were right. */
final class LessonReport {
    private static final int COLUMN = 15;
    private static final int SHOWN = 20;

    private final String lesson;
    private final PrintWriter out;
    private final @Nullable Writer json;
    private final List<Figure> figures;
    private final Pictures pictures;
    private final Recorder recorder = Recorder.create();
    private final StringBuilder transcript = new StringBuilder();
    private final List<String> conclusions = new ArrayList<>();
    private int wrong;

    LessonReport(String lesson, PrintWriter out, @Nullable Writer json) {
        this(lesson, out, json, new Pictures());
    }

    LessonReport(String lesson, PrintWriter out, @Nullable Writer json, Pictures pictures) {
        this(lesson, out, json, pictures, new ArrayList<>());
    }

    private LessonReport(
            String lesson, PrintWriter out, @Nullable Writer json, Pictures pictures, List<Figure> figures) {
        this.lesson = lesson;
        this.out = out;
        this.json = json;
        this.pictures = pictures;
        this.figures = figures;
    }

    /** The report of a lesson inside this one; its figures are this one's too. */
    LessonReport inner(String innerLesson) {
        return new LessonReport(innerLesson, out, json, pictures, figures);
    }

    /** Prints a sentence; the format is that of {@link String#format}. */
    void say(String format, @Nullable Object... values) {
        String line = String.format(Locale.ROOT, format, values);
        transcript.append(line).append('\n');
        out.println(line);
        out.flush();
    }

    /** Prints the line that says what the numbers have shown. */
    void conclude(String format, @Nullable Object... values) {
        conclusions.add(String.format(Locale.ROOT, format, values));
        say("=> " + format, values);
    }

    /** Prints one line of a table, its headings too. */
    void row(String... cells) {
        StringBuilder line = new StringBuilder("  ");
        for (String cell : cells) {
            line.append(String.format(Locale.ROOT, "%-" + COLUMN + "s ", cell));
        }
        say("%s", line.toString().stripTrailing());
    }

    /** Keeps a measured number, and writes it to the JSON file where there is one. */
    void figure(String runner, String what, double value, String unit) {
        Figure figure = new Figure(lesson, runner, what, value, unit);
        figures.add(figure);
        if (json != null) {
            try {
                json.write(figure.toJson() + "\n");
                json.flush();
            } catch (IOException e) {
                throw new UncheckedIOException("cannot write figures", e);
            }
        }
    }

    /** A number that was kept before, by this lesson or one inside it. */
    OptionalDouble find(String ofLesson, String runner, String what) {
        return figures.stream()
                .filter(f -> f.lesson().equals(ofLesson)
                        && f.runner().equals(runner)
                        && f.what().equals(what))
                .mapToDouble(Figure::value)
                .reduce((earlier, later) -> later);
    }

    /** The runner to use in place of the given one, so that its tasks come into the pictures, where those are wanted. */
    Runner watch(String track, Runner runner) {
        return pictures.wanted() ? recorder.watch(track, runner) : runner;
    }

    /** Adds what this lesson said, measured and ran to the pictures. */
    void picture(String question, String command) {
        if (pictures.wanted()) {
            String summary = question + " " + String.join(" ", conclusions);
            Timeline timeline = recorder.timeline(lesson);
            pictures.add(
                    new Section(lesson, summary.strip(), measures(), timeline, transcript.toString(), command), out);
        }
    }

    /** The times that were kept, in the order of the runners' first. */
    private List<Section.Measure> measures() {
        return figures.stream()
                .filter(f -> f.lesson().equals(lesson) && f.what().equals("wall"))
                .map(Figure::runner)
                .distinct()
                .map(runner -> new Section.Measure(
                        runner,
                        Duration.ofNanos(Math.round(find(lesson, runner, "wall").orElseThrow() * 1e9)),
                        find(lesson, runner, "speedup")))
                .toList();
    }

    /** Checks an answer; a wrong one is printed and makes the lesson exit with 1. */
    void check(boolean answerIsRight, String complaint, @Nullable Object... values) {
        if (answerIsRight) {
            return;
        }
        wrong++;
        if (wrong <= SHOWN) {
            say("WRONG: " + complaint, values);
        } else if (wrong == SHOWN + 1) {
            say("WRONG: ... and more");
        }
    }

    /** Says what could not be shown this time, as on a busy machine; no answer was wrong, and the exit code stays. */
    void expect(boolean shown, String instead, @Nullable Object... values) {
        if (!shown) {
            say("NOT SHOWN: " + instead, values);
        }
    }

    /** The exit code: 0 when all that was checked was right, else 1. */
    int verdict() {
        return wrong == 0 ? 0 : 1;
    }
}
