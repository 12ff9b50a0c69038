package dev.brigade.timeline;

import java.util.Arrays;
import java.util.List;

/**
 * The bars of one worker as characters: which task had each place for most of the time, and which ended badly there.
 */
final class TextRow {
    /** Stands for a task that was tried more than once. */
    static final char RETRIED = 'r';

    private final Glyphs glyphs;
    private final long beginNanos;
    private final long lengthNanos;
    private final char[] marks;
    private final long[] busyNanos;

    /** For each place, which span of the row has most of it, and how much. */
    private final int[] owners;

    private final long[] ownedNanos;

    TextRow(Glyphs glyphs, long beginNanos, long lengthNanos, int width) {
        this.glyphs = glyphs;
        this.beginNanos = beginNanos;
        this.lengthNanos = lengthNanos;
        marks = new char[width];
        busyNanos = new long[width];
        owners = new int[width];
        ownedNanos = new long[width];
        Arrays.fill(ownedNanos, -1);
        Arrays.fill(owners, -1);
    }

    String draw(List<Span> spans) {
        for (int i = 0; i < spans.size(); i++) {
            add(i, spans.get(i));
        }
        StringBuilder row = new StringBuilder();
        for (int place = 0; place < marks.length; place++) {
            row.append(at(place));
        }
        return glyphs.joined(row.toString());
    }

    private void add(int number, Span span) {
        long from = span.timing().startedNanos() - beginNanos;
        long to = span.timing().endedNanos() - beginNanos;
        int first = place(from);
        int last = Math.max(first, place(to - 1));
        for (int place = first; place <= last; place++) {
            long shared = Math.max(0, Math.min(to, boundary(place + 1)) - Math.max(from, boundary(place)));
            busyNanos[place] += shared;
            if (shared > ownedNanos[place]) {
                ownedNanos[place] = shared;
                owners[place] = number;
            }
        }
        if (span.retried() && marks[first] == 0) {
            marks[first] = RETRIED;
        }
        if (span.ending() != SpanOutcome.SUCCEEDED) {
            marks[last] = span.ending().mark();
        }
    }

    private String at(int place) {
        if (marks[place] != 0) {
            return glyphs.mark(String.valueOf(marks[place]));
        }
        if (owners[place] < 0) {
            return " ";
        }
        boolean busy = 2 * busyNanos[place] >= boundary(place + 1) - boundary(place);
        char bar = busy ? glyphs.bars().charAt(owners[place] % 2) : glyphs.sparse();
        return glyphs.bar(String.valueOf(bar));
    }

    private long boundary(int place) {
        return Scale.boundaryNanos(place, marks.length, lengthNanos);
    }

    /** The place that a moment falls into; the end of the scale belongs to the last. */
    private int place(long nanos) {
        int guess = (int) Math.min(marks.length - 1.0, Math.max(0, (double) nanos / lengthNanos * marks.length));
        while (guess > 0 && boundary(guess) > nanos) {
            guess--;
        }
        while (guess < marks.length - 1 && boundary(guess + 1) <= nanos) {
            guess++;
        }
        return guess;
    }
}
