package dev.brigade.examples;

import dev.brigade.runner.SequentialRunner;
import dev.brigade.runner.ThreadRunner;
import java.util.Collections;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

// What would threads give if Java had one global lock, as Python's interpreter has?
//
// $ java -jar examples/target/brigade-examples.jar gil
//
//   gil: A global lock like Python's: what threads gain with it and without.
//   (2 cores, JDK 17.0.15)
//
//   4 tasks compute. "locked": on threads, but only who holds the one lock computes.
//     runner          time            speed-up
//     sequential      4.32 s          1.00 x
//     threads         6.39 s          0.68 x
//     locked          8.43 s          0.51 x
//
//   4 tasks wait 400 ms each, and let go of the lock meanwhile.
//     runner          time            speed-up
//     sequential      1.60 s          1.00 x
//     locked          0.42 s          3.81 x
//   => With one lock, 1 thread computed at a time (0.51 times as fast as one), and 4 waited (3.81 times).

/** A global lock, held while computing and released while waiting: what Python's threads do, in Java. */
@Command(name = "gil", description = "A global lock like Python's: what threads gain with it and without.")
public final class Gil extends Lesson {
    /** Runs this lesson alone. */
    public static void main(String... args) {
        Main.main("gil", args);
    }

    @Option(
            names = "--tasks",
            converter = Count.Few.class,
            defaultValue = "4",
            description = "How many tasks, and threads.")
    int tasks;

    @Option(names = "--limit", defaultValue = "15_000_000", description = "Each sums squares up to this, ten times.")
    int limit;

    @Option(names = "--millis", defaultValue = "400", description = "How long each waits, in ms.")
    int millis;

    private final GlobalLock gil = new GlobalLock();

    @Override
    int teach(LessonReport report) throws Exception {
        Squares.warmUp();
        List<Integer> limits = Collections.nCopies(tasks, limit);
        List<Long> sums = Collections.nCopies(tasks, GlobalLock.expected(limit));
        report.say("%d tasks compute. \"locked\": on threads, but only who holds the one lock computes.", tasks);
        Race compute = new Race(report, "computing");
        compute.run("sequential", SequentialRunner::of, runner -> runner.map(limits, GlobalLock::compute), sums);
        compute.run("threads", () -> ThreadRunner.of(tasks), runner -> runner.map(limits, GlobalLock::compute), sums);
        compute.run("locked", () -> ThreadRunner.of(tasks), runner -> runner.map(limits, gil::computeLocked), sums);

        report.say("%n%d tasks wait %d ms each, and let go of the lock meanwhile.", tasks, millis);
        List<Integer> waits = Collections.nCopies(tasks, millis);
        Race wait = new Race(report, "waiting");
        wait.run("sequential", SequentialRunner::of, runner -> runner.map(waits, gil::waitUnlocked), waits);
        wait.run("locked", () -> ThreadRunner.of(tasks), runner -> runner.map(waits, gil::waitUnlocked), waits);

        report.check(gil.mostComputing() == 1, "%d threads computed at once", gil.mostComputing());
        report.expect(gil.mostWaiting() > 1 || tasks == 1, "no two threads waited at once: is the machine that busy?");
        report.conclude(
                "With one lock, %d thread computed at a time (%.2f times as fast as one), and %d waited (%.2f times).",
                gil.mostComputing(),
                report.find("gil", "locked", "speedup computing").orElseThrow(),
                gil.mostWaiting(),
                report.find("gil", "locked", "speedup waiting").orElseThrow());
        return report.verdict();
    }
}
