package dev.brigade.examples;

import dev.brigade.Runner;
import dev.brigade.runner.SequentialRunner;
import dev.brigade.runner.ThreadRunner;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

// What happens when threads change the same number without protection?
//
// $ java -jar examples/target/brigade-examples.jar all
//
//   share: Threads count on one shared counter, unprotected.
//   (2 cores, JDK 17.0.15)
//
//   4 tasks. Each one adds 1 to the same counter, 5,000,000 times.
//   counter++ is three steps: read it, add 1, write it back. Two threads can read the same number.
//     runner          time            speed-up
//     sequential      0.07 s          1.00 x
//     0 of 20,000,000 increments were lost.
//     threads         0.11 s          0.64 x
//     3,944,196 of 20,000,000 increments were lost.
//   => A race: each run loses another number of increments. The lesson share2 repairs it.

/** Threads that count on one shared counter, unprotected: increments get lost. */
@Command(name = "share", description = "Threads count on one shared counter, unprotected.")
public final class Share extends Lesson {
    /** Runs this lesson alone. */
    public static void main(String... args) {
        Main.main("share", args);
    }

    @Option(names = "--threads", converter = Count.Few.class, defaultValue = "4", description = "How many threads.")
    int threads;

    @Option(names = "--increments", defaultValue = "5_000_000", description = "How many each makes.")
    int increments;

    private static final int ROUNDS = 8;

    /** What the threads share. Volatile makes them see each other's writes, and protects nothing. */
    private volatile long counter;

    @Override
    int teach(LessonReport report) throws Exception {
        report.say("%d tasks. Each one adds 1 to the same counter, %,d times.", threads, increments);
        report.say("counter++ is three steps: read it, add 1, write it back. Two threads can read the same number.");
        try (Runner alone = SequentialRunner.of()) {
            count(alone, 1, 100_000); // before any clock starts, the JVM compiles the loop
        }
        Race race = new Race(report);
        lose(report, race, "sequential", SequentialRunner::of, 1, increments);
        long lost = 0;
        long each = increments;
        for (int round = 0; lost == 0 && round < ROUNDS; round++, each *= 2) { // luck hides a race; more work shows it
            lost = lose(report, race, "threads", () -> ThreadRunner.of(threads), threads, each);
        }
        report.expect(lost > 0, "no increment was lost in %d rounds: by luck, or for want of threads or cores", ROUNDS);
        String seen = "A race: each run loses another number of increments. The lesson share2 repairs it.";
        report.conclude(lost > 0 ? seen : "No race was seen here.");
        return report.verdict();
    }

    /** Says how many increments are missing when all tasks have counted. */
    private long lose(LessonReport report, Race race, String name, Race.Opener opener, int together, long each)
            throws Exception {
        race.time(name, opener, runner -> count(runner, together, each));
        long lost = threads * each - counter;
        report.say("  %,d of %,d increments were lost.", lost, threads * each);
        report.figure(name, "lost", (double) lost, "increments");
        report.check(lost == 0 || together > 1, "one thread alone lost increments");
        return lost;
    }

    /** Lets all tasks count, after so many of them have come to the start. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // that mistake is the lesson
    private List<Long> count(Runner runner, int together, long each) throws Exception {
        counter = 0;
        CountDownLatch start = new CountDownLatch(together);
        return runner.map(Collections.nCopies(threads, each), many -> {
            start.countDown();
            start.await();
            for (long i = 0; i < many; i++) {
                counter++;
            }
            return many;
        });
    }
}
