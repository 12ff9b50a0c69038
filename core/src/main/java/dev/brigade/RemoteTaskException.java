package dev.brigade;

import java.util.Objects;

/**
 * Stands for an exception, or a result, that could not be transported back from where the task ran.
 *
 * <p>The message holds the original's class and message. The stack trace is the original's if it is known, so that the failing line
 * can be found.
 */
public final class RemoteTaskException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** The class of the original. */
    private final String originalClassName;

    /**
     * Makes the exception; called by runners that transport.
     *
     * @param originalClassName the class of the object that could not be transported
     * @param message a description of the original, and the reason that it is missing
     */
    public RemoteTaskException(String originalClassName, String message) {
        super(message);
        this.originalClassName = Objects.requireNonNull(originalClassName, "originalClassName");
    }

    /**
     * Returns the class of the object that could not be transported.
     *
     * @return its binary name
     */
    public String originalClassName() {
        return originalClassName;
    }
}
