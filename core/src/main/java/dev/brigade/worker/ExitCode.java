package dev.brigade.worker;

/** The exit codes that a worker chooses by itself; seldom used ones, so that a task's own are told apart. */
final class ExitCode {
    /** The parent is gone, or has closed the channel: nobody is left to work for. */
    static final int PARENT_GONE = 87;

    /** What the parent sent is not the protocol. */
    static final int PROTOCOL = 88;

    /** The worker could not get ready: no channel, or its initializer failed; stderr says why. */
    static final int NOT_READY = 89;

    /** What {@code -XX:+ExitOnOutOfMemoryError} exits with. */
    static final int OUT_OF_MEMORY = 3;

    private ExitCode() {}
}
