package dev.brigade.transport;

import dev.brigade.Task;
import java.io.NotSerializableException;
import java.lang.invoke.SerializedLambda;
import java.lang.reflect.Field;
import java.util.Objects;

/** Explains in words why an object could not be written. */
final class SerializationFailure {
    private static final String ENGINE = Task.class.getPackageName() + ".engine";

    private SerializationFailure() {}

    static UntransportableException explain(Object written, Throwable failure) {
        Object root = withoutWrapper(written);
        String why;
        try {
            why = why(root, failure);
        } catch (Throwable e) { // the search visits the same objects, and may fail as the writing did
            why = ThrowableFormatter.oneLine(failure);
        }
        return new UntransportableException(
                root.getClass().getName(), NonSerializablePath.name(root) + " cannot be transported: " + why, failure);
    }

    /** Returns the user's object in a record or lambda of the engine, which holds only that; else {@code written}. */
    private static Object withoutWrapper(Object written) {
        Class<?> type = written.getClass();
        if (type.isHidden() && type.getPackageName().equals(ENGINE)) {
            return SerializedFormProbe.of(written) instanceof SerializedLambda form && form.getCapturedArgCount() == 1
                    ? Objects.requireNonNullElse(form.getCapturedArg(0), written)
                    : written;
        }
        if (!type.isRecord() || !type.getPackageName().equals(ENGINE)) {
            return written;
        }
        try {
            Field[] fields = type.getDeclaredFields();
            fields[0].setAccessible(true);
            Object content = fields.length == 1 ? fields[0].get(written) : null;
            return content == null ? written : content;
        } catch (ReflectiveOperationException | RuntimeException e) {
            return written;
        }
    }

    private static String why(Object root, Throwable failure) {
        if (failure instanceof NotSerializableException) {
            String culprit = String.valueOf(failure.getMessage());
            String path = NonSerializablePath.find(root, culprit);
            return path == null ? culprit + " is not serializable" : path;
        }
        if (failure instanceof BoundedByteOutput.FullException) {
            return String.valueOf(failure.getMessage());
        }
        if (failure instanceof StackOverflowError) {
            return "its objects are nested too deeply for the stack (StackOverflowError)";
        }
        if (failure instanceof OutOfMemoryError) {
            return "no memory was left for its encoded form (" + ThrowableFormatter.oneLine(failure) + ")";
        }
        return "its serialization threw " + ThrowableFormatter.oneLine(failure);
    }
}
