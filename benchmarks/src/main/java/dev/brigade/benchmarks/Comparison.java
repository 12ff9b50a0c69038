package dev.brigade.benchmarks;

import java.time.Duration;

/** Measures one thing of several peers. Stateless: {@link #run} is called in a JVM of its own. */
interface Comparison {
    /** The name by which it is asked for. */
    String id();

    /** Returns the headline of its table. */
    String title();

    /** Returns one paragraph that explains the figures. */
    String note();

    Unit unit();

    default Unit unit(String column) {
        return unit();
    }

    /** The peer against which the others are shown; the same column's figure. */
    String baseline();

    /** When to give up. */
    Duration limit(BenchmarkForm form);

    /** Returns true if the comparison and all its child processes run on one core. */
    default boolean pinned() {
        return false;
    }

    void run(ComparisonContext bench) throws Exception;
}
