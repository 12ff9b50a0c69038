package dev.brigade.transport;

import java.io.EOFException;
import java.io.InvalidClassException;
import java.io.OptionalDataException;
import java.io.StreamCorruptedException;
import java.lang.reflect.InvocationTargetException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Formats throwables as bounded text. Throws only for a real lack of memory, whatever an exception's own methods do. */
final class ThrowableFormatter {
    /** Most characters that are kept of the text of a failure, causes included. */
    static final int MAX_TEXT_CHARS = 64 * 1024;

    /** Most characters that are kept of one message. */
    static final int MAX_MESSAGE_CHARS = 8 * 1024;

    private static final int MAX_FRAMES_OF_A_CAUSE = 20;
    private static final int MAX_THROWABLES = 100;
    private static final StackTraceElement[] NO_TRACE = {};

    private ThrowableFormatter() {}

    private record Pending(Throwable failure, String caption) {}

    /** Returns the failure in a line, the reason if there is one, and the causes and suppressed exceptions with their first frames. */
    static String render(Throwable failure, @Nullable String why) {
        StringBuilder text = new StringBuilder(oneLine(failure));
        if (why != null) {
            text.append(" [").append(why).append(']');
        }
        Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        seen.add(failure);
        ArrayDeque<Pending> rest = new ArrayDeque<>();
        pushBelow(failure, rest);
        while (!rest.isEmpty() && seen.size() < MAX_THROWABLES && text.length() < MAX_TEXT_CHARS) {
            Pending next = rest.pop();
            if (seen.add(next.failure)) {
                text.append('\n').append(next.caption).append(oneLine(next.failure));
                appendFrames(text, trace(next.failure));
                pushBelow(next.failure, rest);
            }
        }
        return cut(text.toString(), MAX_TEXT_CHARS);
    }

    private static void pushBelow(Throwable failure, ArrayDeque<Pending> rest) {
        Throwable[] suppressed = failure.getSuppressed();
        for (int i = Math.min(suppressed.length, MAX_THROWABLES) - 1; i >= 0; i--) {
            rest.push(new Pending(suppressed[i], "Suppressed: "));
        }
        Throwable cause = cause(failure);
        if (cause != null) {
            rest.push(new Pending(cause, "Caused by: "));
        }
    }

    private static void appendFrames(StringBuilder text, StackTraceElement[] trace) {
        int shown = Math.min(trace.length, MAX_FRAMES_OF_A_CAUSE);
        for (int i = 0; i < shown; i++) {
            text.append("\n\tat ").append(trace[i]);
        }
        if (shown < trace.length) {
            text.append("\n\t... ").append(trace.length - shown).append(" more");
        }
    }

    /** Returns the result of toString, cut; a text about the exception if that throws. */
    static String oneLine(Throwable failure) {
        try {
            String text = failure.toString();
            return cut(text == null ? failure.getClass().getName() : text, MAX_MESSAGE_CHARS);
        } catch (Throwable e) {
            return failure.getClass().getName() + " (its text could not be had: "
                    + e.getClass().getName() + ")";
        }
    }

    /** Returns the result of getMessage; if that throws, as {@link #oneLine}. */
    private static String messageOf(Throwable failure) {
        try {
            return String.valueOf(failure.getMessage());
        } catch (Throwable e) {
            return oneLine(failure);
        }
    }

    static StackTraceElement[] trace(Throwable failure) {
        try {
            StackTraceElement[] trace = failure.getStackTrace();
            return trace == null || Arrays.asList(trace).contains(null) ? NO_TRACE : trace;
        } catch (Throwable e) {
            return NO_TRACE;
        }
    }

    private static @Nullable Throwable cause(Throwable failure) {
        try {
            return failure.getCause();
        } catch (Throwable e) {
            return null;
        }
    }

    static String cut(String text, int maxChars) {
        return text.length() <= maxChars
                ? text
                : text.substring(0, maxChars) + "... (" + (text.length() - maxChars) + " more characters)";
    }

    private static Throwable thrownInside(Throwable thrown) {
        Throwable inner = thrown instanceof InvocationTargetException ? thrown.getCause() : null;
        return inner == null ? thrown : inner;
    }

    /** Returns true if objects could not be read because a class is missing. */
    static boolean isMissingClass(Throwable thrown) {
        Throwable failure = thrownInside(thrown);
        return failure instanceof ClassNotFoundException || failure instanceof NoClassDefFoundError;
    }

    /** Returns the reason for which objects could not be read. */
    static String explainReading(Throwable thrown) {
        Throwable failure = thrownInside(thrown);
        if (isMissingClass(failure)) {
            return "class not found: " + messageOf(failure).replace('/', '.');
        }
        if (failure instanceof UntransportableException) {
            return String.valueOf(failure.getMessage());
        }
        if (failure instanceof StackOverflowError) {
            return "its objects are nested too deeply for the stack (StackOverflowError)";
        }
        if (failure instanceof InvalidClassException) {
            return "the class differs from the one that was written: " + messageOf(failure);
        }
        if (failure instanceof EOFException
                || failure instanceof StreamCorruptedException
                || failure instanceof OptionalDataException) {
            return "the bytes are damaged: " + oneLine(failure);
        }
        Throwable root = root(failure);
        return oneLine(failure) + (root == failure ? "" : ", caused by " + oneLine(root));
    }

    static Throwable root(Throwable failure) {
        Throwable root = failure;
        for (int i = 0; i < MAX_THROWABLES; i++) {
            Throwable cause = cause(root);
            if (cause == null) {
                return root;
            }
            root = cause;
        }
        return root;
    }
}
