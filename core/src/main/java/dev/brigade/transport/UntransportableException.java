package dev.brigade.transport;

import org.jspecify.annotations.Nullable;

/**
 * Thrown when a value cannot be turned into bytes, or bytes cannot be turned into a value.
 *
 * <p>The message names the class and, if a field is to blame, the path to it:
 * {@code app.Order cannot be transported: Order.customer -> Customer.connection (java.net.Socket) is not serializable}.
 */
public final class UntransportableException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    /** The binary name of the class of the whole value. */
    private final String className;

    UntransportableException(String message, @Nullable Throwable cause) {
        this(null, message, cause);
    }

    UntransportableException(@Nullable String className, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.className = className == null ? "unknown" : className;
    }

    /**
     * Returns the class of the whole value, not of the part to blame.
     *
     * @return its binary name; "unknown" when damaged bytes do not tell
     */
    public String className() {
        return className;
    }
}
