package dev.brigade;

import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * The worker that ran the task died before the task ended.
 *
 * <p>Only the task that was running fails with it; tasks that waited behind it run elsewhere. Tasks that wait for a worker fail with it
 * in two cases: no worker gets ready ({@link Reason#NEVER_READY}), or workers keep dying while they decode the function of the batch.
 *
 * <p>If a {@link RetryPolicy} had the task tried before, and that cost workers too, the {@link #getSuppressed() suppressed} exceptions
 * tell how. They are the latest eight, in order, each a {@code WorkerLostException} without a stack.
 */
public final class WorkerLostException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** The reason that a worker is gone. */
    public enum Reason {
        /** The worker ended by itself: {@code System.exit}, {@code Runtime.halt}, or a fatal error of its JVM. */
        EXITED,
        /** A signal ended the worker: a crash in native code, or a kill from outside. */
        SIGNALLED,
        /** The worker's heap was exhausted. */
        OUT_OF_MEMORY,
        /** The worker broke the protocol, or its channel broke while it lived; the runner killed it. */
        PROTOCOL_ERROR,
        /** The runner killed the worker, because the task ignored its cancellation. */
        KILLED,
        /** Workers kept dying before they were ready, or could not be started at all. */
        NEVER_READY
    }

    /** The reason that the worker is gone. */
    private final Reason reason;

    /** The process's exit code; null when unknown. */
    private final @Nullable Integer exitCode;

    /** The worker's last lines on stderr, oldest first. */
    @SuppressWarnings("serial") // an immutable list of strings; the interface is not Serializable, the object is
    private final List<String> stderr;

    /**
     * Makes the exception; called by runners with {@link Capability#CRASH_ISOLATION}.
     *
     * @param message the event, with worker, process id and cause
     * @param reason the reason that the worker is gone
     * @param exitCode the exit code as the operating system gave it (128 + the signal's number after a signal); null when
     *     unknown
     * @param stderr the worker's last lines on stderr, oldest first
     */
    public WorkerLostException(String message, Reason reason, @Nullable Integer exitCode, List<String> stderr) {
        super(message);
        this.reason = Objects.requireNonNull(reason, "reason");
        this.exitCode = exitCode;
        this.stderr = List.copyOf(stderr);
    }

    /**
     * Returns the reason that the worker is gone.
     *
     * @return the reason
     */
    public Reason reason() {
        return reason;
    }

    /**
     * Returns the worker's exit code, as the operating system gave it.
     *
     * @return the code; 128 + the signal's number after a signal; empty when unknown
     */
    public OptionalInt exitCode() {
        return exitCode == null ? OptionalInt.empty() : OptionalInt.of(exitCode);
    }

    /**
     * Returns the signal that ended the worker.
     *
     * @return its number; empty when there was none
     */
    public OptionalInt signal() {
        return reason == Reason.SIGNALLED && exitCode != null && exitCode > 128
                ? OptionalInt.of(exitCode - 128)
                : OptionalInt.empty();
    }

    /**
     * Returns the worker's last lines on stderr.
     *
     * @return the lines, oldest first; unmodifiable, perhaps empty
     */
    public List<String> stderr() {
        return stderr;
    }
}
