package dev.brigade.examples;

import dev.brigade.Runner;
import java.util.List;
import java.util.Locale;

/**
 * The same work on several runners, one after the other: each gets one clock, one row and the same check.
 *
 * <p>The clock starts before the runner is made and stops when it is closed: starting threads and processes counts.
 */
final class Race {
    private final LessonReport report;
    private final String work;
    private double sequentialSeconds = Double.NaN;
    private double bestSeconds = Double.POSITIVE_INFINITY;
    private String fastest = "none";

    Race(LessonReport report) {
        this(report, "");
    }

    /** A lesson with more than one race names the work, so that their figures differ. */
    Race(LessonReport report, String work) {
        this.report = report;
        this.work = work.isEmpty() ? "" : " " + work;
        report.row("runner", "time", "speed-up");
    }

    /** Makes a runner. */
    @FunctionalInterface
    interface Opener {
        Runner open();
    }

    /** What is done on each runner: it gives one answer for each task. */
    @FunctionalInterface
    interface Work<T> {
        List<T> on(Runner runner) throws Exception;
    }

    /** Times the work on one runner and checks each answer; a runner that this JDK lacks gets a row that says so. */
    <T> void run(String name, Opener opener, Work<T> work, List<T> expected) throws Exception {
        List<T> answers;
        try {
            answers = time(name, opener, work);
        } catch (AbsentException absent) {
            report.row(name, "-", "not here: " + absent.getMessage());
            return;
        }
        report.check(answers.size() == expected.size(), "%s: %d answers of %d", name, answers.size(), expected.size());
        for (int i = 0; i < Math.min(answers.size(), expected.size()); i++) {
            boolean same = expected.get(i).equals(answers.get(i));
            report.check(same, "%s: task %d: %s instead of %s", name, i, answers.get(i), expected.get(i));
        }
    }

    /** Times the work on one runner. */
    <T> List<T> time(String name, Opener opener, Work<T> work) throws Exception {
        long beginNanos = System.nanoTime();
        List<T> answers;
        try (Runner runner = report.watch(name + this.work, open(opener))) {
            answers = work.on(runner);
        }
        finish(name, (System.nanoTime() - beginNanos) / 1e9);
        return answers;
    }

    private static Runner open(Opener opener) throws AbsentException {
        try {
            return opener.open();
        } catch (UnsupportedOperationException e) {
            throw new AbsentException(e);
        }
    }

    /** The runner that took the least time so far. */
    String fastest() {
        return fastest;
    }

    private void finish(String name, double seconds) {
        if (name.equals("sequential")) {
            sequentialSeconds = seconds;
        }
        if (seconds < bestSeconds) {
            bestSeconds = seconds;
            fastest = name;
        }
        report.figure(name, "wall" + work, seconds, "s");
        if (Double.isNaN(sequentialSeconds)) {
            report.row(name, seconds(seconds));
            return;
        }
        double speedup = sequentialSeconds / seconds;
        report.figure(name, "speedup" + work, speedup, "x");
        report.row(name, seconds(seconds), times(speedup));
    }

    static String seconds(double seconds) {
        return String.format(Locale.ROOT, seconds < 10 ? "%.2f s" : "%.1f s", seconds);
    }

    static String nanos(double nanos) {
        return String.format(Locale.ROOT, "%.1f ns", nanos);
    }

    static String times(double speedup) {
        return String.format(Locale.ROOT, speedup < 100 ? "%.2f x" : "%.0f x", speedup);
    }

    /** This JDK lacks the runner. */
    private static final class AbsentException extends Exception {
        private static final long serialVersionUID = 1L;

        AbsentException(UnsupportedOperationException why) {
            super(why.getMessage(), why);
        }
    }
}
