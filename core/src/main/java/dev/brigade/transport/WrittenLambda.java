package dev.brigade.transport;

import java.io.IOException;
import java.io.InvalidObjectException;
import java.io.ObjectInputFilter.FilterInfo;
import java.io.ObjectInputStream;
import java.io.ObjectStreamClass;
import java.io.ObjectStreamException;
import java.io.ObjectStreamField;
import java.io.Serializable;
import java.lang.invoke.SerializedLambda;
import java.lang.reflect.InvocationTargetException;
import org.jspecify.annotations.Nullable;

/**
 * A lambda in an object stream. {@link FilteredObjectInputStream} reads this in place of a {@link SerializedLambda}, whose fields it
 * has, because that makes the wrong lambda sometimes, as {@link LambdaMaker} says.
 */
@SuppressWarnings({"unused", "serial", "NullAway.Init"}) // only read from streams
final class WrittenLambda implements Serializable {
    private static final long serialVersionUID = 1L;
    private static final ObjectStreamClass DESCRIPTION = ObjectStreamClass.lookup(WrittenLambda.class);

    private Class<?> capturingClass;
    private String functionalInterfaceClass;
    private String functionalInterfaceMethodName;
    private String functionalInterfaceMethodSignature;
    private String implClass;
    private String implMethodName;
    private String implMethodSignature;
    private int implMethodKind;
    private String instantiatedMethodType;
    private Object[] capturedArgs;

    /** The codec of the stream, which makes the lambda. */
    private transient LambdaCodec lambdas;

    private WrittenLambda() {}

    /** Returns the description with which to read a SerializedLambda: that of this class, if {@code written} has the same fields. */
    static ObjectStreamClass insteadOf(ObjectStreamClass written) {
        ObjectStreamField[] here = DESCRIPTION.getFields();
        ObjectStreamField[] there = written.getFields();
        boolean same = here.length == there.length;
        for (int i = 0; same && i < here.length; i++) {
            same = here[i].getName().equals(there[i].getName()) && here[i].getTypeCode() == there[i].getTypeCode();
        }
        return same ? DESCRIPTION : written;
    }

    /** Returns true for the description of this class, as {@link #insteadOf} returns it. */
    @SuppressWarnings("ReferenceEquality") // a class of that name in another loader has another description
    static boolean isOf(ObjectStreamClass description) {
        return description == DESCRIPTION;
    }

    /** Returns the info to show to a filter, with the JDK's class, which filters know, in place of this class. */
    static FilterInfo shown(FilterInfo info) {
        return info.serialClass() == WrittenLambda.class
                ? new Asked(
                        SerializedLambda.class, info.arrayLength(), info.depth(), info.references(), info.streamBytes())
                : info;
    }

    /** Returns the info for asking a filter about the JDK's class alone. */
    static FilterInfo shown() {
        return new Asked(SerializedLambda.class, -1, 1, 1, 0);
    }

    /** Returns the info for asking a filter about this class alone. */
    static FilterInfo unshown() {
        return new Asked(WrittenLambda.class, -1, 1, 1, 0);
    }

    private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
        if (!(in instanceof FilteredObjectInputStream reader)) {
            throw new InvalidObjectException("only this library reads lambdas so");
        }
        in.defaultReadObject();
        lambdas = reader.lambdas();
    }

    private @Nullable Object readResolve() throws ObjectStreamException {
        LambdaForm form = new LambdaForm(
                capturingClass,
                functionalInterfaceClass,
                functionalInterfaceMethodName,
                functionalInterfaceMethodSignature,
                implMethodKind,
                implClass,
                implMethodName,
                implMethodSignature,
                instantiatedMethodType,
                null);
        try {
            return lambdas.make(form, capturedArgs);
        } catch (InvocationTargetException e) {
            throw invalid(e.getCause() == null ? e : e.getCause());
        } catch (ReflectiveOperationException e) {
            throw invalid(e);
        }
    }

    private static InvalidObjectException invalid(Throwable why) {
        InvalidObjectException failure = new InvalidObjectException("the lambda cannot be made");
        failure.initCause(why);
        return failure;
    }

    private record Asked(Class<?> serialClass, long arrayLength, long depth, long references, long streamBytes)
            implements FilterInfo {}
}
