package dev.brigade.spi;

/** An attempt under way. */
@FunctionalInterface
public interface AttemptHandle {
    /** For bodies that run in this JVM: the engine itself interrupts them. */
    AttemptHandle UNSTOPPABLE = why -> {};

    /**
     * Asks for the attempt's end: {@code ended} follows, or {@code returned} when it had not begun. Idempotent; does not
     * block; does nothing when the attempt has ended.
     *
     * @param why how hard to ask
     */
    void stop(StopMode why);
}
