package dev.brigade.examples;

import dev.brigade.Runner;
import dev.brigade.TaskFunction;
import dev.brigade.runner.ThreadRunner;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/** For the lesson {@code virtual}: does a virtual thread that sleeps in {@code synchronized} keep its core's thread? */
final class Pinning {
    private static final int SLEEP_MILLIS = 100;

    private Pinning() {}

    static void measure(LessonReport report, int pins) throws Exception {
        report.say("%n%d virtual threads sleep %d ms, each holding a lock of its own:", pins, SLEEP_MILLIS);
        double free = seconds(report, "ReentrantLock", pins, number -> {
            ReentrantLock lock = new ReentrantLock();
            lock.lock();
            try {
                Thread.sleep(SLEEP_MILLIS);
            } finally {
                lock.unlock();
            }
            return number;
        });
        report.row("ReentrantLock", Race.seconds(free));
        report.figure("virtual", "lock", free, "s");
        double held = seconds(report, "synchronized", pins, number -> {
            synchronized (new Object()) {
                Thread.sleep(SLEEP_MILLIS);
            }
            return number;
        });
        boolean pinned = held > 2 * free;
        report.row("synchronized", Race.seconds(held), pinned ? "pinned: each kept a core's thread" : "not pinned");
        report.figure("virtual", "synchronized", held, "s");
    }

    private static double seconds(LessonReport report, String lock, int pins, TaskFunction<Integer, Integer> nap)
            throws Exception {
        List<Integer> numbers = As.numbers(pins);
        long beginNanos = System.nanoTime();
        try (Runner runner = report.watch("virtual, " + lock, ThreadRunner.virtual())) {
            report.check(runner.map(numbers, nap).equals(numbers), "wrong answers");
        }
        return (System.nanoTime() - beginNanos) / 1e9;
    }
}
