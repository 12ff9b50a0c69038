package dev.brigade.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The machine, system, JDK and Python of a run. */
final class RunEnvironment {
    private static final String PYTHON_VERSION =
            "import sys\nv='Python '+sys.version.split()[0]\ntry:\n import joblib; v+=', joblib '+joblib.__version__\n"
                    + "except ImportError:\n v+=', no joblib'\nprint(v)";

    private RunEnvironment() {}

    static Map<String, String> look(String command, String python) {
        Map<String, String> found = new LinkedHashMap<>();
        found.put("date", Instant.now(Clock.systemUTC()).truncatedTo(ChronoUnit.MINUTES) + " (UTC)");
        found.put("command", command);
        found.put(
                "processor",
                valueIn("/proc/cpuinfo", "model name") + ", "
                        + Runtime.getRuntime().availableProcessors() + " cores");
        found.put("memory", valueIn("/proc/meminfo", "MemTotal"));
        found.put("system", System.getProperty("os.name") + " " + System.getProperty("os.version"));
        found.put(
                "JDK",
                System.getProperty("java.runtime.version") + " (" + System.getProperty("java.vendor") + "), "
                        + System.getProperty("java.vm.name"));
        found.put("Python", outputOf(List.of(python, "-c", PYTHON_VERSION), "not there (" + python + ")"));
        found.put("load when it began", firstWord("/proc/loadavg") + " (1 minute; 0 is quiet)");
        return found;
    }

    private static String valueIn(String file, String name) {
        try (var lines = Files.lines(Path.of(file))) {
            return lines.filter(line -> line.startsWith(name))
                    .findFirst()
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .orElse("unknown");
        } catch (IOException e) {
            return "unknown";
        }
    }

    private static String firstWord(String file) {
        try {
            return Files.readString(Path.of(file)).split(" ")[0];
        } catch (IOException e) {
            return "unknown";
        }
    }

    private static String outputOf(List<String> command, String otherwise) {
        try {
            Process process = new ProcessBuilder(command).start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            return process.waitFor(10, TimeUnit.SECONDS) && !output.isEmpty() ? output : otherwise;
        } catch (IOException e) {
            return otherwise;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return otherwise;
        }
    }
}
