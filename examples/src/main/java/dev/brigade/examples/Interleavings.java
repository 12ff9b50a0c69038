package dev.brigade.examples;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * Replays every order in which the steps of two threads that increment a counter can happen: for the lesson
 * {@code interleave}.
 *
 * <p>Design note: each replay has two real threads and one baton. A thread takes a step only when the scheduler has
 * released that thread's semaphore, and the scheduler goes on only when the step is done; so one thread runs at a time,
 * and the semaphores make each step visible to the next. {@code counter} and {@code steps} need no other protection.
 */
final class Interleavings {
    private final Semaphore forA = new Semaphore(0);
    private final Semaphore forB = new Semaphore(0);
    private final Semaphore done = new Semaphore(0);
    private final List<String> steps = new ArrayList<>();
    private int counter;

    private Interleavings() {}

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
        for (int step = 0; step < order.length(); step++) {
            (order.charAt(step) == 'A' ? forA : forB).release();
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
