package dev.brigade.benchmarks;

import java.time.Duration;

/** A comparison made of its parts. */
record SimpleComparison(
        String id, String title, String note, Unit unit, String baseline, boolean pinned, Limits limits, Body body)
        implements Comparison {

    /** The code that measures. */
    @FunctionalInterface
    interface Body {
        void run(ComparisonContext bench) throws Exception;
    }

    /** Its time limits in seconds, in the short and in the long form. */
    record Limits(int brief, int full) {}

    @Override
    public Duration limit(BenchmarkForm form) {
        return Duration.ofSeconds(form.pick(limits.brief, limits.brief, limits.full));
    }

    @Override
    public void run(ComparisonContext bench) throws Exception {
        body.run(bench);
    }
}
