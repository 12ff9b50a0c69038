package dev.brigade.timeline;

import dev.brigade.Outcome;
import dev.brigade.Timing;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One task on a timeline: its {@link Outcome} without input and value, which may be large.
 *
 * <p>An outcome knows when its <em>last</em> attempt began: of a task that was retried, earlier attempts and back-offs lie within
 * {@link #waited()}.
 *
 * @param index the index of its input in the batch
 * @param label its name on the timeline
 * @param ending the way it ended
 * @param attempts the number of bodies that began; 0 if it never ran
 * @param timing its times
 * @param worker the worker that ran the last attempt; null if none did
 * @param detail the failure in one line; empty if it did not fail
 */
public record Span(
        long index,
        String label,
        SpanOutcome ending,
        int attempts,
        Timing timing,
        @Nullable String worker,
        String detail) {

    private static final int LABEL_CHARS = 60;
    private static final int DETAIL_CHARS = 200;

    /**
     * Makes a span.
     *
     * @param index as {@link #index()}
     * @param label as {@link #label()}
     * @param ending as {@link #ending()}
     * @param attempts as {@link #attempts()}
     * @param timing as {@link #timing()}
     * @param worker as {@link #worker()}
     * @param detail as {@link #detail()}
     * @throws IllegalArgumentException when the timing runs backwards
     */
    public Span {
        Objects.requireNonNull(label, "label");
        Objects.requireNonNull(ending, "ending");
        Objects.requireNonNull(detail, "detail");
        if (timing.submittedNanos() > timing.startedNanos() || timing.startedNanos() > timing.endedNanos()) {
            throw new IllegalArgumentException("the timing of task " + index + " runs backwards: " + timing);
        }
    }

    /**
     * The span of an outcome. Its label is the index, and the input where that is a short text, a number or a file.
     *
     * @param outcome the outcome
     * @return the span
     */
    public static Span of(Outcome<?, ?> outcome) {
        return of(outcome, label(outcome));
    }

    /**
     * The span of an outcome, with a label.
     *
     * @param outcome the outcome
     * @param label what to call it; a long one is cut
     * @return the span
     */
    public static Span of(Outcome<?, ?> outcome, String label) {
        return new Span(
                outcome.index(),
                cut(label, LABEL_CHARS),
                SpanOutcome.of(outcome),
                outcome.attempts(),
                outcome.timing(),
                outcome.worker(),
                detail(outcome.exception()));
    }

    /** Calls no {@code toString} of the user's own: it may be slow, long or secret. */
    private static String label(Outcome<?, ?> outcome) {
        Object input = outcome.input();
        boolean plain = input instanceof CharSequence
                || input instanceof Number
                || input instanceof Boolean
                || input instanceof Character
                || input instanceof Path
                || input instanceof URI;
        return "#" + outcome.index() + (plain ? " " + input : "");
    }

    private static String detail(@Nullable Throwable failure) {
        if (failure == null) {
            return "";
        }
        String message = Objects.requireNonNullElse(failure.getMessage(), "");
        String text = failure.getClass().getSimpleName() + (message.isEmpty() ? "" : ": " + message);
        return cut(text.lines().findFirst().orElse(""), DETAIL_CHARS);
    }

    private static String cut(String text, int chars) {
        if (text.length() <= chars) {
            return text;
        }
        int end = Character.isHighSurrogate(text.charAt(chars - 4)) ? chars - 4 : chars - 3;
        return text.substring(0, end) + "...";
    }

    /**
     * Returns true if a body of the task began.
     *
     * @return false if it ended before its start
     */
    public boolean ran() {
        return attempts > 0;
    }

    /**
     * Returns true if the task took more than one attempt.
     *
     * @return true if it was retried
     */
    public boolean retried() {
        return attempts > 1;
    }

    /**
     * Returns the time before its last attempt, earlier attempts included.
     *
     * @return the time, never negative
     */
    public Duration waited() {
        return timing.queued();
    }

    /**
     * Returns the time that its last attempt ran.
     *
     * @return the time, never negative
     */
    public Duration ranFor() {
        return timing.running();
    }
}
