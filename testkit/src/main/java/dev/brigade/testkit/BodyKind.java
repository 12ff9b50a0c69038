package dev.brigade.testkit;

import dev.brigade.TaskFunction;

/** How the bodies of a test are written; they do the same. */
public enum BodyKind {
    /** Bodies wait on their thread. */
    BLOCKING,
    /** Bodies return a stage: see {@link TaskFunction#async}. */
    ASYNC;

    TaskFunction<Step, Integer> steps(FileLatches signals) {
        return this == BLOCKING ? new Work.Steps(signals) : new Work.AsyncSteps(signals);
    }

    TaskFunction<Integer, Boolean> crowd(FileLatches signals, int limit) {
        return this == BLOCKING ? new Work.Crowd(signals, limit) : new Work.AsyncCrowd(signals, limit);
    }
}
