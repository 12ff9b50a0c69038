package dev.brigade.spi;

/** The backend's side of an attempt under way. */
@FunctionalInterface
public interface AttemptHandle {
    /** Does nothing. For bodies that run in this JVM: the engine itself interrupts them. */
    AttemptHandle UNSTOPPABLE = why -> {};

    /**
     * Asks for the attempt's end: {@code ended} follows, or {@code returned} if the body had not begun. Idempotent; does not
     * block; does nothing if the attempt has ended.
     *
     * @param why the reason, which tells how hard to ask
     */
    void stop(StopMode why);
}
