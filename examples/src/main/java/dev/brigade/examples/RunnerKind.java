package dev.brigade.examples;

import dev.brigade.Runner;
import dev.brigade.runner.AsyncRunner;
import dev.brigade.runner.ProcessRunner;
import dev.brigade.runner.SequentialRunner;
import dev.brigade.runner.ThreadRunner;
import java.util.Locale;

/** The ways of running, for lessons that show the same on each; a way can be named to another process, a runner cannot. */
enum RunnerKind {
    SEQUENTIAL,
    THREADS,
    VIRTUAL,
    ASYNC,
    PROCESSES;

    /** Whether this JDK lacks it. */
    boolean isAbsent() {
        return this == VIRTUAL && Runtime.version().feature() < 21;
    }

    /** Why this JDK lacks it, in a cell of a table. */
    String absence() {
        return "not here: this is JDK " + Runtime.version().feature() + ", virtual threads came with 21";
    }

    /** A runner of this kind that runs so many bodies at once; one at a time where that is all it can. */
    Runner open(int limit) {
        return switch (this) {
            case SEQUENTIAL -> SequentialRunner.of();
            case THREADS -> ThreadRunner.of(limit);
            case VIRTUAL -> ThreadRunner.builder().virtual(limit).build();
            case ASYNC -> AsyncRunner.builder().maxConcurrency(limit).build();
            case PROCESSES -> ProcessRunner.of(limit);
        };
    }

    /** Its name in tables and figures. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
