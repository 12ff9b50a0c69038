package dev.brigade.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs each comparison in a JVM of its own, within its time limit, and gathers what it wrote down. */
final class ComparisonLauncher {
    private static final int LAST_LINES = 3;
    private final BenchmarkForm form;
    private final String python;
    private final Path directory;

    ComparisonLauncher(BenchmarkForm form, String python, Path directory) {
        this.form = form;
        this.python = python;
        this.directory = directory;
    }

    ComparisonResult run(Comparison comparison) throws IOException, InterruptedException {
        Path book = directory.resolve(comparison.id() + ".samples");
        Path log = directory.resolve(comparison.id() + ".log");
        Files.deleteIfExists(book);
        long begin = System.nanoTime();
        Process process = new ProcessBuilder(command(comparison, book))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        Thread onExit = new Thread(() -> kill(process), "end-of-" + comparison.id());
        Runtime.getRuntime().addShutdownHook(onExit); // who stops this program stops what it started
        String trouble = await(process, comparison.limit(form));
        Runtime.getRuntime().removeShutdownHook(onExit);
        if (trouble.isEmpty() && process.exitValue() != 0) {
            trouble = "exit code " + process.exitValue() + ": " + lastLines(log);
        }
        return new ComparisonResult(comparison, read(book), (System.nanoTime() - begin) / 1e9, trouble);
    }

    private List<String> command(Comparison comparison, Path book) {
        List<String> command = new ArrayList<>();
        if (comparison.pinned()) {
            command.addAll(List.of("taskset", "-c", "0"));
        }
        command.addAll(Jvm.command(ComparisonMain.class, comparison.id(), form.name(), python, book.toString()));
        return command;
    }

    private static String await(Process process, Duration limit) throws InterruptedException {
        try {
            if (process.waitFor(limit.toNanos(), TimeUnit.NANOSECONDS)) {
                return "";
            }
            return "not done after " + limit.toSeconds() + " s";
        } finally {
            kill(process);
        }
    }

    private static void kill(Process process) {
        if (process.isAlive()) {
            List<ProcessHandle> descendants = process.descendants().toList();
            process.toHandle().destroyForcibly();
            descendants.forEach(ProcessHandle::destroyForcibly);
        }
    }

    private static String lastLines(Path log) throws IOException {
        List<String> lines = Files.readAllLines(log);
        return String.join(" | ", lines.subList(Math.max(0, lines.size() - LAST_LINES), lines.size()));
    }

    private static List<Sample> read(Path book) throws IOException {
        if (!Files.exists(book)) {
            return List.of();
        }
        List<Sample> samples = new ArrayList<>();
        for (String line : Files.readAllLines(book)) {
            samples.add(Sample.parse(line));
        }
        return samples;
    }
}
