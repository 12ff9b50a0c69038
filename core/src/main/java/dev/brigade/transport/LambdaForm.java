package dev.brigade.transport;

import java.io.Serializable;
import java.lang.invoke.SerializedLambda;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What is the same for all instances of a lambda's class: the fields of its {@link SerializedLambda} without what is captured, and
 * its marker interfaces, for which that has no field.
 *
 * @param markers what the lambda implements besides its functional interface, in the order of names; null when that is not known
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

    /** The form again, with what is captured. */
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

    /** Whether a lambda has the types and interfaces of this form; true for what is no lambda of the JDK's. */
    boolean isOf(@Nullable Object made) throws ReflectiveOperationException {
        return made == null
                || !(LambdaCodec.writtenForm(made) instanceof SerializedLambda written)
                || (written.getInstantiatedMethodType().equals(instantiated)
                        && (markers == null || markers.equals(markersOf(made.getClass(), type))));
    }

    /** The interfaces of a lambda's class besides its functional interface, whose name has slashes. */
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

    /** The form with markers that are known, perhaps none. */
    List<String> knownMarkers() {
        return Objects.requireNonNullElse(markers, List.of());
    }
}
