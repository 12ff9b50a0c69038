package dev.brigade.stress;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Everything a page about one run shows, read back from the run's directory. */
record StressReport(RunConditions conditions, Map<String, String> environment, Verdict run, List<Entry> entries) {
    static final String HTML = "report.html";
    static final String MARKDOWN = "report.md";

    /** A test, what was seen of it (null when it did not run) and what the check says. */
    record Entry(Observed observed, Verdict verdict) {
        String title() {
            return Observed.shortName(verdict.name());
        }

        /** For example "race seen in 28 of 28 configurations". */
        String configurations() {
            if (observed == null) {
                return "did not run";
            }
            String of = observed.racy() + " of " + observed.configurations()
                    + (observed.configurations() == 1 ? " configuration" : " configurations");
            return "race seen in " + of;
        }
    }

    static StressReport read(Path directory) throws IOException {
        Blob blob = Blob.in(directory);
        Map<String, Observed> observed =
                blob.tests().stream().collect(Collectors.toMap(Observed::name, Function.identity()));
        List<Verdict> verdicts = Files.readAllLines(directory.resolve(Run.VERDICTS)).stream()
                .map(Verdict::parse)
                .toList();
        List<Entry> entries = verdicts.stream()
                .skip(1)
                .map(verdict -> new Entry(observed.get(verdict.name()), verdict))
                .toList();
        return new StressReport(RunConditions.read(directory), blob.environment(), verdicts.get(0), entries);
    }

    /** Renders the HTML page and the Markdown page beside the results. */
    static void write(Path directory) throws IOException {
        StressReport report = read(directory);
        Files.writeString(directory.resolve(HTML), HtmlPage.of(report));
        Files.writeString(directory.resolve(MARKDOWN), MarkdownPage.of(report));
    }

    /** Renders for a terminal. */
    static String text(Path directory) throws IOException {
        return TextPage.of(read(directory));
    }

    /** The run in one sentence, with the Java version and the processor. */
    String heading() {
        return "JDK " + environment.getOrDefault("java.version", "unknown") + ", " + conditions.get("processors")
                + " processors, " + conditions.get("processor") + ", " + conditions.get("form") + " form, "
                + conditions.get("seconds") + " s, " + conditions.get("started");
    }

    /** Two digits after the point, and never 0.00 for what was seen, nor 100.00 for what was not all. */
    static String percent(double share) {
        if (share > 0 && share < 0.000_05) {
            return "< 0.01 %";
        }
        if (share < 1 && share > 0.999_95) {
            return "> 99.99 %";
        }
        return String.format(Locale.ROOT, "%.2f %%", share * 100);
    }

    static String grouped(long count) {
        return String.format(Locale.ROOT, "%,d", count);
    }
}
