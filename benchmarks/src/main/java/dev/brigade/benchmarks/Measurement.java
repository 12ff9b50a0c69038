package dev.brigade.benchmarks;

import java.time.Duration;

/** A stand made of its parts. */
record Measurement(
        String id, String title, String note, Unit unit, String baseline, boolean pinned, Limits limits, Body body)
        implements Stand {

    /** What it does. */
    @FunctionalInterface
    interface Body {
        void run(StandContext bench) throws Exception;
    }

    /** Its time limits in seconds, in the short and in the long form. */
    record Limits(int brief, int full) {}

    @Override
    public Duration limit(BenchmarkForm form) {
        return Duration.ofSeconds(form.pick(limits.brief, limits.brief, limits.full));
    }

    @Override
    public void run(StandContext bench) throws Exception {
        body.run(bench);
    }
}
