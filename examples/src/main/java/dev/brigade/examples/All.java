package dev.brigade.examples;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

// What do all the lessons say, side by side?
//
// $ java -jar examples/target/brigade-examples.jar all
//
//   ... each lesson, as in its own file, and at the end, on 2 cores with JDK 17.0.15:
//
//   --- Time and speed-up, lesson by runner:
//                     sequential      threads         virtual         async           processes
//     base            4.02 s 1.00 x   0.43 s 9.35 x   -               0.41 s 9.91 x   -
//     cpu-example     5.26 s 1.00 x   2.69 s 1.95 x   -               -               -
//     mp              5.04 s 1.00 x   -               -               -               3.15 s 1.60 x
//     share           0.07 s 1.00 x   0.11 s 0.64 x   -               -               -
//     share2          0.29 s          0.67 s 0.43 x   -               -               -
//     as              -               -               -               0.68 s 7354 x   -
//     digest          0.31 s 1.00 x   0.25 s 1.23 x   -               0.30 s 1.04 x   1.17 s 0.27 x

/** Every lesson, at sizes that take a minute or two in total; then one table. */
@Command(name = "all", description = "Every lesson in a minute or two, then one table.")
public final class All extends Lesson {
    private static final List<String> RUNNERS = List.of("sequential", "threads", "virtual", "async", "processes");

    /** Runs all lessons. */
    public static void main(String... args) {
        Main.main("all", args);
    }

    @Option(names = "--scale", defaultValue = "1", description = "Multiply all sizes.")
    double scale;

    @Option(names = "--dir", paramLabel = "DIR", description = "What digest reads (the running JDK's own files).")
    Path directory = Path.of(System.getProperty("java.home"));

    @Override
    void checkArguments() {
        require(scale > 0 && scale <= 100, "--scale must be more than 0 and at most 100, was " + scale);
        require(Files.isDirectory(directory), "not a directory: '" + directory + "'");
    }

    @Override
    int teach(LessonReport report) throws Exception {
        List<List<String>> lessons = List.of(
                List.of("base", "--millis", size(400)),
                List.of("cpu-example", "--limit", size(150_000_000)),
                List.of("gil", "--limit", size(15_000_000)),
                List.of("mp", "--limit", size(150_000_000)),
                List.of("share", "--increments", size(5_000_000)),
                List.of("share2", "--increments", size(2_000_000)),
                List.of("interleave"),
                List.of("as", "--waits", size(10_000)),
                List.of("virtual", "--waits", size(10_000)),
                List.of("timeout"),
                List.of("crash"),
                List.of("pipeline", "--limit", size(20_000_000), "--millis", size(200)),
                List.of("digest", directory.toAbsolutePath().toString()));
        for (List<String> arguments : lessons) {
            String name = arguments.get(0);
            CommandLine.ParseResult parsed = Main.commandLine().parseArgs(arguments.toArray(String[]::new));
            Lesson lesson = (Lesson) parsed.subcommand().commandSpec().userObject();
            report.say("%n---");
            report.check(code(lesson, report.inner(name)) != 1, "the lesson %s went wrong", name);
        }
        report.say("%n--- Time and speed-up, lesson by runner:");
        report.row(cells("", runner -> runner));
        for (List<String> arguments : lessons) {
            String name = arguments.get(0);
            String[] cells = cells(name, runner -> cell(report, name, runner));
            if (Stream.of(cells).skip(1).anyMatch(cell -> !cell.equals("-"))) {
                report.row(cells);
            }
        }
        return report.verdict();
    }

    /** Each lesson shows its own. */
    @Override
    void picture(LessonReport report, String question) {}

    /** One lesson that breaks off does not keep the others from running. */
    private static int code(Lesson lesson, LessonReport report) throws InterruptedException {
        try {
            return lesson.run(report);
        } catch (InterruptedException stop) {
            throw stop;
        } catch (Exception failure) {
            report.say("the lesson broke off: %s", failure);
            return 1;
        }
    }

    private static String[] cells(String first, UnaryOperator<String> cell) {
        return Stream.concat(Stream.of(first), RUNNERS.stream().map(cell)).toArray(String[]::new);
    }

    private static String cell(LessonReport report, String lesson, String runner) {
        OptionalDouble wall = report.find(lesson, runner, "wall");
        OptionalDouble speedup = report.find(lesson, runner, "speedup");
        return (wall.isPresent() ? Race.seconds(wall.getAsDouble()) : "-")
                + (speedup.isPresent() ? " " + Race.times(speedup.getAsDouble()) : "");
    }

    private String size(int full) {
        return String.valueOf(Math.max(1, Math.min(2_000_000_000, Math.round(full * scale))));
    }
}
