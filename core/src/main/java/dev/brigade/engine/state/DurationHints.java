package dev.brigade.engine.state;

/**
 * What the consumer of a call has found out about its bodies, for the threads that run them.
 *
 * <p><b>Thread safety</b>: one thread writes, any reads. They are hints, which may be seen late; and written only when they
 * change, since all threads read them for each item.
 */
public final class DurationHints {
    /** Whether bodies take little time. */
    public boolean brief;

    /** How many settled items a thread may keep in its {@code TaskChain} before it tells the sink. */
    public int mayBeKept;

    public void set(boolean areBrief, int keep) {
        if (brief != areBrief || mayBeKept != keep) {
            brief = areBrief;
            mayBeKept = keep;
        }
    }
}
