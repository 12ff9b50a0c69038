package dev.brigade.transport;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputFilter;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.ObjectStreamClass;
import java.lang.reflect.InvocationTargetException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Makes lambdas of classes that are not open to this library, by reading their form from an object stream, as the JDK may. The captured
 * arguments do not cross the stream; their indexes do instead.
 */
final class ClosedLambda extends ObjectInputStream {
    private final Class<?> capturing;
    private final Object[] captured;

    private ClosedLambda(byte[] form, Class<?> capturing, Object[] captured) throws IOException {
        super(new ByteArrayInputStream(form));
        this.capturing = capturing;
        this.captured = captured;
        enableResolveObject(true);
        // The stream was written by this class, from a form that has been read and filtered.
        setObjectInputFilter(info -> ObjectInputFilter.Status.ALLOWED);
    }

    /**
     * Returns the object that the compiler's method makes of the form.
     *
     * @throws InvocationTargetException when that method or the stream throws; its cause is the root cause of that
     */
    static @Nullable Object make(LambdaForm form, Object[] captured) throws InvocationTargetException {
        Object[] places = new Object[captured.length];
        Arrays.setAll(places, i -> i);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(form.with(places));
            return new ClosedLambda(bytes.toByteArray(), form.capturing(), captured).readObject();
        } catch (IOException | ClassNotFoundException | RuntimeException e) {
            throw new InvocationTargetException(ThrowableFormatter.root(e));
        }
    }

    @Override
    protected Class<?> resolveClass(ObjectStreamClass description) throws IOException, ClassNotFoundException {
        return description.getName().equals(capturing.getName()) ? capturing : super.resolveClass(description);
    }

    @Override
    protected @Nullable Object resolveObject(@Nullable Object read) {
        return read instanceof Integer place ? captured[place] : read;
    }
}
