package dev.brigade.transport;

import java.io.IOException;
import java.io.Serializable;
import java.lang.invoke.SerializedLambda;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/**
 * Encodes lambdas without an object stream, which takes tens of milliseconds to warm up in a new JVM. The bytes are the fields of their
 * {@link SerializedLambda}, with each captured argument as a payload of its own.
 *
 * <p>Two kinds are left to the object stream: lambdas of modules that are not open to this one, and lambdas that capture several
 * objects, since these may refer to each other.
 *
 * <p>Design note: the instances of a lambda's class differ in the captured arguments alone, and a lambda that is sent once is mostly sent
 * again. So the results of reflection and encoding are kept: on the sending side with the class, on the reading side under
 * their bytes, by the codec. A form that is refused is not kept there. A lost or doubled entry costs one more search.
 */
final class LambdaCodec {
    /** Greatest depth of a lambda in a lambda, as a task in the function that calls it; deeper ones are left to the object stream. */
    static final int MAX_DEPTH = 3;

    private static final int MAX_ARGUMENTS = 255; // the limit of the JVM

    /** Most forms that each map keeps while reading; then all are dropped. */
    private static final int MAX_FORMS = 256;

    /** Most bytes of a lambda's names and signatures; larger ones are left to the object stream, which keeps none of them. */
    private static final int MAX_FORM_BYTES = 1 << 15;

    /** Lambdas' classes on the sending side. */
    private static final ClassValue<Outgoing> OUTGOING = new ClassValue<>() {
        @Override
        protected Outgoing computeValue(Class<?> type) {
            return new Outgoing(writeReplaceOf(type));
        }
    };

    private final ConcurrentMap<Integer, Incoming> known = new ConcurrentHashMap<>();

    /** Makers of the forms that the compiler's method has accepted, also of forms in object streams. */
    private final ConcurrentMap<LambdaForm, LambdaMaker> makers = new ConcurrentHashMap<>();

    /** A lambda's class on the sending side. */
    private static final class Outgoing {
        /** Turns an instance into its {@link SerializedLambda}; null if there is no such method. */
        final @Nullable Method writeReplace;

        /** The encoded form, without arguments; null before the first is sent. Any thread may write it, always with the same bytes. */
        volatile byte @Nullable [] form;

        Outgoing(@Nullable Method writeReplace) {
            this.writeReplace = writeReplace;
        }
    }

    /** A lambda's class on the reading side: its form, without arguments. */
    @SuppressWarnings("ArrayRecordComponent") // private; the array is not changed, and the records are not compared
    private record Incoming(byte[] bytes, LambdaForm form) {}

    private static @Nullable Method writeReplaceOf(Class<?> type) {
        try {
            Method method = type.getDeclaredMethod("writeReplace");
            method.setAccessible(true);
            return method;
        } catch (NoSuchMethodException | RuntimeException e) {
            return null;
        }
    }

    /** Returns the encoded lambda; null if the value is left to the object stream. */
    static byte @Nullable [] encode(Object value, Codec codec, int depth) {
        boolean isLambda =
                value instanceof Serializable && value.getClass().getName().contains("$$Lambda");
        if (depth >= MAX_DEPTH || !isLambda) {
            return null;
        }
        Outgoing outgoing = OUTGOING.get(value.getClass());
        if (outgoing.writeReplace == null) {
            return null;
        }
        try (BoundedByteOutput sink = new BoundedByteOutput(PrimitiveCodec.MAX_BYTES)) {
            if (!(outgoing.writeReplace.invoke(value) instanceof SerializedLambda lambda)
                    || !argumentsStandAlone(lambda)) {
                return null;
            }
            byte[] form = outgoing.form == null ? formOf(lambda, value.getClass()) : outgoing.form;
            if (form.length > MAX_FORM_BYTES) {
                return null;
            }
            outgoing.form = form;
            sink.writeInt(form.length);
            sink.write(form, 0, form.length);
            writeArguments(lambda, codec, depth, sink);
            return sink.toBytes();
        } catch (IOException | ReflectiveOperationException | RuntimeException e) {
            return null; // the object stream may do better, and says more about what is wrong
        }
    }

    /** Returns true if at most one argument is more than a plain immutable value. */
    private static boolean argumentsStandAlone(SerializedLambda lambda) {
        int objects = 0;
        for (int i = 0; i < lambda.getCapturedArgCount(); i++) {
            Object argument = lambda.getCapturedArg(i);
            boolean immutable = argument == null
                    || argument instanceof String
                    || (argument instanceof Number && PrimitiveCodec.encode(argument) != null)
                    || argument instanceof Boolean
                    || argument instanceof Character;
            objects += immutable ? 0 : 1;
        }
        return objects <= 1;
    }

    private static byte[] formOf(SerializedLambda lambda, Class<?> type) throws IOException {
        try (BoundedByteOutput sink = new BoundedByteOutput(PrimitiveCodec.MAX_BYTES)) {
            sink.writeInt(lambda.getImplMethodKind());
            sink.writeText(lambda.getCapturingClass());
            sink.writeText(lambda.getFunctionalInterfaceClass());
            sink.writeText(lambda.getFunctionalInterfaceMethodName());
            sink.writeText(lambda.getFunctionalInterfaceMethodSignature());
            sink.writeText(lambda.getImplClass());
            sink.writeText(lambda.getImplMethodName());
            sink.writeText(lambda.getImplMethodSignature());
            sink.writeText(lambda.getInstantiatedMethodType());
            List<String> markers = LambdaForm.markersOf(type, lambda.getFunctionalInterfaceClass());
            sink.writeInt(markers.size());
            for (String marker : markers) {
                sink.writeText(marker);
            }
            return sink.toBytes();
        }
    }

    private static void writeArguments(SerializedLambda lambda, Codec codec, int depth, BoundedByteOutput sink)
            throws IOException {
        sink.writeInt(lambda.getCapturedArgCount());
        for (int i = 0; i < lambda.getCapturedArgCount(); i++) {
            Payload argument = codec.encode(lambda.getCapturedArg(i), depth + 1);
            sink.write(argument.kind());
            sink.writeInt(argument.bytes().length);
            sink.write(argument.bytes(), 0, argument.bytes().length);
        }
    }

    /** Decodes the bytes that {@link #encode} returned; {@link Codec} explains the exceptions. */
    @Nullable
    Object decode(byte[] bytes, Codec codec, int depth) throws ReflectiveOperationException {
        if (depth >= MAX_DEPTH) {
            throw new UntransportableException("damaged payload: lambdas in lambdas, more than " + MAX_DEPTH, null);
        }
        ByteReader cursor = new ByteReader(bytes, 0, bytes.length);
        int length = cursor.number();
        if (length > MAX_FORM_BYTES) {
            throw new UntransportableException(
                    "damaged payload: the form of a lambda takes " + length + " bytes, over the limit of "
                            + MAX_FORM_BYTES,
                    null);
        }
        byte[] form = cursor.bytes(length);
        Integer key = Arrays.hashCode(form);
        Incoming seen = known.get(key);
        boolean isNew = seen == null || !Arrays.equals(seen.bytes, form);
        Incoming read = isNew
                ? new Incoming(form, readForm(new ByteReader(form, 0, form.length), codec))
                : Objects.requireNonNull(seen);
        Object[] captured = arguments(cursor, codec, depth);
        Object made = codec.isFiltered() ? codec.throughStream(read.form.with(captured)) : make(read.form, captured);
        if (isNew) {
            keep(known, key, read);
        }
        return made;
    }

    /** Makes a lambda of that form, as {@link LambdaMaker#make} does. */
    @Nullable
    Object make(LambdaForm form, Object[] captured) throws ReflectiveOperationException {
        LambdaMaker seen = makers.get(form);
        if (seen != null) {
            return seen.make(captured);
        }
        LambdaMaker maker = new LambdaMaker(form);
        try {
            return maker.make(captured);
        } finally {
            if (maker.isOfALambda()) {
                keep(makers, form, maker);
            }
        }
    }

    private static <K, V> void keep(ConcurrentMap<K, V> all, K key, V value) {
        if (all.size() >= MAX_FORMS) {
            all.clear();
        }
        all.put(key, value);
    }

    /** Returns the number of forms that are kept. */
    int keptForms() {
        return known.size() + makers.size();
    }

    private static LambdaForm readForm(ByteReader cursor, Codec codec) throws ClassNotFoundException {
        int kind = cursor.number();
        Class<?> capturing = codec.find(cursor.text().replace('/', '.'));
        String type = cursor.text();
        String method = cursor.text();
        String signature = cursor.text();
        String implClass = cursor.text();
        String implMethod = cursor.text();
        String implSignature = cursor.text();
        String instantiated = cursor.text();
        List<String> markers = new ArrayList<>();
        for (int left = cursor.number(); left > 0; left--) {
            markers.add(cursor.text());
        }
        return new LambdaForm(
                capturing,
                type,
                method,
                signature,
                kind,
                implClass,
                implMethod,
                implSignature,
                instantiated,
                List.copyOf(markers));
    }

    @SuppressWarnings("NullAway") // SerializedLambda takes arguments that are null
    private static Object[] arguments(ByteReader cursor, Codec codec, int depth) {
        int count = cursor.number();
        if (count < 0 || count > MAX_ARGUMENTS) {
            throw new UntransportableException(
                    "damaged payload: a lambda captures 0 to " + MAX_ARGUMENTS + " arguments, not " + count, null);
        }
        Object[] arguments = new Object[count];
        for (int i = 0; i < count; i++) {
            byte kind = cursor.one();
            arguments[i] = codec.decode(new Payload(kind, cursor.bytes(cursor.number())), depth + 1);
        }
        return arguments;
    }

    /** Returns the object that serialization writes for {@code value}: for a lambda its {@link SerializedLambda}, if that can be found. */
    static @Nullable Object writtenForm(Object value) throws ReflectiveOperationException {
        Method writeReplace = OUTGOING.get(value.getClass()).writeReplace;
        return writeReplace == null ? SerializedFormProbe.of(value) : writeReplace.invoke(value);
    }
}
