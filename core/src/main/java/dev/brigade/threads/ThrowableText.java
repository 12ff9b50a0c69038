package dev.brigade.threads;

import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/** Reads the texts of users' throwables, although their own methods may throw. */
public final class ThrowableText {
    private ThrowableText() {}

    /** Returns the text of {@code toString}. If that is null or throws, returns the class's name, and the class of the throwable. */
    public static String of(Throwable failure) {
        try {
            String text = failure.toString();
            return text == null ? failure.getClass().getName() : text;
        } catch (Throwable e) {
            return failure.getClass().getName() + " (its text could not be had: "
                    + e.getClass().getName() + ")";
        }
    }

    /** Returns the text of {@code getMessage}, perhaps null; if that throws, as {@link #of}. */
    public static @Nullable String messageOf(Throwable failure) {
        try {
            return failure.getMessage();
        } catch (Throwable e) {
            return of(failure);
        }
    }

    /** As {@code new ExecutionException(cause)}, but does not fail if the cause's {@code toString} throws. */
    public static ExecutionException wrapped(@Nullable Throwable cause) {
        return cause == null ? new ExecutionException(null) : new ExecutionException(of(cause), cause);
    }

    /**
     * Returns a failure that stages can carry. They wrap a failure in an exception made of its text; if the text throws, their dependents
     * never complete. Such a failure is wrapped in an {@link ExecutionException}, which is then the cause of what {@code get} throws.
     */
    public static Throwable forStages(Throwable failure) {
        try {
            String ignored = failure.toString();
            return failure;
        } catch (Throwable e) {
            return wrapped(failure);
        }
    }

    /** Returns a printable stand-in, with the failure's text and, if it can be had, its stack trace. */
    static Throwable standIn(Throwable failure) {
        IllegalStateException standIn = new IllegalStateException(of(failure));
        try {
            standIn.setStackTrace(failure.getStackTrace());
        } catch (Throwable e) {
            return standIn; // it keeps the stack trace of this method, which does no harm
        }
        return standIn;
    }
}
