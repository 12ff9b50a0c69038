package dev.brigade.examples;

import dev.brigade.TaskFunction;
import dev.brigade.runner.SequentialRunner;
import dev.brigade.runner.ThreadRunner;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

// HEADER

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

    private static final int SLICES = 10;

    /** Who computes must hold it. Python's interpreter has such a lock; Java has none, so the lesson brings its own. */
    private final ReentrantLock gil = new ReentrantLock();

    private final Gauge computing = new Gauge();
    private final Gauge waiting = new Gauge();

    @Override
    int teach(Report report) throws Exception {
        Squares.warmUp();
        List<Integer> limits = Collections.nCopies(tasks, limit);
        List<Long> sums = Collections.nCopies(tasks, SLICES * Squares.expected(limit));
        report.say("%d tasks compute. \"locked\": on threads, but only who holds the one lock computes.", tasks);
        Race compute = new Race(report, "computing");
        compute.run("sequential", SequentialRunner::of, runner -> runner.map(limits, Gil::compute), sums);
        compute.run("threads", () -> ThreadRunner.of(tasks), runner -> runner.map(limits, Gil::compute), sums);
        compute.run("locked", () -> ThreadRunner.of(tasks), runner -> runner.map(limits, this::computeLocked), sums);

        report.say("%n%d tasks wait %d ms each, and let go of the lock meanwhile.", tasks, millis);
        Race wait = new Race(report, "waiting");
        TaskFunction<Integer, Long> nap = this::napUnlocked;
        List<Long> done = Collections.nCopies(tasks, (long) limit);
        wait.run("sequential", SequentialRunner::of, runner -> runner.map(limits, nap), done);
        wait.run("locked", () -> ThreadRunner.of(tasks), runner -> runner.map(limits, nap), done);

        report.check(computing.most() == 1, "%d threads computed at once", computing.most());
        report.check(waiting.most() > 1 || tasks == 1, "no two threads waited at once");
        report.conclude(
                "With one lock, %d thread computed at a time (%.2f times as fast as one), and %d waited (%.2f times).",
                computing.most(),
                report.find("gil", "locked", "speedup computing").orElseThrow(),
                waiting.most(),
                report.find("gil", "locked", "speedup waiting").orElseThrow());
        return report.verdict();
    }

    private static long compute(int limit) {
        long sum = 0;
        for (int slice = 0; slice < SLICES; slice++) {
            sum += Squares.sum(limit);
        }
        return sum;
    }

    /** As Python does it: the lock changes hands now and then, so that no thread waits for ever. */
    private long computeLocked(int limit) {
        long sum = 0;
        for (int slice = 0; slice < SLICES; slice++) {
            gil.lock();
            computing.enter();
            try {
                sum += Squares.sum(limit);
            } finally {
                computing.leave();
                gil.unlock();
            }
        }
        return sum;
    }

    /** As Python does it: who waits for a disk or a server does not need the lock. */
    private long napUnlocked(int limit) throws InterruptedException {
        gil.lock();
        try {
            gil.unlock();
            waiting.enter();
            Thread.sleep(millis);
        } finally {
            waiting.leave();
            gil.lock();
        }
        gil.unlock();
        return limit;
    }
}
