package dev.brigade.threads;

/**
 * The context of a body that other threads may interrupt. A body that runs inside it, on its thread, asks this for the interrupts that it
 * must not swallow.
 */
public interface InterruptedBody {

    /**
     * Returns the number of interrupts of this body and of the bodies that it runs inside of. Each of those interrupts has been sent when
     * this returns. To be called on the body's thread.
     *
     * @return 0 or more, never less than before
     */
    int interrupts();

    /**
     * Returns true if the body runs on the calling thread.
     *
     * @return false if only its context is bound
     */
    boolean isOnThisThread();
}
