package dev.brigade.benchmarks;

import java.util.Locale;

/** The operations of a peer; times are in nanoseconds. */
enum Operation {
    /** n trivial tasks, one at a time: [time]. */
    ROUND_TRIP,
    /** n trivial tasks submitted, then all waited for: [time]. */
    SUBMIT_MANY,
    /** A trivial function over n inputs: [time]. */
    MAP,
    /** n bytes to a worker, their number back: [time]. */
    SEND,
    /** A number to a worker, that many bytes back: [time]. */
    FETCH,
    /** The squares up to n summed: [time alone, time by the workers]. */
    SQUARES,
    /** The process ids of all workers, each of which has run a task: [pid, ...]. */
    PIDS,
    /** A pool opened, a result from each of its workers, the pool closed: [time]. */
    START,
    /** A worker killed: [time until its task is reported as failed, time until all workers give results again]. */
    KILL;

    /** As the script for Python calls it. */
    String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
