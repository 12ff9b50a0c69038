package dev.brigade.stress;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The stress tests' own command, as a user starts it: a clean JVM, an exit code and what it wrote.
 *
 * @param exitCode of the process
 * @param output its standard output and error
 * @param verdicts what it found, the run as a whole first; empty when it did not come that far
 */
record Command(int exitCode, String output, List<Verdict> verdicts) {
    /** Runs it; a command that outlives its own deadline by a minute is killed and fails the test. */
    static Command run(Path out, Duration deadline, String classPath, List<String> jvm, List<String> arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(jvm);
        command.addAll(List.of("-cp", classPath, Stress.class.getName(), "run", "--out", out.toString()));
        command.addAll(List.of("--deadline", Long.toString(deadline.toSeconds())));
        command.addAll(arguments);
        Path log = Files.createTempFile("stress", ".log");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        if (!process.waitFor(deadline.toSeconds() + 60, TimeUnit.SECONDS)) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
            throw new AssertionError(
                    "The command did not keep its own deadline of " + deadline + ": " + Files.readString(log));
        }
        Path verdicts = out.resolve(Run.VERDICTS);
        List<String> lines = Files.exists(verdicts) ? Files.readAllLines(verdicts) : List.of();
        String output = Files.readString(log);
        Files.delete(log);
        return new Command(
                process.exitValue(), output, lines.stream().map(Verdict::parse).toList());
    }

    Verdict verdict(String shortName) {
        return verdicts.stream()
                .filter(verdict -> Observed.shortName(verdict.name()).equals(shortName))
                .findFirst()
                .orElseThrow(() -> new AssertionError("No verdict on " + shortName + " in " + verdicts + output));
    }
}
