package dev.brigade.engine.state;

/**
 * The consumer's findings about the durations of a batch's bodies, for the threads that run them.
 *
 * <p><b>Thread safety</b>: one thread writes, any thread reads. Hints may be seen late. They are written only when they change, because all
 * threads read them for each task.
 */
public final class DurationHints {
    /** True if bodies take little time. */
    public boolean brief;

    /** Number of settled tasks that a thread may keep in its {@code TaskChain} before it hands them to the consumer. */
    public int maxKept;

    public void set(boolean areBrief, int keep) {
        if (brief != areBrief || maxKept != keep) {
            brief = areBrief;
            maxKept = keep;
        }
    }
}
