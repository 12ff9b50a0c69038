package dev.brigade.examples;

import dev.brigade.Runner;
import dev.brigade.TaskFunction;
import dev.brigade.runner.AsyncRunner;
import dev.brigade.runner.SequentialRunner;
import dev.brigade.runner.ThreadRunner;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What every lesson has: {@code --json}, {@code --timeline}, {@code --report}, {@code --trace}, {@code --help}, an exit code, and the number of this machine's cores. */
@Command(sortOptions = false, showDefaultValues = true)
abstract class Lesson implements Callable<Integer> {
    static final int CORES = Runtime.getRuntime().availableProcessors();

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli before anything else happens
    CommandSpec spec;

    @Option(names = "--json", paramLabel = "FILE", description = "Write the figures to FILE, one JSON object a line.")
    @Nullable
    Path json;

    @Mixin
    final Pictures pictures = new Pictures();

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help and exit.")
    boolean help;

    @Override
    public final Integer call() throws Exception {
        try (Writer figures = json == null ? Writer.nullWriter() : open(json)) {
            checkPictures();
            PrintWriter out = spec.commandLine().getOut();
            try {
                return run(new LessonReport(spec.name(), out, figures, pictures));
            } finally {
                pictures.write("Brigade: " + spec.name());
            }
        }
    }

    /** Greets, and teaches; {@code all} calls it for the lessons it runs. */
    final int run(LessonReport report) throws Exception {
        checkArguments();
        String question = spec.usageMessage().description()[0];
        report.say("%s: %s", spec.name(), question);
        report.say("(%d cores, JDK %s)", CORES, System.getProperty("java.version"));
        report.say("");
        loadRunners();
        try {
            return teach(report);
        } finally {
            picture(report, question);
        }
    }

    /** Shows what the lesson ran, where that is wanted. */
    void picture(LessonReport report, String question) {
        report.picture(
                question,
                Repeat.command(spec.root().commandLine().getParseResult().originalArgs()));
    }

    /** Has this JVM load the library before any clock starts: the first row of a table must not pay for the others. */
    private static void loadRunners() throws Exception {
        List<Race.Opener> openers =
                List.of(SequentialRunner::of, () -> ThreadRunner.of(1), ThreadRunner::virtual, AsyncRunner::of);
        for (Race.Opener opener : openers) {
            try (Runner runner = opener.open()) {
                runner.map(List.of(1), number -> number);
                runner.map(List.of(1), TaskFunction.async(number -> AsyncRunner.delay(Duration.ZERO)));
            } catch (UnsupportedOperationException absent) {
                // no virtual threads in this JDK; the lessons say so
            }
        }
    }

    /** Refuses, with {@link #require}, arguments that picocli cannot judge alone. */
    void checkArguments() {}

    /** The lesson itself; returns the exit code. */
    abstract int teach(LessonReport report) throws Exception;

    /** Ends with exit code 2 unless the arguments make sense together. */
    final void require(boolean argumentsAreRight, String complaint) {
        if (!argumentsAreRight) {
            throw new ParameterException(spec.commandLine(), complaint);
        }
    }

    private void checkPictures() {
        try {
            pictures.checkFiles();
        } catch (IOException e) {
            throw new ParameterException(spec.commandLine(), "cannot write --report or --trace file: " + e, e);
        }
    }

    private Writer open(Path file) {
        try {
            return Files.newBufferedWriter(file);
        } catch (IOException e) {
            throw new ParameterException(spec.commandLine(), "cannot write --json file: " + e, e);
        }
    }
}
