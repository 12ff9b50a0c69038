package dev.brigade.transport;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.brigade.RemoteTaskException;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The description of a failure as bytes: class name, text and stack trace, all bounded. It travels instead of a failure that
 * cannot be serialized, and beside one that can, for the case that it cannot be read over there.
 */
final class Failures {
    private static final int MAX_FRAMES = 1024;
    private static final int NO_TEXT = -1;
    private static final StackTraceElement[] NO_TRACE = {};

    private Failures() {}

    static byte[] describe(Throwable failure, @Nullable String why) {
        return describe(failure.getClass().getName(), FailureText.render(failure, why), FailureText.trace(failure));
    }

    static byte[] describe(String className, String text) {
        return describe(className, text, NO_TRACE);
    }

    private static byte[] describe(String className, String text, StackTraceElement[] trace) {
        try (ByteSink sink = new ByteSink(PlainValues.MAX_BYTES)) {
            write(sink, className);
            write(sink, FailureText.cut(text, FailureText.MAX_TEXT_CHARS));
            int frames = Math.min(trace.length, MAX_FRAMES);
            sink.writeInt(frames);
            for (int i = 0; i < frames; i++) {
                write(sink, trace[i]);
            }
            return sink.toBytes();
        } catch (IOException e) {
            throw new IllegalStateException("a description is bounded, and so cannot be too long", e);
        }
    }

    private static void write(ByteSink sink, StackTraceElement frame) throws IOException {
        write(sink, frame.getClassLoaderName());
        write(sink, frame.getModuleName());
        write(sink, frame.getModuleVersion());
        write(sink, frame.getClassName());
        write(sink, frame.getMethodName());
        write(sink, frame.getFileName());
        sink.writeInt(frame.getLineNumber());
    }

    private static void write(ByteSink sink, @Nullable String text) throws IOException {
        if (text == null) {
            sink.writeInt(NO_TEXT);
            return;
        }
        byte[] bytes = text.getBytes(UTF_8);
        sink.writeInt(bytes.length);
        sink.write(bytes, 0, bytes.length);
    }

    /**
     * Reads a description.
     *
     * @param why why the original is not here, when that is known only now
     * @param cause what was thrown when the original was to be read
     */
    static RemoteTaskException read(byte[] bytes, int from, int to, @Nullable String why, @Nullable Throwable cause) {
        Cursor cursor = new Cursor(bytes, from, to);
        String className = cursor.text();
        String text = cursor.text();
        int frames = cursor.number();
        if (frames < 0 || frames > MAX_FRAMES) {
            throw new UntransportableException(
                    "damaged failure: it must have 0 to " + MAX_FRAMES + " stack frames, has " + frames, null);
        }
        StackTraceElement[] trace = new StackTraceElement[frames];
        for (int i = 0; i < frames; i++) {
            trace[i] = frame(cursor);
        }
        RemoteTaskException failure = new RemoteTaskException(className, why == null ? text : insert(text, why));
        if (frames > 0) {
            failure.setStackTrace(trace);
        }
        if (cause != null) {
            failure.initCause(cause);
        }
        return failure;
    }

    private static StackTraceElement frame(Cursor cursor) {
        String loader = cursor.textOrNull();
        String module = cursor.textOrNull();
        String version = cursor.textOrNull();
        String className = cursor.text();
        String method = cursor.text();
        return new StackTraceElement(loader, module, version, className, method, cursor.textOrNull(), cursor.number());
    }

    /** Puts the reason where {@link FailureText#render} puts it: after the first line. */
    private static String insert(String text, String why) {
        int end = text.indexOf("\nCaused by: ");
        int at = end < 0 ? text.length() : end;
        return text.substring(0, at) + " [" + why + "]" + text.substring(at);
    }

    /** Walks through a description that may be damaged. */
    private static final class Cursor {
        private final byte[] bytes;
        private final int to;
        private int at;

        Cursor(byte[] bytes, int from, int to) {
            this.bytes = bytes;
            this.at = from;
            this.to = to;
        }

        int number() {
            need(4);
            at += 4;
            return PlainValues.getInt(bytes, at - 4);
        }

        String text() {
            return text(number());
        }

        @Nullable
        String textOrNull() {
            int length = number();
            return length == NO_TEXT ? null : text(length);
        }

        private String text(int length) {
            need(length);
            at += length;
            return new String(bytes, at - length, length, UTF_8);
        }

        private void need(int length) {
            if (length < 0 || length > to - at) {
                throw new UntransportableException(
                        "damaged failure: " + length + " bytes are announced, " + (to - at) + " are left", null);
            }
        }
    }
}
