package dev.brigade.timeline;

import dev.brigade.Outcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * One run on a timeline: the tasks that one runner ran, one track beside those of the other runners.
 *
 * <p>Its spans are in the order of their starts. Its clock begins when its first task was submitted.
 *
 * @param name what to call it: the runner's name, say
 * @param spans its tasks; unmodifiable
 * @param dropped how many tasks were pulled and have no outcome, because their batch was left early
 */
public record Track(String name, List<Span> spans, long dropped) {
    private static final Comparator<Span> BY_START = Comparator.<Span>comparingLong(
                    span -> span.timing().startedNanos())
            .thenComparingLong(span -> span.timing().endedNanos())
            .thenComparingLong(Span::index);

    /**
     * Makes a track.
     *
     * @param name as {@link #name()}
     * @param spans its tasks, in any order
     * @param dropped as {@link #dropped()}
     * @throws IllegalArgumentException when {@code dropped} is negative
     */
    public Track {
        Objects.requireNonNull(name, "name");
        if (dropped < 0) {
            throw new IllegalArgumentException("dropped must be at least 0 (tasks), was " + dropped);
        }
        spans = spans.stream().sorted(BY_START).toList();
    }

    /**
     * The track of a batch.
     *
     * @param name what to call it
     * @param outcomes the outcomes of the batch, to its end
     * @return the track
     */
    public static Track of(String name, Iterable<? extends Outcome<?, ?>> outcomes) {
        List<Span> spans = new ArrayList<>();
        outcomes.forEach(outcome -> spans.add(Span.of(outcome)));
        return new Track(name, spans, 0);
    }

    /**
     * From the first submission to the last outcome.
     *
     * @return the time; zero when there are no tasks
     */
    public Duration length() {
        return Duration.ofNanos(lengthNanos());
    }

    /**
     * Counts the tasks by the way they ended; ways that did not occur are absent.
     *
     * @return the counts; modifiable
     */
    public Map<SpanOutcome, Integer> endings() {
        Map<SpanOutcome, Integer> counts = new EnumMap<>(SpanOutcome.class);
        spans.forEach(span -> counts.merge(span.ending(), 1, Integer::sum));
        return counts;
    }

    /** In words: how many tasks, and how they ended where that is not simply well. */
    String summary() {
        StringBuilder words = new StringBuilder(count(spans.size(), "task"));
        endings().forEach((ending, count) -> {
            if (ending != SpanOutcome.SUCCEEDED) {
                words.append(", ").append(count).append(' ').append(ending.words());
            }
        });
        long unstarted = spans.stream().filter(span -> !span.ran()).count();
        long retried = spans.stream().filter(Span::retried).count();
        append(words, retried, "retried");
        append(words, unstarted, "never started");
        append(words, dropped, "dropped with their batch");
        return words.toString();
    }

    private static void append(StringBuilder words, long count, String what) {
        if (count > 0) {
            words.append(", ").append(count).append(' ').append(what);
        }
    }

    private static String count(int count, String what) {
        return count + " " + what + (count == 1 ? "" : "s");
    }

    long beginNanos() {
        return spans.stream()
                .mapToLong(span -> span.timing().submittedNanos())
                .min()
                .orElse(0);
    }

    long lengthNanos() {
        return spans.stream()
                        .mapToLong(span -> span.timing().endedNanos())
                        .max()
                        .orElse(0)
                - beginNanos();
    }
}
