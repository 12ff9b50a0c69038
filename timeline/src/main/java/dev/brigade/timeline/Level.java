package dev.brigade.timeline;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;

/**
 * The number of tasks in some state over time: the rounded mean in each of many slices of equal length. So a state that was too short to
 * be seen is not drawn as if it had lasted.
 *
 * @param perSlice the mean of each slice
 */
record Level(List<Integer> perSlice) {

    /** Returns the number of waiting tasks over time. */
    static Level waiting(Track track, long lengthNanos, int slices) {
        return of(
                track,
                lengthNanos,
                slices,
                s -> s.timing().submittedNanos(),
                s -> s.timing().startedNanos());
    }

    /** Returns the number of running bodies over time. */
    static Level running(Track track, long lengthNanos, int slices) {
        return of(
                track,
                lengthNanos,
                slices,
                s -> s.timing().startedNanos(),
                s -> s.timing().endedNanos());
    }

    private static Level of(
            Track track, long lengthNanos, int slices, ToLongFunction<Span> from, ToLongFunction<Span> to) {
        long begin = track.beginNanos();
        double sliceNanos = Math.max(1, (double) lengthNanos / slices);
        double[] changes = new double[slices + 1];
        for (Span span : track.spans()) {
            double first = (from.applyAsLong(span) - begin) / sliceNanos;
            double last = (to.applyAsLong(span) - begin) / sliceNanos;
            addStep(changes, first, 1);
            addStep(changes, last, -1);
        }
        List<Integer> means = new ArrayList<>();
        double there = 0;
        for (int slice = 0; slice < slices; slice++) {
            there += changes[slice];
            means.add((int) Math.round(there));
        }
        return new Level(means);
    }

    /** From that moment on one more, or one less, is there: in part of its slice, and in all slices after it. */
    private static void addStep(double[] changes, double at, int step) {
        int slice = (int) Math.min(at, changes.length - 2.0);
        double rest = Math.max(0, slice + 1 - at);
        changes[slice] += step * rest;
        changes[slice + 1] += step * (1 - rest);
    }

    int max() {
        return perSlice.stream().mapToInt(Integer::intValue).max().orElse(0);
    }
}
