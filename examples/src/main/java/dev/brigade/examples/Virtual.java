package dev.brigade.examples;

import dev.brigade.Outcome;
import dev.brigade.Runner;
import dev.brigade.runner.ProcessRunner;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

// 10,000 tasks wait at once: what do they cost on threads, on virtual threads, on one event loop?
//
// $ java -jar examples/target/brigade-examples.jar virtual
//
//   virtual: 10,000 waits at once on threads, virtual threads and one loop: time and memory.
//   (2 cores, JDK 25.0.3)
//
//   10,000 tasks wait at once: each until the last one has come, then 500 ms more.
//   Each row has a fresh JVM. Memory is what the JVM holds (resident set) when all wait, less what
//   it held before: stacks, heap with its garbage, and what the JVM keeps for each thread.
//     runner          time            memory          for each wait   system threads
//     threads         16.6 s          352 MiB         36.0 KiB        10001
//     virtual         1.26 s          40 MiB          4.1 KiB         2
//     async           1.50 s          10 MiB          1.0 KiB         2
//
//   40 virtual threads sleep 100 ms, each holding a lock of its own:
//     ReentrantLock   0.11 s
//     synchronized    0.11 s          not pinned
//   => 10,000 waits took 16.63 s on threads and 1.50 s on one loop, 1.26 s on virtual threads.

/** Thousands of waits at once: on platform threads, on virtual threads, on one event loop, with the memory of each. */
@Command(
        name = "virtual",
        description = "10,000 waits at once on threads, virtual threads and one loop: time and memory.")
public final class Virtual extends Lesson {
    /** Runs this lesson alone. */
    public static void main(String... args) {
        Main.main("virtual", args);
    }

    @Option(names = "--waits", converter = Count.Many.class, defaultValue = "10_000", description = "How many waits.")
    int waits;

    @Option(names = "--millis", defaultValue = "500", description = "How long each is, in ms, once all have begun.")
    int millis;

    @Option(names = "--pins", converter = Count.Few.class, defaultValue = "40", description = "How many sleep locked.")
    int pins;

    @Override
    int teach(LessonReport report) throws Exception {
        report.say("%,d tasks wait at once: each until the last one has come, then %d ms more.", waits, millis);
        report.say("Each row has a fresh JVM. Memory is what the JVM holds (resident set) when all wait, less what");
        report.say("it held before: stacks, heap with its garbage, and what the JVM keeps for each thread.");
        report.row("runner", "time", "memory", "for each wait", "system threads");
        for (RunnerKind way : List.of(RunnerKind.THREADS, RunnerKind.VIRTUAL, RunnerKind.ASYNC)) {
            if (way.isAbsent()) {
                report.row("" + way, way.absence());
            } else {
                crowd(report, way);
            }
        }
        if (!RunnerKind.VIRTUAL.isAbsent()) {
            Pinning.measure(report, pins);
        }
        report.conclude(
                "%,d waits took %.2f s on threads and %.2f s on one loop%s.",
                waits,
                report.find("virtual", "threads", "wall").orElse(Double.NaN),
                report.find("virtual", "async", "wall").orElse(Double.NaN),
                report.find("virtual", "virtual", "wall").stream()
                        .mapToObj(wall -> String.format(Locale.ROOT, ", %.2f s on virtual threads", wall))
                        .findAny()
                        .orElse("; this JDK has no virtual threads"));
        return report.verdict();
    }

    private void crowd(LessonReport report, RunnerKind way) throws Exception {
        int many = waits;
        int pause = millis;
        Outcome<Void, WaitingTasks.Seen> end;
        try (Runner fresh = report.watch("a JVM for " + way, ProcessRunner.of(1))) {
            end = fresh.submit(() -> WaitingTasks.gather(way, many, pause)).awaitOutcome();
        }
        WaitingTasks.Seen seen = end.value();
        report.check(seen != null, "%s: %s", way, end.exception());
        if (seen == null) {
            return;
        }
        report.figure("" + way, "wall", seen.seconds(), "s");
        seen.report(report, way, many);
    }
}
