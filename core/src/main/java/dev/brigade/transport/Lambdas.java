package dev.brigade.transport;

import java.io.IOException;
import java.io.Serializable;
import java.lang.invoke.SerializedLambda;
import java.lang.reflect.Method;
import org.jspecify.annotations.Nullable;

/**
 * Lambdas without an object stream, which takes tens of milliseconds to warm up in a new JVM: the fields of their
 * {@link SerializedLambda}, each captured argument as a payload of its own.
 *
 * <p>Left to the object stream are lambdas that capture several objects, since these may refer to each other, and those of modules
 * that are not open to this one.
 */
final class Lambdas {
    /** A lambda in a lambda (a task in the function that calls it), and so on; deeper ones are left to the object stream. */
    static final int MAX_DEPTH = 3;

    private static final int MAX_ARGUMENTS = 255; // as the JVM has it

    private Lambdas() {}

    /** The encoded form; null when the value is to be left to the object stream. */
    static byte @Nullable [] encode(Object value, Codec codec, int depth) {
        if (depth >= MAX_DEPTH || !value.getClass().getName().contains("$$Lambda")) {
            return null;
        }
        try (ByteSink sink = new ByteSink(PlainValues.MAX_BYTES)) {
            SerializedLambda form = formOf(value);
            if (form == null || !argumentsStandAlone(form)) {
                return null;
            }
            write(form, sink);
            for (int i = 0; i < form.getCapturedArgCount(); i++) {
                Payload argument = codec.encode(form.getCapturedArg(i), depth + 1);
                sink.write(argument.kind());
                sink.writeInt(argument.bytes().length);
                sink.write(argument.bytes(), 0, argument.bytes().length);
            }
            return sink.toBytes();
        } catch (IOException | ReflectiveOperationException | RuntimeException e) {
            return null; // the object stream may do better, and says more about what is wrong
        }
    }

    private static @Nullable SerializedLambda formOf(Object value) throws ReflectiveOperationException {
        if (!(value instanceof Serializable)) {
            return null;
        }
        Method method = value.getClass().getDeclaredMethod("writeReplace");
        method.setAccessible(true);
        return method.invoke(value) instanceof SerializedLambda form ? form : null;
    }

    /** Whether at most one argument is more than a plain immutable value. */
    private static boolean argumentsStandAlone(SerializedLambda form) {
        int objects = 0;
        for (int i = 0; i < form.getCapturedArgCount(); i++) {
            Object argument = form.getCapturedArg(i);
            boolean immutable = argument == null
                    || argument instanceof String
                    || (argument instanceof Number && PlainValues.encode(argument) != null)
                    || argument instanceof Boolean
                    || argument instanceof Character;
            objects += immutable ? 0 : 1;
        }
        return objects <= 1;
    }

    private static void write(SerializedLambda form, ByteSink sink) throws IOException {
        sink.writeText(form.getCapturingClass());
        sink.writeText(form.getFunctionalInterfaceClass());
        sink.writeText(form.getFunctionalInterfaceMethodName());
        sink.writeText(form.getFunctionalInterfaceMethodSignature());
        sink.writeInt(form.getImplMethodKind());
        sink.writeText(form.getImplClass());
        sink.writeText(form.getImplMethodName());
        sink.writeText(form.getImplMethodSignature());
        sink.writeText(form.getInstantiatedMethodType());
        sink.writeInt(form.getCapturedArgCount());
    }

    /** Reads what {@link #encode} wrote; what it throws, {@link Codec} explains. */
    static @Nullable Object decode(byte[] bytes, Codec codec, int depth) throws ReflectiveOperationException {
        if (depth >= MAX_DEPTH) {
            throw new UntransportableException("damaged payload: lambdas in lambdas, more than " + MAX_DEPTH, null);
        }
        Cursor cursor = new Cursor(bytes, 0, bytes.length);
        Class<?> capturing = codec.find(cursor.text().replace('/', '.'));
        SerializedLambda form = new SerializedLambda(
                capturing,
                cursor.text(),
                cursor.text(),
                cursor.text(),
                cursor.number(),
                cursor.text(),
                cursor.text(),
                cursor.text(),
                cursor.text(),
                arguments(cursor, codec, depth));
        Method factory = codec.isFiltered() ? null : factoryOf(capturing);
        return factory == null ? codec.throughStream(form) : factory.invoke(null, form);
    }

    @SuppressWarnings("NullAway") // SerializedLambda takes arguments that are null
    private static Object[] arguments(Cursor cursor, Codec codec, int depth) {
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

    /** The method that the compiler adds to classes with serializable lambdas; null when it is out of reach. */
    private static @Nullable Method factoryOf(Class<?> capturing) {
        try {
            Method factory = capturing.getDeclaredMethod("$deserializeLambda$", SerializedLambda.class);
            factory.setAccessible(true);
            return factory;
        } catch (NoSuchMethodException | RuntimeException e) {
            return null;
        }
    }
}
