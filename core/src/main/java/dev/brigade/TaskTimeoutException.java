package dev.brigade;

import java.util.concurrent.TimeoutException;

/**
 * The runner's deadline for a task passed before its body ended.
 *
 * <p>Only runners create it, so that it never is confused with a {@link TimeoutException} that a body throws by itself.
 */
public final class TaskTimeoutException extends TimeoutException {
    private static final long serialVersionUID = 1L;

    /**
     * Makes the exception; called by runners.
     *
     * @param message the deadline that passed, and its length
     */
    public TaskTimeoutException(String message) {
        super(message);
    }
}
