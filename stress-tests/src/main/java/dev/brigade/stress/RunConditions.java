package dev.brigade.stress;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The machine, date and length of a run, which its result file does not hold. */
record RunConditions(Map<String, String> values) {
    private static final String FILE = "run.txt";

    static RunConditions of(StressForm form, Instant start) throws IOException {
        Map<String, String> values = new TreeMap<>();
        values.put("form", form.toString());
        values.put("started", start.truncatedTo(ChronoUnit.SECONDS).toString());
        values.put(
                "seconds", Long.toString(Duration.between(start, Instant.now()).toSeconds()));
        values.put("processor", processor());
        values.put("processors", Integer.toString(Runtime.getRuntime().availableProcessors()));
        return new RunConditions(values);
    }

    static boolean isIn(Path directory) {
        return Files.exists(directory.resolve(FILE));
    }

    void write(Path directory) throws IOException {
        Files.write(
                directory.resolve(FILE),
                values.entrySet().stream()
                        .map(entry -> entry.getKey() + "=" + entry.getValue())
                        .toList());
    }

    static RunConditions read(Path directory) throws IOException {
        Map<String, String> values = new TreeMap<>();
        for (String line : Files.readAllLines(directory.resolve(FILE))) {
            int equals = line.indexOf('=');
            values.put(line.substring(0, equals), line.substring(equals + 1));
        }
        return new RunConditions(values);
    }

    String get(String name) {
        return values.getOrDefault(name, "unknown");
    }

    private static String processor() throws IOException {
        Path file = Path.of("/proc/cpuinfo");
        List<String> lines = Files.isReadable(file) ? Files.readAllLines(file) : List.of();
        return lines.stream()
                .filter(line -> line.startsWith("model name"))
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .findFirst()
                .orElse(System.getProperty("os.arch"));
    }
}
