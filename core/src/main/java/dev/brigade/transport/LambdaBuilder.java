package dev.brigade.transport;

import java.lang.invoke.LambdaConversionException;
import java.lang.invoke.LambdaMetafactory;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandleInfo;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodHandles.Lookup;
import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Makes the lambda that the compiler's call site for a serializable lambda would make, with the access of the class that has it. */
final class LambdaBuilder {
    private LambdaBuilder() {}

    /**
     * Links a lambda anew.
     *
     * @param form its form; the caller has checked that its class has a lambda of that method
     * @param captured the number of captured arguments
     * @return a handle that takes an array of the captured arguments, and returns the lambda
     * @throws UntransportableException when its class is in another module than this library, or there can be no such lambda
     */
    static MethodHandle build(LambdaForm form, int captured) {
        Class<?> capturing = form.capturing();
        try {
            LambdaBuilder.class.getModule().addReads(capturing.getModule());
            Lookup lookup = MethodHandles.privateLookupIn(capturing, MethodHandles.lookup());
            if (!lookup.hasFullPrivilegeAccess()) {
                throw refusal(form, "lambdas are linked by code of their own module alone", null);
            }
            return link(form, captured, lookup);
        } catch (UntransportableException e) {
            throw e;
        } catch (ReflectiveOperationException | LambdaConversionException | LinkageError | RuntimeException e) {
            throw refusal(form, ThrowableFormatter.oneLine(e), e);
        }
    }

    /** Returns an exception that tells why the lambda of a form cannot be made. */
    static UntransportableException refusal(LambdaForm form, String why, @Nullable Throwable cause) {
        return new UntransportableException(
                "the " + NonSerializablePath.nameOf(form.with(new Object[0])) + " cannot be told from another one in "
                        + form.capturing().getName() + " with other types (JDK-8208752), since " + why
                        + ": write a lambda instead (x -> x.m() for X::m)",
                cause);
    }

    private static MethodHandle link(LambdaForm form, int captured, Lookup lookup)
            throws ReflectiveOperationException, LambdaConversionException {
        ClassLoader loader = form.capturing().getClassLoader();
        MethodHandle body = body(form, lookup, loader);
        Class<?> type = find(form.type(), loader);
        MethodType factoryType =
                MethodType.methodType(type, body.type().parameterList().subList(0, captured));
        MethodType signature = MethodType.fromMethodDescriptorString(form.signature(), loader);
        List<Object> arguments = new ArrayList<>();
        arguments.add(signature);
        arguments.add(body);
        arguments.add(MethodType.fromMethodDescriptorString(form.instantiated(), loader));
        arguments.add(
                LambdaMetafactory.FLAG_SERIALIZABLE | LambdaMetafactory.FLAG_MARKERS | LambdaMetafactory.FLAG_BRIDGES);
        addCounted(arguments, markers(form, loader));
        addCounted(arguments, bridges(form, type, signature));
        return LambdaMetafactory.altMetafactory(lookup, form.method(), factoryType, arguments.toArray())
                .getTarget()
                .asType(MethodType.genericMethodType(captured))
                .asSpreader(Object[].class, captured);
    }

    private static void addCounted(List<Object> arguments, List<?> more) {
        arguments.add(more.size());
        arguments.addAll(more);
    }

    private static MethodHandle body(LambdaForm form, Lookup lookup, @Nullable ClassLoader loader)
            throws ReflectiveOperationException {
        Class<?> owner = find(form.implClass(), loader);
        MethodType type = MethodType.fromMethodDescriptorString(form.implSignature(), loader);
        return switch (form.implKind()) {
            case MethodHandleInfo.REF_invokeStatic -> lookup.findStatic(owner, form.implMethod(), type);
            case MethodHandleInfo.REF_newInvokeSpecial -> lookup.findConstructor(owner, type);
            case MethodHandleInfo.REF_invokeSpecial ->
                lookup.findSpecial(owner, form.implMethod(), type, form.capturing());
            default -> lookup.findVirtual(owner, form.implMethod(), type);
        };
    }

    private static List<Class<?>> markers(LambdaForm form, @Nullable ClassLoader loader) throws ClassNotFoundException {
        List<Class<?>> markers = new ArrayList<>();
        for (String name : form.knownMarkers()) {
            markers.add(find(name, loader));
        }
        return markers;
    }

    /** Returns the other signatures of the method that the functional interface, or one above it, leaves abstract. */
    private static List<MethodType> bridges(LambdaForm form, Class<?> type, MethodType signature) {
        Set<MethodType> bridges = new LinkedHashSet<>();
        for (Method method : type.getMethods()) {
            if (Modifier.isAbstract(method.getModifiers()) && method.getName().equals(form.method())) {
                bridges.add(MethodType.methodType(method.getReturnType(), method.getParameterTypes()));
            }
        }
        bridges.remove(signature);
        return List.copyOf(bridges);
    }

    private static Class<?> find(String name, @Nullable ClassLoader loader) throws ClassNotFoundException {
        return Class.forName(name.replace('/', '.'), false, loader);
    }

    /** Makes a lambda. */
    static Object call(MethodHandle made, Object[] captured) {
        try {
            return made.invoke(captured);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("the making of a lambda throws nothing", e);
        }
    }
}
