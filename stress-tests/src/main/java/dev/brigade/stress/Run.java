package dev.brigade.stress;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** One run: launch, read the results, judge them, write everything down in one directory. */
final class Run {
    static final String VERDICTS = "verdicts.tsv";

    /**
     * A race that a short run on a busy machine did not show gets one longer run before it counts as unseen, unless the
     * caller chose the times. The result file goes beside the first one, and both are read.
     */
    private static final List<String> SECOND_TRY = List.of("-iters", "10", "-time", "300");

    private final StressForm form;
    private final String filter;
    private final Path directory;

    Run(StressForm form, String filter, Path directory) {
        this.form = form;
        this.filter = filter;
        this.directory = directory.toAbsolutePath();
    }

    /** Runs the selected tests and returns the verdicts, that on the whole run first. */
    List<Verdict> run(Duration deadline, List<String> extra) throws IOException, InterruptedException {
        empty(directory);
        Selection selection = Selection.of(form, filter);
        Instant start = Instant.now();
        RunConditions.of(form, start).write(directory);
        JcstressLauncher.Ended ended = launch(selection, deadline, extra);
        Selection unlucky = Selection.unseenIn(Blob.in(directory));
        if (!ended.timedOut() && !unlucky.isEmpty() && extra.isEmpty()) {
            Duration left = deadline.minus(Duration.between(start, Instant.now()));
            ended = launch(unlucky, left, SECOND_TRY);
        }
        List<Verdict> verdicts = new ArrayList<>(Verdict.of(selection, Blob.in(directory)));
        verdicts.add(0, Verdict.of(selection, filter, ended, verdicts, lastWords()));
        Files.write(
                directory.resolve(VERDICTS),
                verdicts.stream().map(Verdict::line).toList());
        RunConditions.of(form, start).write(directory);
        StressReport.write(directory);
        return verdicts;
    }

    private JcstressLauncher.Ended launch(Selection selection, Duration deadline, List<String> extra)
            throws IOException, InterruptedException {
        if (selection.isEmpty()) {
            return new JcstressLauncher.Ended(0, false, 0);
        }
        List<String> options = new ArrayList<>(List.of("-t", selection.asFilter(), "-r", "jcstress-html"));
        options.addAll(form.argumentsWith(extra));
        return new JcstressLauncher(directory).run(options, form.oneConfiguration(), deadline);
    }

    /** What jcstress said last: why it stopped, if it did not come to an end. */
    private String lastWords() throws IOException {
        Path log = directory.resolve(JcstressLauncher.LOG);
        List<String> lines = Files.exists(log) ? Files.readAllLines(log) : List.of();
        return String.join(" | ", lines.subList(Math.max(0, lines.size() - 5), lines.size()));
    }

    /** Results of an earlier run would pass for this one's; what is not a run's directory is left alone. */
    private static void empty(Path directory) throws IOException {
        Files.createDirectories(directory);
        if (!RunConditions.isIn(directory) && directory.toFile().list().length > 0) {
            throw new IllegalArgumentException(directory + " is neither empty nor the directory of an earlier run");
        }
        try (Stream<Path> old = Files.walk(directory)) {
            old.filter(file -> !file.equals(directory))
                    .sorted(Comparator.reverseOrder())
                    .forEach(Run::delete);
        }
    }

    private static void delete(Path file) {
        try {
            Files.delete(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
