package dev.brigade.transport;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InvalidClassException;
import java.io.ObjectInputFilter;
import java.io.ObjectInputStream;
import java.io.ObjectStreamClass;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ConcurrentMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reads the objects of one message: resolves classes through a given loader, and refuses objects by which hostile bytes do harm.
 *
 * <p>The limits need no tuning, because they follow from the message itself. Each element of an array takes at least one byte of the
 * message, so all arrays together have no more elements than the message has bytes. JDK collections ask for tables up to 8 times larger
 * than their contents, so a limit of {@link #ELEMENTS_PER_BYTE} times the message refuses no honest one. The list that
 * {@code Collections.nCopies} returns announces an array too, and never makes it: that array is not counted, unlike the arrays in its
 * elements. The number of objects and of bytes is bounded by the message's length in the same way. Not thread-safe.
 */
final class FilteredObjectInputStream extends ObjectInputStream implements ObjectInputFilter {
    /** Deeper graphs overflow the default stack while they are written. */
    static final int MAX_DEPTH = 10_000;

    static final int ELEMENTS_PER_BYTE = 16;

    /** Class of the lists of {@code Collections.nCopies}, which hold one element many times and have no array. */
    private static final Class<?> COPIES = Collections.nCopies(1, "").getClass();

    private static final String LAMBDA = "java.lang.invoke.SerializedLambda";

    private static final int ELEMENTS_ALWAYS = 1024;

    /** Arrays of up to this length are counted for copies too: their own bytes allow it, and telling them apart costs a stack walk. */
    private static final int PAID_ANYWAY = 64;

    private final ClassLoader loader;
    private final ConcurrentMap<String, Class<?>> known;
    private final LambdaCodec lambdas;
    private final @Nullable ObjectInputFilter processWide;
    private final @Nullable ObjectInputFilter users;
    /** The filter that a filter factory made of this one. It is asked about this library's class for lambdas. Null without a factory. */
    private final @Nullable ObjectInputFilter merged;

    private long elementsLeft;
    private boolean hasLambdas;
    private boolean hasCopies;
    private @Nullable String firstClass;
    private @Nullable String refusal;

    FilteredObjectInputStream(
            byte[] bytes,
            int offset,
            ClassLoader loader,
            ConcurrentMap<String, Class<?>> known,
            LambdaCodec lambdas,
            @Nullable ObjectInputFilter users)
            throws IOException {
        super(new ByteArrayInputStream(bytes, offset, bytes.length - offset));
        this.loader = loader;
        this.known = known;
        this.lambdas = lambdas;
        this.users = users;
        elementsLeft = ELEMENTS_ALWAYS + (long) ELEMENTS_PER_BYTE * (bytes.length - offset);
        // setting a filter replaces the one of the whole JVM (jdk.serialFilter): keep it
        processWide = getObjectInputFilter();
        setObjectInputFilter(this);
        ObjectInputFilter set = getObjectInputFilter();
        merged = set == this ? null : set;
    }

    /** Returns the codec that makes the lambdas of this stream. */
    LambdaCodec lambdas() {
        return lambdas;
    }

    /** Returns the class name of the outermost object; null if it has not been read. */
    @Nullable
    String firstClass() {
        return firstClass;
    }

    /** Returns the reason for which the filter refused an object; null if it refused none. */
    @Nullable
    String refusal() {
        return refusal;
    }

    /** Lets this library make the lambdas, because the JDK makes the wrong one sometimes. */
    @Override
    protected ObjectStreamClass readClassDescriptor() throws IOException, ClassNotFoundException {
        ObjectStreamClass written = super.readClassDescriptor();
        String name = written.getName();
        if (name.equals(WrittenLambda.class.getName())) {
            throw refused(name + ", which only this library names");
        }
        if (!name.equals(LAMBDA)) {
            return written;
        }
        if (merged != null) {
            askAboutLambdas(merged);
        }
        hasLambdas = true;
        return WrittenLambda.insteadOf(written);
    }

    /** Asks the factory's filter about the JDK's class too, because the stream asks it about this library's class alone. */
    private void askAboutLambdas(ObjectInputFilter factorys) throws InvalidClassException {
        String where = ", by the filter of the filter factory (jdk.serialFilterFactory)";
        if (!isAllowed(factorys.checkInput(WrittenLambda.shown()))) {
            throw refused(LAMBDA + where);
        }
        if (!isAllowed(factorys.checkInput(WrittenLambda.unshown()))) {
            throw refused(WrittenLambda.class.getName() + where + ": allow it too where " + LAMBDA + " is allowed");
        }
    }

    @SuppressWarnings("NullAway") // filters return null, against what they promise
    private static boolean isAllowed(Status status) {
        return status != null && status != Status.REJECTED;
    }

    private InvalidClassException refused(String what) {
        refuse(what);
        return new InvalidClassException("filter status: " + Status.REJECTED);
    }

    @Override
    protected Class<?> resolveClass(ObjectStreamClass description) throws IOException, ClassNotFoundException {
        String name = description.getName();
        boolean lambda = hasLambdas && WrittenLambda.isOf(description);
        if (firstClass == null) {
            firstClass = lambda ? LAMBDA : name;
        }
        if (lambda) {
            return WrittenLambda.class; // the given loader may have another class of that name
        }
        Class<?> type = known.get(name);
        if (type != null) {
            return type;
        }
        try {
            type = Class.forName(name, false, loader);
        } catch (ClassNotFoundException e) {
            return super.resolveClass(description); // primitives, and classes that only this library's own loader finds
        }
        known.put(name, type);
        return type;
    }

    @Override
    @SuppressWarnings("deprecation") // Proxy.getProxyClass: a class is asked for here, an instance would need a handler
    protected Class<?> resolveProxyClass(String[] interfaces) throws IOException, ClassNotFoundException {
        ClassLoader definer = loader;
        Class<?>[] types = new Class<?>[interfaces.length];
        for (int i = 0; i < interfaces.length; i++) {
            types[i] = Class.forName(interfaces[i], false, loader);
            if (!Modifier.isPublic(types[i].getModifiers())) {
                definer =
                        types[i].getClassLoader(); // a proxy must be in the package of an interface that is not public
            }
        }
        try {
            return Proxy.getProxyClass(definer, types);
        } catch (IllegalArgumentException e) {
            throw new ClassNotFoundException("no proxy class for " + String.join(", ", interfaces), e);
        }
    }

    @Override
    public Status checkInput(FilterInfo asked) {
        FilterInfo info = WrittenLambda.shown(asked);
        if (info.depth() > MAX_DEPTH) {
            return refuse("objects nested deeper than " + MAX_DEPTH);
        }
        hasCopies |= info.serialClass() == COPIES;
        if (info.arrayLength() > 0 && !isOfCopies(info)) {
            elementsLeft -= info.arrayLength();
            if (elementsLeft < 0) {
                return refuse("an array of " + info.arrayLength() + " elements, more than the message can hold");
            }
        }
        Status wide = processWide == null ? Status.UNDECIDED : processWide.checkInput(info);
        if (wide == Status.REJECTED) {
            return refuse(nameOf(info) + ", by the filter of the whole JVM (jdk.serialFilter)");
        }
        Status own = users == null ? Status.UNDECIDED : users.checkInput(info);
        if (own == Status.REJECTED) {
            return refuse(nameOf(info) + ", by the filter that was set for this");
        }
        return own == Status.UNDECIDED ? wide : own;
    }

    /** Returns true if {@link #COPIES} announces the array. Arrays in the element of the copies are asked about separately. */
    private boolean isOfCopies(FilterInfo info) {
        return hasCopies
                && info.serialClass() == Object[].class
                && info.arrayLength() > PAID_ANYWAY
                && StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE)
                        .walk(FilteredObjectInputStream::areOfCopies);
    }

    /** Returns true if {@link #COPIES} itself asks the stream, which asks the filter. The stack tells, because the filter is not told. */
    private static boolean areOfCopies(Stream<StackWalker.StackFrame> frames) {
        List<StackWalker.StackFrame> last = frames.dropWhile(
                        frame -> frame.getDeclaringClass() != ObjectInputStream.class)
                .limit(3)
                .toList();
        return last.size() == 3
                && last.get(0).getMethodName().equals("filterCheck")
                && last.get(1).getDeclaringClass() == ObjectInputStream.class
                && last.get(1).getMethodName().equals("checkArray")
                && last.get(2).getDeclaringClass() == COPIES;
    }

    private static String nameOf(FilterInfo info) {
        Class<?> type = info.serialClass();
        return type == null
                ? "a message of " + info.streamBytes() + " bytes and " + info.references() + " references"
                : type.getName();
    }

    private Status refuse(String what) {
        refusal = what;
        return Status.REJECTED;
    }

    /** Returns the reason for which reading failed, in words. */
    String explain(Throwable failure) {
        if (refusal != null && failure instanceof InvalidClassException) {
            return "refused: " + refusal;
        }
        return ThrowableFormatter.explainReading(failure);
    }
}
