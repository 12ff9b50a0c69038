package dev.brigade.transport;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.SerializedLambda;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/**
 * Makes the lambdas of one form from what they capture.
 *
 * <p>Design note: the compiler adds a method to classes with serializable lambdas, and only that knows which there are. Of method
 * references that differ in their types alone ({@code Animal::name} of dogs, and of cats) it makes the first, whichever is meant
 * (JDK-8208752). So what it makes is compared with the form, the first time; where it is another one, the right one is made here,
 * of what the compiler's method has agreed to. {@code factoryIsRight} and {@code own} go one way; a doubled look is harmless.
 */
final class LambdaMaker {
    /** How many forms are remembered for one class, before all are forgotten. */
    private static final int MAX_FORMS = 256;

    private static final ClassValue<ConcurrentMap<LambdaForm, LambdaMaker>> MAKERS = new ClassValue<>() {
        @Override
        protected ConcurrentMap<LambdaForm, LambdaMaker> computeValue(Class<?> type) {
            return new ConcurrentHashMap<>();
        }
    };

    private final LambdaForm form;
    /** The compiler's method; null when it is out of reach. */
    private final @Nullable Method factory;

    private volatile boolean factoryIsRight;
    private volatile @Nullable MethodHandle own;

    private LambdaMaker(LambdaForm form) {
        this.form = form;
        factory = factoryOf(form.capturing());
    }

    static LambdaMaker of(LambdaForm form) {
        ConcurrentMap<LambdaForm, LambdaMaker> makers = MAKERS.get(form.capturing());
        LambdaMaker known = makers.get(form);
        if (known != null) {
            return known;
        }
        if (makers.size() >= MAX_FORMS) {
            makers.clear();
        }
        LambdaMaker made = new LambdaMaker(form);
        makers.put(form, made);
        return made;
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

    LambdaForm form() {
        return form;
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
        if (rebuilt == null) {
            try {
                Object made =
                        factory == null ? ClosedLambda.make(form, captured) : factory.invoke(null, form.with(captured));
                if (factoryIsRight || form.isOf(made)) {
                    factoryIsRight = true;
                    return made;
                }
            } catch (InvocationTargetException e) {
                // A bound receiver of another class: the method has agreed to the form, and failed to cast.
                if (!(e.getCause() instanceof ClassCastException)) {
                    throw e;
                }
            }
            rebuilt = LambdaBuilder.build(form, captured.length);
            own = rebuilt;
        }
        return LambdaBuilder.call(rebuilt, captured);
    }
}
