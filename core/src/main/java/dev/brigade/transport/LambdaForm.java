package dev.brigade.transport;

import java.io.Serializable;
import java.lang.invoke.SerializedLambda;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The properties that all instances of a lambda's class share: the fields of its {@link SerializedLambda} without the captured
 * arguments, and its marker interfaces, for which that has no field.
 *
 * @param markers the interfaces of the lambda besides its functional interface, in the order of names; null when they are not known
 */
record LambdaForm(
        Class<?> capturing,
        String type,
        String method,
        String signature,
        int implKind,
        String implClass,
        String implMethod,
        String implSignature,
        String instantiated,
        @Nullable List<String> markers) {

    /** Returns this form with captured arguments. */
    SerializedLambda with(Object[] captured) {
        return new SerializedLambda(
                capturing,
                type,
                method,
                signature,
                implKind,
                implClass,
                implMethod,
                implSignature,
                instantiated,
                captured);
    }

    /** Returns true if a lambda has the types and interfaces of this form; also for an object that is no lambda of the JDK's. */
    boolean isOf(@Nullable Object made) throws ReflectiveOperationException {
        return made == null
                || !(LambdaCodec.writtenForm(made) instanceof SerializedLambda written)
                || (written.getInstantiatedMethodType().equals(instantiated)
                        && (markers == null || markers.equals(markersOf(made.getClass(), type))));
    }

    /** Returns the interfaces of a lambda's class besides Serializable and its functional interface, whose name has slashes. */
    static List<String> markersOf(Class<?> lambda, String functionalInterface) {
        Class<?>[] interfaces = lambda.getInterfaces();
        if (interfaces.length == 1) {
            return List.of();
        }
        List<String> names = new ArrayList<>();
        for (Class<?> one : interfaces) {
            if (one != Serializable.class && !one.getName().equals(functionalInterface.replace('/', '.'))) {
                names.add(one.getName());
            }
        }
        Collections.sort(names);
        return names;
    }

    /** Returns the markers; none if they are not known. */
    List<String> knownMarkers() {
        return Objects.requireNonNullElse(markers, List.of());
    }
}
