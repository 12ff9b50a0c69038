package dev.brigade.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A million inputs need no more memory than a few: a heap that could not hold their outcomes is enough. */
class MillionInputsTest {
    /** A million outcomes take more than 100 MiB; the JVM, the test and the default window of 4096 inputs together, far less. */
    private static final String HEAP = "-Xmx32m";

    @ParameterizedTest
    @ValueSource(strings = {"sequential", "threads", "async", "processes"})
    void aMillionInputsPassThroughASmallHeap(String runner, @TempDir Path directory) throws Exception {
        Path output = directory.resolve("output");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        HEAP,
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        MillionInputs.class.getName(),
                        runner)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            assertTrue(process.waitFor(120, TimeUnit.SECONDS), "not done in two minutes");
            String text = Files.readString(output, StandardCharsets.UTF_8);
            assertTrue(text.strip().endsWith("sum 500000500000"), text);
            assertEquals(0, process.exitValue());
        } finally {
            process.destroyForcibly();
        }
    }
}
