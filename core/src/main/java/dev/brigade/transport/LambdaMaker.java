package dev.brigade.transport;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.SerializedLambda;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import org.jspecify.annotations.Nullable;

/**
 * Makes the lambdas of one form from what they capture.
 *
 * <p>Design note: the compiler adds a method to classes with serializable lambdas, and only that knows which there are. Of method
 * references that differ in their types alone ({@code Animal::name} of dogs, and of cats) it makes the first, whichever is meant
 * (JDK-8208752). So what it makes is compared with the form, the first time; where it is another one, the right one is made here,
 * of what the compiler's method has agreed to. An object stream tells nothing of marker interfaces: there the compiler's method
 * is asked each time, and nothing is made in the place of a lambda that has some. All fields go one way; a doubled look is harmless.
 */
final class LambdaMaker {
    private final LambdaForm form;
    /** The compiler's method; null when it is out of reach. */
    private final @Nullable Method factory;

    private volatile boolean factoryIsRight;
    private volatile boolean factoryHasMarkers;
    private volatile @Nullable MethodHandle own;
    private volatile boolean ownIsRight;

    LambdaMaker(LambdaForm form) {
        this.form = form;
        factory = factoryOf(form.capturing());
    }

    /** Whether the compiler's method has agreed to the form, so that there are not more such forms than the class has lambdas. */
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
     * Makes one.
     *
     * @param captured what it captures
     * @throws UntransportableException when the compiler's method makes another one, and the right one cannot be made here
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
            // A bound receiver of another class: the method has agreed to the form, and failed to cast.
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

    /** What is captured may be wrong: so {@link #own} is right when it has made one. */
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
