package dev.brigade.examples;

import dev.brigade.RunOptions;
import dev.brigade.Runner;
import dev.brigade.TaskFunction;
import dev.brigade.runner.AsyncRunner;
import dev.brigade.runner.SequentialRunner;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

// Can one thread wait for thousands of things at once, and what spoils it?
//
// $ java -jar examples/target/brigade-examples.jar all
//
//   as: One thread waits for thousands of things at once; then one body blocks it.
//   (2 cores, JDK 17.0.15)
//
//   10,000 waits of 500 ms, all at once. No body sleeps: each asks to be called back.
//     runner          waits           time
//     sequential      2               1.00 s
//     async           10000           0.68 s
//   One thread ran it all: [brigade-async-1]. In a row it would take 5,019 s (2 took 1.00 s).
//
//   100 waits of 50 ms, twice. The second time, one more body sleeps 1000 ms on the loop:
//     no body sleeps  the last wait ended after 0.06 s
//     one sleeps      the last wait ended after 1.01 s
//   => 10,000 waits took 0.68 s on 1 thread; one body that blocked it made the others 0.96 s late.

/** One thread, cooperative: thousands of waits at once, and what a body that blocks does to the others. */
@Command(name = "as", description = "One thread waits for thousands of things at once; then one body blocks it.")
public final class As extends Lesson {
    /** Runs this lesson alone. */
    public static void main(String... args) {
        Main.main("as", args);
    }

    @Option(names = "--waits", defaultValue = "10_000", description = "How many waits.")
    int waits;

    @Option(names = "--millis", defaultValue = "500", description = "How long each is, in ms.")
    int millis;

    @Option(names = "--block-millis", defaultValue = "1000", description = "How long one body blocks, in ms.")
    int blockMillis;

    /** The names of the threads that ran any part of a body. */
    private final Set<String> threads = ConcurrentHashMap.newKeySet();

    @Override
    int teach(LessonReport report) throws Exception {
        report.say("%,d waits of %d ms, all at once. No body sleeps: each asks to be called back.", waits, millis);
        report.row("runner", "waits", "time");
        double two = seconds(report, "sequential", SequentialRunner.of(), 2);
        double inARow = two / 2 * waits;
        double together = seconds(
                report, "async", AsyncRunner.builder().maxConcurrency(waits).build(), waits);
        report.say("One thread ran it all: %s. In a row it would take %,.0f s (2 took %.2f s).", threads, inARow, two);
        report.check(threads.size() == 1, "%d threads ran bodies: %s", threads.size(), threads);
        report.figure("async", "wall", together, "s");
        report.figure("async", "speedup", inARow / together, "x");
        report.figure("async", "threads", threads.size(), "threads");

        double late = Blocking.measure(report, blockMillis);
        report.conclude(
                "%,d waits took %.2f s on %d thread; one body that blocked it made the others %.2f s late.",
                waits, together, threads.size(), late);
        return report.verdict();
    }

    /** How long so many waits take, all given to the runner at once. */
    private double seconds(LessonReport report, String name, Runner runner, int many) throws Exception {
        threads.clear();
        List<Integer> numbers = numbers(many);
        RunOptions allAtOnce = RunOptions.builder().buffer(many).build();
        long beginNanos = System.nanoTime();
        try (Runner watched = report.watch(name, runner)) {
            report.check(
                    watched.map(numbers, TaskFunction.async(this::start), allAtOnce)
                            .equals(numbers),
                    "wrong answers");
        }
        double seconds = (System.nanoTime() - beginNanos) / 1e9;
        report.row(name, "" + many, Race.seconds(seconds));
        return seconds;
    }

    /** The body: it returns at once. What comes after the wait runs later. */
    private CompletionStage<Integer> start(int number) {
        threads.add(Thread.currentThread().getName());
        return AsyncRunner.delay(Duration.ofMillis(millis)).thenApply(done -> {
            threads.add(Thread.currentThread().getName());
            return number;
        });
    }

    static List<Integer> numbers(int many) {
        return IntStream.range(0, many).boxed().toList();
    }
}
