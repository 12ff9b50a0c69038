package dev.brigade.process.protocol;

/** The exit codes that a worker chooses by itself; seldom used ones, so that a task's own are told apart. */
public final class WorkerExitCode {
    /** The parent is gone, or has closed the channel: nobody is left to work for. */
    public static final int PARENT_GONE = 87;

    /** What the parent sent is not the protocol. */
    public static final int PROTOCOL = 88;

    /** The worker could not get ready: no channel, or its initializer failed; stderr says why. */
    public static final int NOT_READY = 89;

    /** What {@code -XX:+ExitOnOutOfMemoryError} exits with. */
    public static final int OUT_OF_MEMORY = 3;

    private WorkerExitCode() {}
}
