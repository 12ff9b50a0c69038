package dev.brigade.timeline;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/** The processor, the system and the JDK, on which measured figures depend. */
final class Machine {
    private static final double MIB = 1024 * 1024;

    private Machine() {}

    static Map<String, String> facts() {
        Map<String, String> facts = new LinkedHashMap<>();
        Runtime runtime = Runtime.getRuntime();
        String model = processor();
        facts.put("Processor", runtime.availableProcessors() + " cores" + (model.isEmpty() ? "" : ", " + model));
        facts.put("System", property("os.name") + " " + property("os.version") + ", " + property("os.arch"));
        facts.put("JDK", Runtime.version() + ", " + property("java.vm.name") + " (" + property("java.vendor") + ")");
        facts.put("Heap", String.format(Locale.ROOT, "at most %.0f MiB", runtime.maxMemory() / MIB));
        return facts;
    }

    private static String property(String name) {
        return System.getProperty(name, "unknown");
    }

    /** The processor's own name, where Linux tells it. */
    private static String processor() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
            return lines.filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse("");
        } catch (IOException | RuntimeException elsewhere) {
            return "";
        }
    }
}
