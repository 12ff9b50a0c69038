package dev.brigade.transport;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.SerializedLambda;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import org.jspecify.annotations.Nullable;

/**
 * Makes the lambdas of one form from what they capture.
 *
 * <p>Design note: the compiler adds a method to a class with serializable lambdas, and that method alone knows the lambdas of the class.
 * Of method references that differ in their types alone ({@code Animal::name} of dogs, and of cats) it always makes the first
 * (JDK-8208752). So the first lambda that it makes is compared with the form. If it is the wrong one, this class makes the right one, of
 * a form that the compiler's method has accepted. An object stream does not tell the marker interfaces. For a form from there the
 * compiler's method is asked each time, and no lambda with marker interfaces is replaced. Each field changes in one direction only; a
 * doubled check is harmless.
 */
final class LambdaMaker {
    private final LambdaForm form;
    /** The compiler's method; null if it is not accessible. */
    private final @Nullable Method factory;

    private volatile boolean factoryIsRight;
    private volatile boolean factoryHasMarkers;
    private volatile @Nullable MethodHandle own;
    private volatile boolean ownIsRight;

    LambdaMaker(LambdaForm form) {
        this.form = form;
        factory = factoryOf(form.capturing());
    }

    /** Returns true if the compiler's method has accepted the form. There are not more such forms than the class has lambdas. */
    boolean isOfALambda() {
        return factoryIsRight || own != null;
    }

    private static @Nullable Method factoryOf(Class<?> capturing) {
        try {
            Method factory = capturing.getDeclaredMethod("$deserializeLambda$", SerializedLambda.class);
            factory.setAccessible(true);
            return factory;
        } catch (NoSuchMethodException | RuntimeException e) {
            return null;
        }
    }

    /**
     * Makes a lambda.
     *
     * @param captured the captured arguments
     * @throws UntransportableException when the compiler's method makes another lambda, and the right one cannot be made here
     * @throws ReflectiveOperationException when the compiler's method throws
     */
    @Nullable
    Object make(Object[] captured) throws ReflectiveOperationException {
        MethodHandle rebuilt = own;
        if (rebuilt != null && ownIsRight && form.markers() != null) {
            return LambdaBuilder.call(rebuilt, captured);
        }
        try {
            Object made = askFactory(captured);
            if (factoryIsRight || form.isOf(made)) {
                factoryIsRight = true;
                return made;
            }
        } catch (InvocationTargetException e) {
            // A bound receiver of another class: the method has accepted the form, and failed to cast.
            if (!(e.getCause() instanceof ClassCastException)) {
                throw e;
            }
            askFactory(new Object[captured.length]); // for its markers
        }
        return rebuild(captured);
    }

    private @Nullable Object askFactory(Object[] captured) throws ReflectiveOperationException {
        Object made = factory == null ? ClosedLambda.make(form, captured) : factory.invoke(null, form.with(captured));
        factoryHasMarkers |= form.markers() == null
                && made != null
                && !LambdaForm.markersOf(made.getClass(), form.type()).isEmpty();
        return made;
    }

    /** Makes the lambda here. The captured arguments may be wrong, so {@link #own} counts as right only when it has made a lambda. */
    private Object rebuild(Object[] captured) {
        if (factoryHasMarkers) {
            throw LambdaBuilder.refusal(form, "its marker interfaces are not known", null);
        }
        MethodHandle rebuilt = own;
        if (rebuilt == null) {
            rebuilt = LambdaBuilder.build(form, captured.length);
            own = rebuilt;
        }
        Object made = LambdaBuilder.call(rebuilt, captured);
        ownIsRight = true;
        return made;
    }
}
