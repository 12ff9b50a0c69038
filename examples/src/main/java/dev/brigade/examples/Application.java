package dev.brigade.examples;

import dev.brigade.Outcome;
import dev.brigade.Outcomes;
import dev.brigade.Runner;
import dev.brigade.WorkerLostException;
import java.io.Serializable;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** For the lesson {@code crash}: a program that uses a runner, and may die of a task. */
final class Application {
    private Application() {}

    /**
     * What there is to tell of a program that has lived to its end.
     *
     * @param answers how many answers were there, and right
     * @param bad how the bad task ended
     */
    record Left(int answers, String bad) implements Serializable {}

    /** Multiplies numbers by themselves, but for the one in the middle, whose task does the deed. */
    static Left run(RunnerKind way, CrashKind deed, int tasks) {
        int bad = tasks / 2;
        int right = 0;
        String badEnd = "none";
        try (Runner runner = way.open(2);
                Outcomes<Integer, Integer> outcomes =
                        runner.mapOutcomes(As.numbers(tasks), n -> n == bad ? deed.commit() : square(n))) {
            for (Outcome<Integer, Integer> outcome : outcomes) {
                if (outcome.index() == bad) {
                    badEnd = end(outcome.exception());
                } else if (Objects.equals(outcome.value(), square(outcome.index()))) {
                    right++;
                }
            }
        }
        return new Left(right, badEnd);
    }

    private static int square(long number) {
        return (int) (number * number);
    }

    /** How a JVM ended, in two or three words. */
    static String end(@Nullable Throwable failure) {
        if (!(failure instanceof WorkerLostException lost)) {
            return String.valueOf(failure);
        }
        if (lost.reason() == WorkerLostException.Reason.SIGNALLED) {
            return "a crash";
        }
        return lost.exitCode().isPresent() ? "exit code " + lost.exitCode().getAsInt() : "" + lost.reason();
    }
}
