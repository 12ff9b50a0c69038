package dev.brigade.examples;

import dev.brigade.Outcome;
import dev.brigade.Outcomes;
import dev.brigade.Runner;
import dev.brigade.runner.ProcessRunner;
import dev.brigade.runner.SequentialRunner;
import java.util.Collections;
import java.util.IntSummaryStatistics;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

// What do processes give that threads do not, and what do they cost?
//
// $ java -jar examples/target/brigade-examples.jar mp --limit 400_000_000
//
//   mp: The computation of cpu-example in processes: parallel, apart, at a price.
//   (2 cores, JDK 17.0.15)
//
//   8 tasks. Each one sums the squares from 1 to 400,000,000 and adds 1 to a static counter.
//     runner          time            speed-up
//     sequential      13.5 s          1.00 x
//     (now in 2 processes)
//     processes       7.43 s          1.82 x
//
//   Each process did its work with a memory of its own:
//     process         tasks           its counter
//     worker 12303    4               0 -> 4
//     worker 12304    4               0 -> 4
//     this one 12201  0               8 -> 8
//
//   What processes cost:
//     start-up        0.30 s          until a task has come back from a new worker
//     memory          21.1 MiB        private to an idle worker (mean of 2)
//     trip            528 us          a number to a worker and back
//     serialization   2833 us         more for a list of 1000 numbers
//     (thread's trip) 130 us          the same list to a thread: shared, not copied
//   => 2 processes, their start included, were faster (1.82 times as fast as one, on 2 cores).

/** The computation of {@code cpu-example} in processes: in parallel, with separate memory, at a price. */
@Command(name = "mp", description = "The computation of cpu-example in processes: parallel, apart, at a price.")
public final class Mp extends Lesson {
    /** Runs this lesson alone. */
    public static void main(String... args) {
        Main.main("mp", args);
    }

    @Option(names = "--tasks", converter = Count.Few.class, defaultValue = "8", description = "How many tasks.")
    int tasks;

    @Option(names = "--limit", defaultValue = "150_000_000", description = "Each sums the squares up to this.")
    int limit;

    @Option(names = "--workers", converter = Count.Few.class, description = "How many processes.")
    int workers = CORES;

    @Override
    int teach(LessonReport report) throws Exception {
        report.say("%d tasks. Each one sums the squares from 1 to %,d and adds 1 to a static counter.", tasks, limit);
        Squares.warmUp();
        Race race = new Race(report);
        WorkerSelfReport.right(report, race.time("sequential", SequentialRunner::of, this::compute), limit);
        int before = WorkerSelfReport.done;
        report.say("  (now in %d processes)", workers);
        List<WorkerSelfReport> visits = WorkerSelfReport.right(
                report, race.time("processes", () -> ProcessRunner.of(workers), this::compute), limit);

        report.say("%nEach process did its work with a memory of its own:");
        report.row("process", "tasks", "its counter");
        Map<Long, IntSummaryStatistics> counters = visits.stream()
                .collect(Collectors.groupingBy(
                        WorkerSelfReport::pid, TreeMap::new, Collectors.summarizingInt(WorkerSelfReport::counter)));
        counters.forEach((pid, c) -> report.row("worker " + pid, "" + c.getCount(), "0 -> " + c.getMax()));
        report.row("this one " + ProcessHandle.current().pid(), "0", before + " -> " + WorkerSelfReport.done);
        report.check(WorkerSelfReport.done == before, "the workers changed the counter of this process");

        report.say("%nWhat processes cost:");
        ProcessCost.measure(report, workers);
        double speedup = report.find("mp", "processes", "speedup").orElseThrow();
        report.conclude(
                "%d processes, their start included, were %s (%.2f times as fast as one, on %d cores).",
                workers, speedup > 1.2 ? "faster" : "no faster here", speedup, CORES);
        return report.verdict();
    }

    private List<Outcome<Integer, WorkerSelfReport>> compute(Runner runner) {
        try (Outcomes<Integer, WorkerSelfReport> outcomes =
                runner.mapOutcomes(Collections.nCopies(tasks, limit), WorkerSelfReport::pay)) {
            return outcomes.stream().toList();
        }
    }
}
