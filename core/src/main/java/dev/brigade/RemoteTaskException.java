package dev.brigade;

import java.util.Objects;

/**
 * Stands for an exception, or a result, that could not be transported back from where the task ran.
 *
 * <p>The message holds the original's class and message; the stack trace is the original's where it is known, so that the line
 * that failed can be found.
 */
public final class RemoteTaskException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** The class of the original. */
    private final String originalClassName;

    /**
     * Made by runners that transport.
     *
     * @param originalClassName the class of what could not be transported
     * @param message what happened, and why the original is not here
     */
    public RemoteTaskException(String originalClassName, String message) {
        super(message);
        this.originalClassName = Objects.requireNonNull(originalClassName, "originalClassName");
    }

    /**
     * The class of what could not be transported.
     *
     * @return its binary name
     */
    public String originalClassName() {
        return originalClassName;
    }
}
