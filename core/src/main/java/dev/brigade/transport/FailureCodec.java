package dev.brigade.transport;

import dev.brigade.RemoteTaskException;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The description of a failure as bytes: class name, text and stack trace, all bounded. It is sent instead of a failure that cannot be
 * serialized, and with a failure that can be, in case the other side cannot read that.
 */
final class FailureCodec {
    /** The kind of a description alone. */
    static final byte DESCRIPTION = Payload.FIRST_FAILURE;

    /** The kind of a throwable: the length of a description, the description, and then the throwable itself. */
    static final byte THROWABLE = Payload.FIRST_FAILURE + 1;

    private static final int MAX_FRAMES = 1024;
    private static final StackTraceElement[] NO_TRACE = {};

    private FailureCodec() {}

    static byte[] describe(Throwable failure, @Nullable String why) {
        return describe(
                failure.getClass().getName(),
                ThrowableFormatter.render(failure, why),
                ThrowableFormatter.trace(failure));
    }

    static byte[] describe(String className, String text) {
        return describe(className, text, NO_TRACE);
    }

    private static byte[] describe(String className, String text, StackTraceElement[] trace) {
        try (BoundedByteOutput sink = new BoundedByteOutput(PrimitiveCodec.MAX_BYTES)) {
            sink.writeText(className);
            sink.writeText(ThrowableFormatter.cut(text, ThrowableFormatter.MAX_TEXT_CHARS));
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

    private static void write(BoundedByteOutput sink, StackTraceElement frame) throws IOException {
        sink.writeText(frame.getClassLoaderName());
        sink.writeText(frame.getModuleName());
        sink.writeText(frame.getModuleVersion());
        sink.writeText(frame.getClassName());
        sink.writeText(frame.getMethodName());
        sink.writeText(frame.getFileName());
        sink.writeInt(frame.getLineNumber());
    }

    /** Returns the throwable that a failed task is reported with. */
    static Throwable decode(Payload payload, Codec codec) {
        byte[] bytes = payload.bytes();
        try {
            return switch (payload.kind()) {
                case DESCRIPTION -> read(bytes, 0, bytes.length, null, null);
                case THROWABLE -> throwable(bytes, codec);
                default -> throw new UntransportableException("unknown kind: " + payload, null);
            };
        } catch (UntransportableException | VirtualMachineError e) {
            RemoteTaskException failure = new RemoteTaskException(
                    "unknown", "the task failed, but how could not be read here: " + e.getMessage());
            failure.initCause(e);
            return failure;
        }
    }

    private static Throwable throwable(byte[] bytes, Codec codec) {
        int length = bytes.length < 4 ? -1 : PrimitiveCodec.getInt(bytes, 0);
        if (length < 0 || length > bytes.length - 4) {
            throw new UntransportableException(
                    "damaged failure: a description of " + length + " bytes among " + bytes.length, null);
        }
        String why;
        Throwable cause = null;
        try {
            Object value = codec.read(bytes, 4 + length);
            if (value instanceof Throwable throwable) {
                return throwable;
            }
            why = "something else was sent in its place";
        } catch (UntransportableException | VirtualMachineError e) {
            why = String.valueOf(e.getMessage());
            cause = e;
        }
        return read(bytes, 4, 4 + length, "the original could not be read here: " + why, cause);
    }

    /**
     * Reads a description.
     *
     * @param why the reason for which the original is missing, if that is known only now; else null
     * @param cause the exception that reading the original threw; null if none
     */
    private static RemoteTaskException read(
            byte[] bytes, int from, int to, @Nullable String why, @Nullable Throwable cause) {
        ByteReader cursor = new ByteReader(bytes, from, to);
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

    private static StackTraceElement frame(ByteReader cursor) {
        String loader = cursor.textOrNull();
        String module = cursor.textOrNull();
        String version = cursor.textOrNull();
        String className = cursor.text();
        String method = cursor.text();
        return new StackTraceElement(loader, module, version, className, method, cursor.textOrNull(), cursor.number());
    }

    /** Inserts the reason before the first cause, as {@link ThrowableFormatter#render} does; at the end if the text has no cause. */
    private static String insert(String text, String why) {
        int end = text.indexOf("\nCaused by: ");
        int at = end < 0 ? text.length() : end;
        return text.substring(0, at) + " [" + why + "]" + text.substring(at);
    }
}
