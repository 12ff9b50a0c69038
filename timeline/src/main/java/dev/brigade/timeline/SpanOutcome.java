package dev.brigade.timeline;

import dev.brigade.Outcome;
import dev.brigade.WorkerLostException;
import java.util.Optional;

/** The end of a task as a timeline shows it: its {@link Outcome.State}, with the loss of its worker apart from other failures. */
public enum SpanOutcome {
    /** The body returned a value. */
    SUCCEEDED("succeeded", ' '),
    /** It was cancelled. */
    CANCELLED("cancelled", 'c'),
    /** It failed. */
    FAILED("failed", 'x'),
    /** Its deadline came first. */
    TIMED_OUT("timed out", 'T'),
    /** Its worker died by itself, or was ended by another: a crash, an exit, no memory. */
    WORKER_LOST("worker lost", '!'),
    /** The runner killed its worker, because the task ignored its deadline or its cancellation. */
    KILLED("killed", 'K');

    /** Number of causes that are looked at: a chain of causes may be a ring, and no program wraps this deep. */
    private static final int CAUSES = 32;

    private final String words;
    private final char mark;

    SpanOutcome(String words, char mark) {
        this.words = words;
        this.mark = mark;
    }

    /**
     * Returns the end of an outcome's task.
     *
     * @param outcome the outcome
     * @return the ending
     */
    public static SpanOutcome of(Outcome<?, ?> outcome) {
        return switch (outcome.state()) {
            case SUCCESS -> SUCCEEDED;
            case CANCELLED -> CANCELLED;
            case FAILED -> lossIn(outcome).orElse(FAILED);
            case TIMED_OUT -> lossIn(outcome).orElse(TIMED_OUT);
        };
    }

    private static Optional<SpanOutcome> lossIn(Outcome<?, ?> outcome) {
        Throwable cause = outcome.exception();
        for (int depth = 0; cause != null && depth < CAUSES; depth++, cause = cause.getCause()) {
            if (cause instanceof WorkerLostException lost) {
                return Optional.of(lost.reason() == WorkerLostException.Reason.KILLED ? KILLED : WORKER_LOST);
            }
        }
        return Optional.empty();
    }

    /**
     * This ending in words.
     *
     * @return lower case, such as {@code timed out}
     */
    public String words() {
        return words;
    }

    /** The letter that stands for it where there is room for one; a blank for success. The later constant wins a place. */
    char mark() {
        return mark;
    }
}
