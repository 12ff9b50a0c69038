package dev.brigade.threads;

import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/** The texts of users' throwables, whose own methods may throw. */
public final class ThrowableText {
    private ThrowableText() {}

    /** What toString returns, or the class's name and why there is no more. */
    public static String of(Throwable failure) {
        try {
            String text = failure.toString();
            return text == null ? failure.getClass().getName() : text;
        } catch (Throwable e) {
            return failure.getClass().getName() + " (its text could not be had: "
                    + e.getClass().getName() + ")";
        }
    }

    /** What getMessage returns, perhaps null; when that throws, as {@link #of}. */
    public static @Nullable String messageOf(Throwable failure) {
        try {
            return failure.getMessage();
        } catch (Throwable e) {
            return of(failure);
        }
    }

    /** As {@code new ExecutionException(cause)}, which calls the cause's toString. */
    public static ExecutionException wrapped(@Nullable Throwable cause) {
        return cause == null ? new ExecutionException(null) : new ExecutionException(of(cause), cause);
    }

    /**
     * What stages can carry: they wrap a failure in an exception made of its text, and where that throws their dependents never
     * complete. Such a failure comes inside the {@link ExecutionException} that {@code get} throws.
     */
    public static Throwable forStages(Throwable failure) {
        try {
            String ignored = failure.toString();
            return failure;
        } catch (Throwable e) {
            return wrapped(failure);
        }
    }

    /** Says what can be said of it, and can be printed. */
    static Throwable standIn(Throwable failure) {
        IllegalStateException standIn = new IllegalStateException(of(failure));
        try {
            standIn.setStackTrace(failure.getStackTrace());
        } catch (Throwable e) {
            return standIn; // the stack trace of this method says nothing, and harms nobody
        }
        return standIn;
    }
}
