package dev.brigade.examples;

import dev.brigade.Outcome;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * The task of the lesson {@code mp}, and what it tells of itself.
 *
 * @param pid the process it ran in
 * @param counter the static counter of that process, after this task
 * @param sum its answer
 */
record WorkerSelfReport(long pid, int counter, long sum) implements Serializable {

    /** How many tasks this process has done: a static field is static in its process only. */
    static int done;

    static WorkerSelfReport pay(int limit) {
        done++;
        return new WorkerSelfReport(ProcessHandle.current().pid(), done, Squares.sum(limit));
    }

    /** Keeps the right answers; complains of the wrong and the missing. */
    static List<WorkerSelfReport> right(
            LessonReport report, List<Outcome<Integer, WorkerSelfReport>> outcomes, int limit) {
        long expected = Squares.expected(limit);
        List<WorkerSelfReport> right = new ArrayList<>();
        for (Outcome<Integer, WorkerSelfReport> outcome : outcomes) {
            WorkerSelfReport visit = outcome.value();
            if (visit != null && visit.sum() == expected) {
                right.add(visit);
            } else {
                report.check(false, "task %d: %s", outcome.index(), visit == null ? outcome.exception() : visit);
            }
        }
        report.check(right.size() == outcomes.size(), "%d of %d answers are right", right.size(), outcomes.size());
        return right;
    }
}
