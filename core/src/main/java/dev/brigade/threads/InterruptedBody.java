package dev.brigade.threads;

/** The context of a body that others may interrupt: a body that runs inside it, on its thread, asks what it must not swallow. */
public interface InterruptedBody {

    /**
     * How often this body, and those that it runs inside of, have been interrupted; each of those interrupts has been sent when
     * this returns. To be asked on the body's thread.
     *
     * @return 0 or more, never less than before
     */
    int interrupts();

    /**
     * Whether the body runs on the calling thread.
     *
     * @return false where only its context is bound
     */
    boolean isOnThisThread();
}
