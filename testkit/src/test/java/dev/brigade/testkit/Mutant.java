package dev.brigade.testkit;

import dev.brigade.Runner;
import java.util.function.Function;

/** A runner that breaks one rule, on purpose. */
record Mutant(int rule, String name, Function<RunnerSettings, Runner> make) {
    @Override
    public String toString() {
        return name + " (rule " + rule + ")";
    }
}
