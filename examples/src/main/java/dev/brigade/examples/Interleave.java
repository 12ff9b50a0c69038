package dev.brigade.examples;

import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;

// Two threads add 1 to the same counter. In which orders of their steps is an increment lost?
//
// $ java -jar examples/target/brigade-examples.jar interleave
//
//   interleave: Every order of two threads' steps, and which lose an increment.
//   (2 cores, JDK 25.0.3)
//
//   Two threads, A and B, each add 1 to a counter that is 0. Adding is two steps: read it, then write
//   what was read plus 1. These are all the orders that four steps can have, replayed:
//
//     AABB  A reads 0   A writes 1  B reads 1   B writes 2  counter 2
//     ABAB  A reads 0   B reads 0   A writes 1  B writes 1  counter 1  LOST
//     ABBA  A reads 0   B reads 0   B writes 1  A writes 1  counter 1  LOST
//     BAAB  B reads 0   A reads 0   A writes 1  B writes 1  counter 1  LOST
//     BABA  B reads 0   A reads 0   B writes 1  A writes 1  counter 1  LOST
//     BBAA  B reads 0   B writes 1  A reads 1   A writes 2  counter 2
//
//   With more increments there are more orders. How many end with which counter:
//
//     1 each    6 orders   1:   4   2:   2
//     2 each   70 orders   2:  32   3:  32   4:   6
//     3 each  924 orders   2:   8   3: 300   4: 416   5: 180   6:  20
//
//   => 4 of 6 orders lose an increment, and a counter may end at 2 however often each thread adds.

/**
 * Every order in which the steps of two threads can happen, and which of them lose an increment.
 *
 * <p>Nothing is left to luck: it prints the same each time. What a real machine does with the same two threads, the lesson
 * {@code share} and the stress tests show.
 */
@Command(name = "interleave", description = "Every order of two threads' steps, and which lose an increment.")
public final class Interleave extends Lesson {
    private static final int MOST_INCREMENTS = 3;

    /** Runs this lesson alone. */
    public static void main(String... args) {
        Main.main("interleave", args);
    }

    @Override
    int teach(LessonReport report) {
        report.say("Two threads, A and B, each add 1 to a counter that is 0. Adding is two steps: read it, then write");
        report.say("what was read plus 1. These are all the orders that four steps can have, replayed:%n");
        List<Interleavings.Replay> one = Interleavings.replays(1);
        one.forEach(replay -> report.say("%s", replay.row()));
        long losing = one.stream().filter(Interleavings.Replay::loses).count();
        report.figure("threads", "orders", one.size(), "orders");
        report.figure("threads", "losing", (double) losing, "orders");
        report.check(losing == 4 && one.size() == 6, "%d of %d orders lose an increment", losing, one.size());

        report.say("%nWith more increments there are more orders. How many end with which counter:%n");
        for (int increments = 1; increments <= MOST_INCREMENTS; increments++) {
            SortedMap<Integer, Long> ends = ends(increments);
            report.say("%s", row(increments, ends));
            report.check(ends.firstKey() == Math.min(increments, 2), "the least counter is %d", ends.firstKey());
        }
        report.say("");
        report.conclude(
                "%d of %d orders lose an increment, and a counter may end at 2 however often each thread adds.",
                losing, one.size());
        return report.verdict();
    }

    private static SortedMap<Integer, Long> ends(int increments) {
        return Interleavings.replays(increments).stream()
                .map(Interleavings.Replay::counter)
                .collect(Collectors.groupingBy(Function.identity(), TreeMap::new, Collectors.counting()));
    }

    private static String row(int increments, SortedMap<Integer, Long> ends) {
        String cells = ends.entrySet().stream()
                .map(end -> String.format(Locale.ROOT, "%d: %3d", end.getKey(), end.getValue()))
                .collect(Collectors.joining("   "));
        long orders = ends.values().stream().mapToLong(Long::longValue).sum();
        return String.format(Locale.ROOT, "  %d each  %3d orders   %s", increments, orders, cells);
    }
}
