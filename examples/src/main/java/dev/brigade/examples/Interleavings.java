package dev.brigade.examples;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;

// Two threads add 1 to the same counter. In which orders of their steps is an increment lost?
//
// $ java -jar examples/target/brigade-examples.jar interleave      (the same on every machine)
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
 * Replays every order in which the steps of two threads can happen, and shows which of them lose an increment.
 *
 * <p>Nothing is left to luck: it prints the same each time. What a real machine does with the same two threads, the
 * stress tests show.
 *
 * <p>Design note: each replay has two real threads and one baton. A thread takes a step only when the scheduler has
 * released that thread's semaphore, and the scheduler goes on only when the step is done; so one thread runs at a time,
 * and the semaphores make each step visible to the next. {@code counter} and {@code steps} need no other protection.
 */
public final class Interleavings {
    private static final int MOST_INCREMENTS = 3;

    private final Semaphore forA = new Semaphore(0);
    private final Semaphore forB = new Semaphore(0);
    private final Semaphore done = new Semaphore(0);
    private final List<String> steps = new ArrayList<>();
    private int counter;

    private Interleavings() {}

    /** Runs this lesson alone; its exit code is 1 if a replay was not what the lesson says. */
    public static void main(String... args) {
        System.exit(run(new PrintWriter(System.out, true)));
    }

    /** Replays, prints the tables and returns 0, or 1 if a replay was not what the lesson says. */
    static int run(PrintWriter out) {
        out.println(
                "Two threads, A and B, each add 1 to a counter that is 0. Adding is two steps: read it, then write");
        out.println("what was read plus 1. These are all the orders that four steps can have, replayed:");
        out.println();
        List<Replay> one = replays(1);
        one.forEach(replay -> out.println(replay.row()));
        long losing = one.stream().filter(Replay::loses).count();
        out.println();
        out.printf(Locale.ROOT, "With more increments there are more orders. How many end with which counter:%n%n");
        boolean least = true;
        for (int increments = 1; increments <= MOST_INCREMENTS; increments++) {
            TreeMap<Integer, Long> ends = ends(replays(increments));
            out.println(endsRow(increments, ends));
            least &= ends.firstKey() == Math.min(increments, 2);
        }
        out.println();
        out.printf("=> %d of %d orders lose an increment, and a counter may end at 2 however", losing, one.size());
        out.println(" often each thread adds.");
        return losing == 4 && one.size() == 6 && least ? 0 : 1;
    }

    /** Replays each order of two threads that make this many increments each. */
    static List<Replay> replays(int increments) {
        return orders(2 * increments, 2 * increments).stream()
                .map(order -> new Interleavings().replay(order, increments))
                .toList();
    }

    /** Every word of so many As and so many Bs. */
    static List<String> orders(int as, int bs) {
        if (as == 0 || bs == 0) {
            return List.of("A".repeat(as) + "B".repeat(bs));
        }
        List<String> words = new ArrayList<>();
        orders(as - 1, bs).forEach(rest -> words.add("A" + rest));
        orders(as, bs - 1).forEach(rest -> words.add("B" + rest));
        return words;
    }

    private Replay replay(String order, int increments) {
        new Thread(() -> add(increments, "A", forA), "interleave-a").start();
        new Thread(() -> add(increments, "B", forB), "interleave-b").start();
        for (char turn : order.toCharArray()) {
            (turn == 'A' ? forA : forB).release();
            take(done);
        }
        return new Replay(order, List.copyOf(steps), counter, 2 * increments);
    }

    /** What each thread does: the increment, cut open between its read and its write. */
    private void add(int increments, String name, Semaphore mine) {
        for (int i = 0; i < increments; i++) {
            take(mine);
            int read = counter;
            steps.add(name + " reads " + read);
            done.release();

            take(mine);
            counter = read + 1;
            steps.add(name + " writes " + counter);
            done.release();
        }
    }

    private static void take(Semaphore baton) {
        try {
            if (!baton.tryAcquire(10, TimeUnit.SECONDS)) {
                throw new IllegalStateException("The other side kept the baton for more than 10 s");
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException("Interrupted while waiting for the baton", e);
        }
    }

    private static TreeMap<Integer, Long> ends(List<Replay> replays) {
        return replays.stream()
                .map(Replay::counter)
                .collect(Collectors.groupingBy(Function.identity(), TreeMap::new, Collectors.counting()));
    }

    private static String endsRow(int increments, TreeMap<Integer, Long> ends) {
        String cells = ends.entrySet().stream()
                .map(end -> String.format(Locale.ROOT, "%d: %3d", end.getKey(), end.getValue()))
                .collect(Collectors.joining("   "));
        long orders = ends.values().stream().mapToLong(Long::longValue).sum();
        return String.format(Locale.ROOT, "  %d each  %3d orders   %s", increments, orders, cells);
    }

    /**
     * One order, replayed.
     *
     * @param order whose step came when, for example ABAB
     * @param steps what each step did
     * @param counter where the counter ended
     * @param due where it should have ended
     */
    record Replay(String order, List<String> steps, int counter, int due) {
        boolean loses() {
            return counter < due;
        }

        String row() {
            String cells =
                    steps.stream().map(step -> String.format("%-11s", step)).collect(Collectors.joining(" "));
            return String.format(Locale.ROOT, "  %s  %s counter %d%s", order, cells, counter, loses() ? "  LOST" : "");
        }
    }
}
