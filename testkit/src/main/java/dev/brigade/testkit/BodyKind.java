package dev.brigade.testkit;

import dev.brigade.TaskFunction;

/** How the bodies of a test are written; they do the same. */
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
