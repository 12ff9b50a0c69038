package dev.brigade.examples;

import dev.brigade.RunOptions;
import dev.brigade.Runner;
import dev.brigade.runner.ProcessRunner;
import dev.brigade.runner.ThreadRunner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;

/** What worker processes cost, for the lesson {@code mp}: time to start, memory, and the way there and back. */
final class ProcessCost {
    private static final int TRIPS = 300;
    private static final int ROUNDS = 20;

    private ProcessCost() {}

    static void measure(LessonReport report, int workers) throws Exception {
        long beginNanos = System.nanoTime();
        try (Runner processes = ProcessRunner.of(workers);
                Runner threads = ThreadRunner.of(workers)) {
            processes.submit(ProcessCost::pid).get();
            double seconds = (System.nanoTime() - beginNanos) / 1e9;
            report.figure("processes", "startup", seconds, "s");
            report.row("start-up", Race.seconds(seconds), "until a task has come back from a new worker");
            memory(report, processes, workers);
            trips(report, processes, threads);
        }
    }

    /** Asks the operating system how much memory belongs to each worker alone. */
    private static void memory(LessonReport report, Runner processes, int workers) throws Exception {
        Set<Long> pids = new TreeSet<>();
        for (int round = 0; round < ROUNDS && pids.size() < workers; round++) { // until each worker has started
            pids.addAll(processes.map(Collections.nCopies(4 * workers, 20L), ProcessCost::pidAfter));
        }
        OptionalDouble mean = pids.stream()
                .map(ProcessCost::privateMiB)
                .flatMapToDouble(OptionalDouble::stream)
                .average();
        mean.ifPresent(mib -> report.figure("processes", "memory", mib, "MiB"));
        report.row(
                "memory",
                mean.isPresent() ? format("%.1f MiB", mean.getAsDouble()) : "unknown",
                format("private to an idle worker (mean of %d)", pids.size()));
    }

    /** Sends things to and fro, one at a time: a number, then a list, which takes serialization as well. */
    private static void trips(LessonReport report, Runner processes, Runner threads) throws Exception {
        List<Integer> thousand = IntStream.range(0, 1000).boxed().toList();
        double numberMicros = tripMicros(processes, 1);
        double listMicros = tripMicros(processes, thousand);
        double threadMicros = tripMicros(threads, thousand);
        double serializationMicros = Math.max(0, listMicros - numberMicros);
        report.figure("processes", "trip", numberMicros, "us");
        report.figure("processes", "serialization", serializationMicros, "us");
        report.figure("threads", "trip", threadMicros, "us");
        report.row("trip", format("%.0f us", numberMicros), "a number to a worker and back");
        report.row("serialization", format("%.0f us", serializationMicros), "more for a list of 1000 numbers");
        report.row("(thread's trip)", format("%.0f us", threadMicros), "the same list to a thread: shared, not copied");
    }

    private static double tripMicros(Runner runner, Object load) throws Exception {
        RunOptions oneAtATime = RunOptions.builder().buffer(1).build();
        runner.map(Collections.nCopies(TRIPS, load), ProcessCost::same, oneAtATime); // warms up
        long beginNanos = System.nanoTime();
        runner.map(Collections.nCopies(TRIPS, load), ProcessCost::same, oneAtATime);
        return (System.nanoTime() - beginNanos) / 1e3 / TRIPS;
    }

    private static Object same(Object load) {
        return load;
    }

    private static long pid() {
        return ProcessHandle.current().pid();
    }

    private static long pidAfter(long millis) throws InterruptedException {
        Thread.sleep(millis);
        return pid();
    }

    /** Private_Clean and Private_Dirty, where Linux says so; pages shared with other processes are not counted. */
    private static OptionalDouble privateMiB(long pid) {
        try {
            long kibibytes = Files.readAllLines(Path.of("/proc/" + pid + "/smaps_rollup")).stream()
                    .filter(line -> line.startsWith("Private_Clean") || line.startsWith("Private_Dirty"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                    .sum();
            return OptionalDouble.of(kibibytes / 1024.0);
        } catch (IOException notLinux) {
            return OptionalDouble.empty();
        }
    }

    private static String format(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
