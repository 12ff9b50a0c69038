package dev.brigade.examples;

import java.io.Serializable;

/**
 * The task of the lesson {@code mp}, and what it tells of itself.
 *
 * @param pid the process it ran in
 * @param counter the static counter of that process, after this task
 * @param sum its answer
 */
record Visit(long pid, int counter, long sum) implements Serializable {

    /** How many tasks this process has done: a static field is static in its process only. */
    static int done;

    static Visit pay(int limit) {
        done++;
        return new Visit(ProcessHandle.current().pid(), done, Squares.sum(limit));
    }
}
