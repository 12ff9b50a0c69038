package dev.brigade;

/**
 * An ability that a runner may have beyond the contract that all runners keep.
 *
 * <p>Ask {@link Runner#capabilities()} when code must choose; most code need not.
 */
public enum Capability {
    /** Blocking bodies overlap: two bodies that each wait a second take one second together. */
    PARALLEL,

    /** Bodies see the caller's objects themselves, not copies; {@link Runner#asExecutorService()} works. */
    SHARED_MEMORY,

    /** A task's time-out is reported at its deadline, even while the body goes on. */
    PROMPT_TIMEOUT,

    /**
     * A body that ignores cancellation, an endless loop say, is ended all the same. A task's time-out is reported once the body is dead; a
     * cancellation and a batch's time-out are reported at once.
     */
    FORCIBLE_CANCEL,

    /** A body that takes its whole JVM down (exit, crash, out of memory) fails alone. */
    CRASH_ISOLATION
}
