package dev.brigade;

import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * The worker that ran the task died before the task ended.
 *
 * <p>Only the task that was running gets it; tasks that waited behind it run elsewhere.
 *
 * <p>Where a {@link RetryPolicy} had the task tried before, and that cost workers too, its {@link #getSuppressed() suppressed}
 * exceptions tell how: the latest eight of them, in order, each a {@code WorkerLostException} without a stack.
 */
public final class WorkerLostException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Why a worker is gone. */
    public enum Reason {
        /** It ended by itself: {@code System.exit}, {@code Runtime.halt}, or a fatal error of its JVM. */
        EXITED,
        /** A signal ended it: a crash in native code, or a kill from outside. */
        SIGNALLED,
        /** Its heap was exhausted. */
        OUT_OF_MEMORY,
        /** It broke the protocol, or its channel broke while it lived; the runner killed it. */
        PROTOCOL_ERROR,
        /** The runner killed it, because the task ignored its cancellation. */
        KILLED,
        /** Workers kept dying before they were ready, or could not be started at all. */
        NEVER_READY
    }

    /** Why. */
    private final Reason reason;

    /** The process's exit code; null when unknown. */
    private final @Nullable Integer exitCode;

    /** Its last lines on stderr, oldest first. */
    @SuppressWarnings("serial") // an immutable list of strings; the interface is not Serializable, the object is
    private final List<String> stderr;

    /**
     * Made by runners that isolate.
     *
     * @param message what happened, with worker, process id and cause
     * @param reason why the worker is gone
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
     * Why the worker is gone.
     *
     * @return the reason
     */
    public Reason reason() {
        return reason;
    }

    /**
     * The worker's exit code, as the operating system gave it.
     *
     * @return the code; 128 + the signal's number after a signal; empty when unknown
     */
    public OptionalInt exitCode() {
        return exitCode == null ? OptionalInt.empty() : OptionalInt.of(exitCode);
    }

    /**
     * The signal that ended the worker.
     *
     * @return its number; empty when it was none
     */
    public OptionalInt signal() {
        return reason == Reason.SIGNALLED && exitCode != null && exitCode > 128
                ? OptionalInt.of(exitCode - 128)
                : OptionalInt.empty();
    }

    /**
     * The worker's last lines on stderr.
     *
     * @return the lines, oldest first; unmodifiable, perhaps empty
     */
    public List<String> stderr() {
        return stderr;
    }
}
