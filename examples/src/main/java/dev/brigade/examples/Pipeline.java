package dev.brigade.examples;

import dev.brigade.Outcome;
import dev.brigade.Outcomes;
import dev.brigade.RunOptions;
import dev.brigade.Runner;
import dev.brigade.TaskFunction;
import dev.brigade.runner.AsyncRunner;
import dev.brigade.runner.ProcessRunner;
import dev.brigade.runner.SequentialRunner;
import dev.brigade.runner.ThreadRunner;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

// Tasks wait first and compute then. One runner for both, or one for each?
//
// $ java -jar examples/target/brigade-examples.jar pipeline
//
//   pipeline: Fetch, then compute: one runner for both, or one for each?
//   (2 cores, JDK 17.0.15)
//
//   24 numbers are fetched, which takes 200 ms each; the server allows 4 at once.
//   From each that has come, a sum of 20,000,000 squares is computed, on 2 cores.
//     runner          time            speed-up
//     sequential      9.19 s          1.00 x
//     threads         4.90 s          1.87 x
//     (4 threads, each fetches and computes. Now one loop fetches, and others compute:)
//     async           3.46 s          2.65 x
//     (on 2 threads; then in 2 processes)
//     processes       5.04 s          1.82 x
//   => A runner for each stage took 3.46 s, one for both 4.90 s.

/** Waiting, then computing, each on the runner that suits it; and both at the same time. */
@Command(name = "pipeline", description = "Fetch, then compute: one runner for both, or one for each?")
public final class Pipeline extends Lesson {
    /** Runs this lesson alone. */
    public static void main(String... args) {
        Main.main("pipeline", args);
    }

    @Option(names = "--tasks", converter = Count.Few.class, defaultValue = "24", description = "How many.")
    int tasks;

    @Option(
            names = "--at-once",
            converter = Count.Few.class,
            defaultValue = "4",
            description = "How many may be fetched at once.")
    int atOnce;

    @Option(names = "--millis", defaultValue = "200", description = "How long fetching one takes, in ms.")
    int millis;

    @Option(names = "--limit", defaultValue = "20_000_000", description = "Computing: sum the squares up to this.")
    int limit;

    /** How far fetching may run ahead of computing, in rounds; what is fetched too early only takes up memory. */
    private static final int AHEAD = 4;

    @Override
    int teach(LessonReport report) throws Exception {
        report.say(
                "%d numbers are fetched, which takes %d ms each; the server allows %d at once.", tasks, millis, atOnce);
        report.say("From each that has come, a sum of %,d squares is computed, on %d cores.", limit, CORES);
        Squares.warmUp();
        List<Integer> limits = Collections.nCopies(tasks, limit);
        List<Long> sums = Collections.nCopies(tasks, Squares.expected(limit));
        TaskFunction<Integer, Long> both = number -> {
            Thread.sleep(millis);
            return Squares.sum(number);
        };
        Race race = new Race(report);
        race.run("sequential", SequentialRunner::of, runner -> runner.map(limits, both), sums);
        race.run("threads", () -> ThreadRunner.of(atOnce), runner -> runner.map(limits, both), sums);
        report.say("  (%d threads, each fetches and computes. Now one loop fetches, and others compute:)", atOnce);
        race.run("async", () -> ThreadRunner.of(CORES), computing -> inTwoStages(report, limits, computing), sums);
        report.say("  (on %d threads; then in %d processes)", CORES, CORES);
        race.run("processes", () -> ProcessRunner.of(CORES), computing -> inTwoStages(report, limits, computing), sums);

        double one = report.find("pipeline", "threads", "wall").orElseThrow();
        double two = report.find("pipeline", "async", "wall").orElseThrow();
        report.conclude("A runner for each stage took %.2f s, one for both %.2f s.", two, one);
        return report.verdict();
    }

    /** Nothing is collected between the stages: the second pulls its inputs from the first, as they come. */
    private List<Long> inTwoStages(LessonReport report, List<Integer> limits, Runner computing) throws Exception {
        TaskFunction<Integer, Integer> fetch = TaskFunction.async(
                number -> AsyncRunner.delay(Duration.ofMillis(millis)).thenApply(done -> number));
        RunOptions ahead = RunOptions.builder().buffer(AHEAD * atOnce).build();
        try (Runner loop = report.watch(
                        "fetching", AsyncRunner.builder().maxConcurrency(atOnce).build());
                Outcomes<Integer, Integer> fetched = loop.mapOutcomes(limits, fetch, ahead)) {
            return computing.map(values(fetched), Squares::sum);
        }
    }

    /** The values of outcomes, one at a time. Asking for the next one waits until it has come. */
    private static <T> Iterable<T> values(Outcomes<?, T> outcomes) {
        return () -> outcomes.stream().map(Pipeline::value).iterator();
    }

    private static <T> T value(Outcome<?, T> outcome) {
        if (!outcome.isSuccess()) {
            throw new IllegalStateException("could not be fetched", outcome.exception());
        }
        return Objects.requireNonNull(outcome.value());
    }
}
