package dev.brigade.examples;

import dev.brigade.TaskFunction;
import dev.brigade.runner.SequentialRunner;
import dev.brigade.runner.ThreadRunner;
import java.util.Collections;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

// Do threads make a heavy computation faster?
//
// $ java -jar examples/target/brigade-examples.jar all
//
//   cpu-example: A heavy computation: one task after the other, then on threads.
//   (2 cores, JDK 17.0.15)
//
//   8 tasks. Each one sums the squares from 1 to 150,000,000: it needs a core all the time.
//     runner          time            speed-up
//     sequential      5.26 s          1.00 x
//     threads         2.69 s          1.95 x
//     virtual         -               not here: virtual threads need JDK 21 or later; this is JDK
// 17.0.15+6-Debian-1deb12u1
//   Java has no global interpreter lock (Python's GIL): two threads compute on two cores at once.
//   => 2 threads were 1.95 times as fast as one, on 2 cores.

/** A heavy computation: one task after the other, then on threads. */
@Command(name = "cpu-example", description = "A heavy computation: one task after the other, then on threads.")
public final class CpuExample extends Lesson {
    /** Runs this lesson alone. */
    public static void main(String... args) {
        Main.main("cpu-example", args);
    }

    @Option(names = "--tasks", converter = Count.Few.class, defaultValue = "8", description = "How many tasks.")
    int tasks;

    @Option(names = "--limit", defaultValue = "150_000_000", description = "Each sums the squares up to this.")
    int limit;

    @Option(names = "--threads", converter = Count.Few.class, description = "How many threads.")
    int threads = CORES;

    @Override
    int teach(LessonReport report) throws Exception {
        report.say("%d tasks. Each one sums the squares from 1 to %,d: it needs a core all the time.", tasks, limit);
        List<Integer> limits = Collections.nCopies(tasks, limit);
        List<Long> sums = Collections.nCopies(tasks, Squares.expected(limit));
        TaskFunction<Integer, Long> work = Squares::sum;
        Squares.warmUp();

        Race race = new Race(report);
        race.run("sequential", SequentialRunner::of, runner -> runner.map(limits, work), sums);
        race.run("threads", () -> ThreadRunner.of(threads), runner -> runner.map(limits, work), sums);
        race.run("virtual", ThreadRunner::virtual, runner -> runner.map(limits, work), sums);

        double speedup = report.find("cpu-example", "threads", "speedup").orElseThrow();
        report.say("Java has no global interpreter lock (Python's GIL): two threads compute on two cores at once.");
        report.conclude(
                speedup > 1.2
                        ? "%d threads were %.2f times as fast as one, on %d cores."
                        : "%d threads were no faster here (%.2f times as fast as one, on %d cores): are the cores busy with other work?",
                threads,
                speedup,
                CORES);
        return report.verdict();
    }
}
