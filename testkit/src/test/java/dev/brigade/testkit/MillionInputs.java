package dev.brigade.testkit;

import dev.brigade.Outcome;
import dev.brigade.Outcomes;
import dev.brigade.Runner;
import dev.brigade.runner.AsyncRunner;
import dev.brigade.runner.ProcessRunner;
import dev.brigade.runner.SequentialRunner;
import dev.brigade.runner.ThreadRunner;
import java.util.stream.IntStream;

/** Sums a million results, one by one; run in a JVM whose heap would not hold them. */
public final class MillionInputs {
    private static final int COUNT = 1_000_000;

    private MillionInputs() {}

    public static void main(String[] args) {
        long sum = 0;
        try (Runner runner = runner(args[0]);
                Outcomes<Integer, Integer> outcomes = runner.mapOutcomes(
                        () -> IntStream.range(0, COUNT).boxed().iterator(), n -> n + 1)) {
            for (Outcome<Integer, Integer> one : outcomes) {
                Integer value = one.value();
                if (value == null || value != one.index() + 1) {
                    throw new AssertionError("unexpected " + one);
                }
                sum += value;
            }
        }
        System.out.println("sum " + sum);
    }

    private static Runner runner(String name) {
        return switch (name) {
            case "sequential" -> SequentialRunner.of();
            case "threads" -> ThreadRunner.of(2);
            case "async" -> AsyncRunner.builder().maxConcurrency(100).build();
            case "processes" -> ProcessRunner.of(2);
            default -> throw new IllegalArgumentException("no runner is called " + name);
        };
    }
}
