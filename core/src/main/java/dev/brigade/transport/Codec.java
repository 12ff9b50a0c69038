package dev.brigade.transport;

import dev.brigade.RemoteTaskException;
import java.io.ObjectInputFilter;
import java.io.ObjectOutputStream;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/**
 * Turns functions, inputs, results and failures into {@link Payload}s and back.
 *
 * <p>Null, boxed primitives, strings and primitive arrays are written as plain bytes; everything else by Java serialization
 * (lambdas by its rules). Each payload stands alone, so that any can be sent again, in any order. Use one codec for each class
 * loader; it is cheap, and remembers the classes that it has found.
 *
 * <pre>{@code
 * Codec codec = Codec.of(MyTask.class.getClassLoader());
 * Object list = codec.decode(codec.encode(List.of(1, 2, 3)));
 * }</pre>
 *
 * <p><b>Copies</b>: the payload of {@link #encode} shares nothing with the value, which may be changed at once. The other methods
 * do not copy a {@code byte[]}. The payload of {@link #encodeResult} <i>is</i> that array, which the caller must not change until
 * the payload is no longer used. A decoded array is the payload's array.
 *
 * <p><b>Filters</b>: reading refuses objects nested deeper than 10,000. It refuses arrays with more elements than the message can
 * hold, before memory is taken for them. The filter of the whole JVM ({@code jdk.serialFilter}) stays in force, and another
 * filter can be added. Bytes from an untrusted source need a filter that lists the classes to be allowed. The limits alone bound the
 * memory that reading takes, not the actions of the {@code readObject} methods on the class path.
 *
 * <p><b>Thread safety</b>: immutable but for a cache; all methods, from any thread, at once.
 *
 * <p><b>Failure</b>: a value that cannot be written or read is an {@link UntransportableException} or, in replies, a
 * {@link RemoteTaskException}. Reading throws a {@link VirtualMachineError} only for a real lack of memory or a defect of the JVM.
 */
public final class Codec {
    /** Most bytes of an encoded failure; a larger one is replaced by its description. */
    static final int MAX_FAILURE_BYTES = 1 << 20;

    private static final byte OBJECT = PrimitiveCodec.LAST + 1;
    private static final byte LAMBDA = PrimitiveCodec.LAST + 2;
    private static final Payload LAST_RESORT = new Payload(
            FailureCodec.DESCRIPTION,
            FailureCodec.describe(
                    "unknown", "the task failed, and there was no room to say how (memory or stack exhausted)"));

    private final ClassLoader loader;
    private final @Nullable ObjectInputFilter userFilter;

    /** Classes by name, as {@link #loader} has found them. A cache: a lost or doubled entry costs one more search. */
    private final ConcurrentMap<String, Class<?>> known = new ConcurrentHashMap<>();

    private final LambdaCodec lambdas = new LambdaCodec();
    /** True if lambdas are read without looking for the filter of the whole JVM, which takes 10 ms in a new JVM. */
    private final boolean trusting;

    /** Text that follows the name of a class that is not found. */
    private final String whereClassesAre;

    private Codec(ClassLoader loader, @Nullable ObjectInputFilter userFilter, boolean trusting) {
        this(loader, userFilter, trusting, "");
    }

    private Codec(
            ClassLoader loader, @Nullable ObjectInputFilter userFilter, boolean trusting, String whereClassesAre) {
        this.whereClassesAre = whereClassesAre;
        this.loader = Objects.requireNonNull(loader, "loader");
        this.userFilter = userFilter;
        this.trusting = trusting;
    }

    /**
     * Returns a codec with the limits that are always kept.
     *
     * @param loader finds the classes of decoded values; this library's own loader is asked for the classes that it does not find
     * @return the codec
     */
    public static Codec of(ClassLoader loader) {
        return new Codec(loader, null, false);
    }

    /**
     * Returns a codec with a filter besides the limits that are always kept.
     *
     * @param loader finds the classes of decoded values; this library's own loader is asked for the classes that it does not find
     * @param userFilter asked for each class and array that is decoded but not for plain values, from many threads at once; an
     *     object that it rejects is refused. Null for none
     * @return the codec
     */
    public static Codec of(ClassLoader loader, @Nullable ObjectInputFilter userFilter) {
        return new Codec(loader, userFilter, false);
    }

    /**
     * Returns a codec like this one, with a longer message about a class that is not found.
     *
     * @param where the text after the class's name: the places where classes are looked for, and the remedy
     * @return the codec
     */
    public Codec explainingClasses(String where) {
        return new Codec(loader, userFilter, trusting, where);
    }

    /**
     * Returns a codec for a process that reads bytes that its parent process has written; it starts faster. The limits are kept, but the
     * filter of the whole JVM is not asked about lambdas outside object streams.
     *
     * @param loader finds the classes of decoded values; this library's own loader is asked for the classes that it does not find
     * @return the codec
     */
    static Codec trusting(ClassLoader loader) {
        return new Codec(loader, null, true);
    }

    /**
     * Encodes a function, a task or an input.
     *
     * @param value the value, perhaps null
     * @return its payload, never a failure; shares nothing with the value
     * @throws UntransportableException when it cannot be serialized: the message names the class, and the path of fields to
     *     the part to blame; also when it takes more than 2 GiB, is nested too deeply, or its own methods throw
     */
    public Payload encode(@Nullable Object value) throws UntransportableException {
        Payload payload = encode(value, 0);
        // Without the copy, an iterator that refills its buffer would change the payload.
        return payload.bytes() == value
                ? new Payload(payload.kind(), payload.bytes().clone())
                : payload;
    }

    /** As {@link #encode(Object)}, except that the payload of a {@code byte[]} is that array. */
    Payload encode(@Nullable Object value, int lambdaDepth) {
        Payload plain = PrimitiveCodec.encode(value);
        if (plain != null) {
            return plain;
        }
        Object object = Objects.requireNonNull(value);
        byte[] lambda = object.getClass().isHidden() ? LambdaCodec.encode(object, this, lambdaDepth) : null;
        return lambda == null ? new Payload(OBJECT, toStream(object)) : new Payload(LAMBDA, lambda);
    }

    private static byte[] toStream(Object object) {
        BoundedByteOutput sink = new BoundedByteOutput(PrimitiveCodec.MAX_BYTES);
        write(object, sink);
        return sink.toBytes();
    }

    /**
     * Decodes a payload that {@link #encode} made.
     *
     * @param payload a value
     * @return the value, perhaps null
     * @throws UntransportableException when it is a failure, is damaged, is refused by a filter, when a class is missing or
     *     differs from the one that was written, or when a method of the value's own throws: the message says which
     */
    public @Nullable Object decode(Payload payload) throws UntransportableException {
        return decode(payload, 0);
    }

    @Nullable
    Object decode(Payload payload, int lambdaDepth) {
        byte kind = payload.kind();
        if (kind >= 0 && kind <= PrimitiveCodec.LAST) {
            return PrimitiveCodec.decode(kind, payload.bytes());
        }
        if (kind == OBJECT) {
            return read(payload.bytes(), 0);
        }
        if (kind == LAMBDA) {
            return readLambda(payload.bytes(), lambdaDepth);
        }
        throw new UntransportableException(
                payload.isFailure() ? "a failure is not a value: " + payload : "unknown kind: " + payload, null);
    }

    /**
     * Encodes a result or, if that is impossible, the reason as a failure. Throws nothing.
     *
     * @param value the result, perhaps null; a {@code byte[]} is not copied, and must not change until the payload has been sent
     * @return the payload of the value, or of a {@link RemoteTaskException} that names the class and the path to the field
     */
    public Payload encodeResult(@Nullable Object value) {
        try {
            return encode(value, 0);
        } catch (UntransportableException e) {
            return untransportable(value, String.valueOf(e.getMessage()));
        } catch (Throwable e) { // lack of memory, or of stack when called near its end
            return untransportable(value, e.getClass().getName());
        }
    }

    /**
     * Returns a failure in place of a reply that was lost on its way.
     *
     * @param why the reason for the loss
     * @return the payload of a {@link RemoteTaskException} that says so
     */
    public static Payload lost(String why) {
        return new Payload(
                FailureCodec.DESCRIPTION,
                FailureCodec.describe("unknown", "the task ended, but its result is lost: " + why));
    }

    private static Payload untransportable(@Nullable Object value, String why) {
        try {
            String className = value == null ? "null" : value.getClass().getName();
            return new Payload(
                    FailureCodec.DESCRIPTION,
                    FailureCodec.describe(className, "the task ended, but its result is lost: " + why));
        } catch (Throwable e) {
            return LAST_RESORT;
        }
    }

    /**
     * Encodes the failure of a task. Throws nothing.
     *
     * @param failure the throwable, with its causes and suppressed exceptions
     * @return the payload of the failure or, if it cannot be serialized or takes more than 1 MiB, of a
     *     {@link RemoteTaskException} with its class name, text and stack trace
     */
    public Payload encodeFailure(Throwable failure) {
        try {
            byte[] description = FailureCodec.describe(failure, null);
            BoundedByteOutput sink = new BoundedByteOutput(MAX_FAILURE_BYTES);
            sink.writeInt(description.length);
            sink.write(description, 0, description.length);
            write(failure, sink);
            return new Payload(FailureCodec.THROWABLE, sink.toBytes());
        } catch (UntransportableException e) {
            return described(failure, e.getMessage());
        } catch (Throwable e) {
            return described(failure, e.getClass().getName());
        }
    }

    private static Payload described(Throwable failure, @Nullable String why) {
        try {
            return new Payload(FailureCodec.DESCRIPTION, FailureCodec.describe(failure, why));
        } catch (Throwable e) {
            return LAST_RESORT;
        }
    }

    /**
     * Decodes a payload that {@link #encodeResult} or {@link #encodeFailure} made.
     *
     * @param payload a value or a failure
     * @return the value, perhaps null
     * @throws RemoteTaskException when the original could not be encoded on the other side or cannot be decoded here; it says why
     * @throws Throwable the task's own failure
     */
    public @Nullable Object decodeReply(Payload payload) throws Throwable {
        if (payload.isFailure()) {
            throw FailureCodec.decode(payload, this);
        }
        try {
            return decode(payload);
        } catch (UntransportableException e) {
            throw unreadable(e.className(), String.valueOf(e.getMessage()), e);
        } catch (VirtualMachineError e) {
            throw unreadable("unknown", ThrowableFormatter.oneLine(e), e);
        }
    }

    private static RemoteTaskException unreadable(String className, String why, Throwable cause) {
        RemoteTaskException failure =
                new RemoteTaskException(className, "the task ended, but its result could not be read here: " + why);
        failure.initCause(cause);
        return failure;
    }

    private static void write(Object value, BoundedByteOutput sink) {
        try (ObjectOutputStream stream = new ObjectOutputStream(sink)) {
            stream.writeObject(value);
        } catch (Throwable e) { // also lack of memory: a value that is too large for one buffer does not harm the rest
            throw SerializationFailure.explain(value, e);
        }
    }

    @Nullable
    Object read(byte[] bytes, int offset) {
        FilteredObjectInputStream reader = null; // not closed: it holds nothing but the bytes
        try {
            reader = new FilteredObjectInputStream(bytes, offset, loader, known, lambdas, userFilter);
            return reader.readObject();
        } catch (Throwable e) {
            if (e instanceof VirtualMachineError error && !(e instanceof StackOverflowError)) {
                throw error;
            }
            String className = reader == null ? null : reader.firstClass();
            String why = (reader == null ? ThrowableFormatter.explainReading(e) : reader.explain(e)) + remedy(e);
            throw new UntransportableException(
                    className, (className == null ? "it" : className) + " cannot be read: " + why, e);
        }
    }

    private @Nullable Object readLambda(byte[] bytes, int depth) {
        try {
            return lambdas.decode(bytes, this, depth);
        } catch (UntransportableException e) {
            throw e;
        } catch (Throwable e) {
            if (e instanceof VirtualMachineError error && !(e instanceof StackOverflowError)) {
                throw error;
            }
            throw new UntransportableException(
                    "the lambda cannot be read: " + ThrowableFormatter.explainReading(e) + remedy(e), e);
        }
    }

    private String remedy(Throwable failure) {
        return ThrowableFormatter.isMissingClass(failure) ? whereClassesAre : "";
    }

    // ---- for lambdas

    /** Returns true if every class that is read must be shown to a filter. */
    boolean isFiltered() {
        return userFilter != null || (!trusting && ObjectInputFilter.Config.getSerialFilter() != null);
    }

    /** Returns the number of forms of lambdas that are kept. */
    int keptForms() {
        return lambdas.keptForms();
    }

    @Nullable
    Object throughStream(Object form) {
        return read(toStream(form), 0);
    }

    Class<?> find(String name) throws ClassNotFoundException {
        Class<?> type = known.get(name);
        if (type != null) {
            return type;
        }
        try {
            type = Class.forName(name, false, loader);
        } catch (ClassNotFoundException e) {
            return Class.forName(name, false, Codec.class.getClassLoader());
        }
        known.put(name, type);
        return type;
    }
}
