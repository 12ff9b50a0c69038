package dev.brigade.testkit;

import dev.brigade.Runner;
import java.util.function.Function;

/** A runner that breaks one rule, on purpose; a test, if one is named, and not any test of the rule, has to notice. */
record Mutant(int rule, String name, String test, Function<RunnerSettings, Runner> make) {
    Mutant(int rule, String name, Function<RunnerSettings, Runner> make) {
        this(rule, name, "", make);
    }

    @Override
    public String toString() {
        return name + " (rule " + rule + ")";
    }
}
