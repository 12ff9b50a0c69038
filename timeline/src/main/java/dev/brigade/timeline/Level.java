package dev.brigade.timeline;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;

/**
 * How many tasks were in some state at once, over time, as the highest number in each of many slices of equal length.
 *
 * @param perSlice the numbers
 */
record Level(List<Integer> perSlice) {

    /** How many tasks waited. */
    static Level waiting(Track track, long lengthNanos, int slices) {
        return of(
                track,
                lengthNanos,
                slices,
                s -> s.timing().submittedNanos(),
                s -> s.timing().startedNanos());
    }

    /** How many bodies ran. */
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
        List<Span> there = track.spans().stream()
                .filter(s -> from.applyAsLong(s) < to.applyAsLong(s))
                .toList();
        long[] starts = there.stream().mapToLong(from).sorted().toArray();
        long[] ends = there.stream().mapToLong(to).sorted().toArray();
        List<Integer> perSlice = new ArrayList<>();
        int started = 0;
        int ended = 0;
        for (int slice = 0; slice < slices; slice++) {
            long end = begin + Scale.boundaryNanos(slice + 1, slices, lengthNanos);
            int most = started - ended;
            while (started < starts.length && starts[started] < end) {
                while (ended < ends.length
                        && ends[ended] <= starts[started]) { // one that ends makes room for one that starts
                    ended++;
                }
                started++;
                most = Math.max(most, started - ended);
            }
            while (ended < ends.length && ends[ended] <= end) {
                ended++;
            }
            perSlice.add(most);
        }
        return new Level(perSlice);
    }

    int max() {
        return perSlice.stream().mapToInt(Integer::intValue).max().orElse(0);
    }
}
