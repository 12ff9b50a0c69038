package dev.brigade.testkit;

import dev.brigade.TaskFunction;

/** The forms of a test's bodies, which do the same. */
public enum BodyKind {
    /** Bodies wait on their thread. */
    BLOCKING,
    /** Bodies return a stage: see {@link TaskFunction#async}. */
    ASYNC;

    TaskFunction<Step, Integer> steps(FileLatches latches) {
        return this == BLOCKING ? new Work.Steps(latches) : new Work.AsyncSteps(latches);
    }

    TaskFunction<Integer, Boolean> crowd(FileLatches latches, int limit) {
        return this == BLOCKING
                ? new Work.ConcurrencyProbe(latches, limit)
                : new Work.AsyncConcurrencyProbe(latches, limit);
    }
}
