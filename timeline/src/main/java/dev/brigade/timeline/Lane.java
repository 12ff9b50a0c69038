package dev.brigade.timeline;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * A row of a timeline: spans of one worker that do not overlap.
 *
 * <p>A thread or a process has one. An event loop, which waits for many things at once, has as many as it waited for.
 *
 * @param worker whose row
 * @param part which of the worker's rows, from 1
 * @param spans what it ran, in order
 */
record Lane(String worker, int part, List<Span> spans) {
    private static final String NOBODY = "(unknown)";
    private static final Pattern DIGITS_OR_NOT = Pattern.compile("\\d+|\\D+");

    /** The rows of a track, the workers in their natural order (2 before 10). Spans that never ran are in none. */
    static List<Lane> of(Track track) {
        SortedMap<String, List<List<Span>>> byWorker = new TreeMap<>(Lane::compareNaturally);
        for (Span span : track.spans()) {
            if (span.ran()) {
                String worker = Objects.requireNonNullElse(span.worker(), NOBODY);
                place(span, byWorker.computeIfAbsent(worker, w -> new ArrayList<>()));
            }
        }
        List<Lane> lanes = new ArrayList<>();
        byWorker.forEach((worker, rows) -> {
            for (int i = 0; i < rows.size(); i++) {
                lanes.add(new Lane(worker, i + 1, List.copyOf(rows.get(i))));
            }
        });
        return lanes;
    }

    /** Into the first row that is free by then. */
    private static void place(Span span, List<List<Span>> rows) {
        for (List<Span> row : rows) {
            if (row.get(row.size() - 1).timing().endedNanos() <= span.timing().startedNanos()) {
                row.add(span);
                return;
            }
        }
        rows.add(new ArrayList<>(List.of(span)));
    }

    /** The worker, without what all of Brigade's workers begin with, and which of its rows this is. */
    String label() {
        return part == 1 ? shortWorker() : shortWorker() + " (" + part + ")";
    }

    /** For a picture, in which further rows of one worker stand under the first. */
    String heading() {
        return part == 1 ? shortWorker() : "";
    }

    private String shortWorker() {
        return worker.startsWith("brigade-") ? worker.substring("brigade-".length()) : worker;
    }

    static int compareNaturally(String a, String b) {
        List<String> left = parts(a);
        List<String> right = parts(b);
        for (int i = 0; i < Math.min(left.size(), right.size()); i++) {
            int order = comparePart(left.get(i), right.get(i));
            if (order != 0) {
                return order;
            }
        }
        int order = Integer.compare(left.size(), right.size());
        return order != 0 ? order : a.compareTo(b);
    }

    private static int comparePart(String a, String b) {
        if (!Character.isDigit(a.charAt(0)) || !Character.isDigit(b.charAt(0))) {
            return a.compareTo(b);
        }
        return Comparator.comparingInt(String::length)
                .thenComparing(Comparator.naturalOrder())
                .compare(withoutZeros(a), withoutZeros(b));
    }

    private static String withoutZeros(String digits) {
        return digits.replaceFirst("^0+", "");
    }

    private static List<String> parts(String text) {
        return DIGITS_OR_NOT.matcher(text).results().map(MatchResult::group).toList();
    }
}
