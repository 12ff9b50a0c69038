package dev.brigade.process.protocol;

/** The exit codes of the worker itself; seldom used ones, so that a task's own codes are told apart. */
public final class WorkerExitCode {
    /** The parent is gone, or has closed the connection, so there is nothing left to do. */
    public static final int PARENT_GONE = 87;

    /** The parent has broken the protocol, or the worker's own code has failed. */
    public static final int PROTOCOL = 88;

    /** The worker could not get ready: it has no connection, or its initializer failed. Its stderr says why. */
    public static final int NOT_READY = 89;

    /** The exit code of {@code -XX:+ExitOnOutOfMemoryError}. */
    public static final int OUT_OF_MEMORY = 3;

    private WorkerExitCode() {}
}
