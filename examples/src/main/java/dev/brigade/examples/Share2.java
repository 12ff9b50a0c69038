package dev.brigade.examples;

import dev.brigade.runner.SequentialRunner;
import dev.brigade.runner.ThreadRunner;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

// How is a shared counter protected, and what does each way cost?
//
// $ java -jar examples/target/brigade-examples.jar all
//
//   share2: The counter of share, protected in four ways, and what each costs.
//   (2 cores, JDK 17.0.15)
//
//   4 tasks. Each one adds 1 to the same counter, 2,000,000 times.
//     protected by    one thread      4 threads       lost
//     AtomicInteger   7.2 ns          26.9 ns         0
//     LongAdder       8.4 ns          5.6 ns          0
//     ReentrantLock   10.4 ns         19.1 ns         0
//     synchronized    10.3 ns         32.7 ns         0
//   (Cost: all the time taken, divided by all the increments.)
//   => LongAdder was the cheapest among 4 threads here.

/** The counter of {@code share}, protected in four ways, and the cost of each. */
@Command(name = "share2", description = "The counter of share, protected in four ways, and what each costs.")
public final class Share2 extends Lesson {
    /** Runs this lesson alone. */
    public static void main(String... args) {
        Main.main("share2", args);
    }

    @Option(names = "--threads", converter = Count.Few.class, defaultValue = "4", description = "How many threads.")
    int threads;

    @Option(names = "--increments", defaultValue = "2_000_000", description = "How many each makes.")
    int increments;

    @Override
    void checkArguments() {
        require((long) threads * increments <= Integer.MAX_VALUE, "threads x increments must be at most 2147483647");
    }

    @Override
    int teach(LessonReport report) throws Exception {
        report.say("%d tasks. Each one adds 1 to the same counter, %,d times.", threads, increments);
        // First all four run a little, uncounted, so that the JVM has compiled them, and calls them, alike.
        for (Supplier<Counter> kind : Counter.KINDS.values()) {
            Counter.costNanos(ThreadRunner.of(threads), kind.get(), threads, Math.min(increments, 200_000));
        }
        report.row("protected by", "one thread", threads + " threads", "lost");
        Map<Double, String> byCost = new TreeMap<>();
        double wallAlone = 0;
        double wallShared = 0;
        for (Map.Entry<String, Supplier<Counter>> kind : Counter.KINDS.entrySet()) {
            Counter alone = kind.getValue().get();
            Counter shared = kind.getValue().get();
            double aloneNanos = Counter.costNanos(
                    report.watch(kind.getKey() + ", one thread", SequentialRunner.of()), alone, threads, increments);
            double sharedNanos = Counter.costNanos(
                    report.watch(kind.getKey() + ", threads", ThreadRunner.of(threads)), shared, threads, increments);
            long lost = 2L * threads * increments - alone.value() - shared.value();
            report.row(kind.getKey(), Race.nanos(aloneNanos), Race.nanos(sharedNanos), "" + lost);
            report.check(lost == 0, "%s lost %d increments", kind.getKey(), lost);
            report.figure("sequential", "cost " + kind.getKey(), aloneNanos, "ns");
            report.figure("threads", "cost " + kind.getKey(), sharedNanos, "ns");
            report.figure("threads", "lost", (double) lost, "increments");
            byCost.put(sharedNanos, kind.getKey());
            wallAlone += aloneNanos * threads * increments / 1e9;
            wallShared += sharedNanos * threads * increments / 1e9;
        }
        report.figure("sequential", "wall", wallAlone, "s");
        report.figure("threads", "wall", wallShared, "s");
        report.figure("threads", "speedup", wallAlone / wallShared, "x");
        report.say("(Cost: all the time taken, divided by all the increments.)");
        String best = byCost.values().iterator().next();
        report.conclude("%s was the cheapest among %d threads here.", best, threads);
        return report.verdict();
    }
}
