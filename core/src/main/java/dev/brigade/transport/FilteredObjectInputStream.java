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
 * Reads the objects of one message: resolves classes through a given loader, and refuses what hostile bytes could do.
 *
 * <p>The limits need no tuning, because they follow from the message itself. Each element of an array takes a byte of the
 * message at least, so that all arrays together cannot have more elements than the message has bytes; JDK collections ask for
 * tables up to 8 times larger than what they hold, so that {@link #ELEMENTS_PER_BYTE} times the message never refuses an honest
 * one. What {@code Collections.nCopies} returns announces an array too, and never makes it: that one is not counted, unlike the
 * arrays in what it holds. The number of objects and of bytes is bounded by the message's length in the same way. Not thread-safe.
 */
final class FilteredObjectInputStream extends ObjectInputStream implements ObjectInputFilter {
    /** Deeper graphs overflow the default stack while they are written. */
    static final int MAX_DEPTH = 10_000;

    static final int ELEMENTS_PER_BYTE = 16;

    /** The class of lists that hold one element many times, and have no array. */
    private static final Class<?> COPIES = Collections.nCopies(1, "").getClass();

    private static final String LAMBDA = "java.lang.invoke.SerializedLambda";

    private static final int ELEMENTS_ALWAYS = 1024;

    /** As many elements are counted for copies too, whose own bytes pay for them: asking whose they are costs a look at the stack. */
    private static final int PAID_ANYWAY = 64;

    private final ClassLoader loader;
    private final ConcurrentMap<String, Class<?>> known;
    private final LambdaCodec lambdas;
    private final @Nullable ObjectInputFilter processWide;
    private final @Nullable ObjectInputFilter users;
    /** What a filter factory has made of this one; it is asked about this library's class for lambdas. Null without a factory. */
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

    /** Makes the lambdas of this stream. */
    LambdaCodec lambdas() {
        return lambdas;
    }

    /** The class of the outermost object, as far as it has been read. */
    @Nullable
    String firstClass() {
        return firstClass;
    }

    /** Why the filter refused something; null when it did not. */
    @Nullable
    String refusal() {
        return refusal;
    }

    /** Lambdas are made by this library, since the JDK makes the wrong one sometimes. */
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

    /** The stream asks it about this library's class alone. */
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
            return WrittenLambda.class; // the given loader may have another of that name
        }
        Class<?> type = known.get(name);
        if (type != null) {
            return type;
        }
        try {
            type = Class.forName(name, false, loader);
        } catch (ClassNotFoundException e) {
            return super.resolveClass(description); // primitives, and what only this library's own loader sees
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
                definer = types[i].getClassLoader(); // a proxy shares the package of a hidden interface
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

    /** Whether an array is asked about that {@link #COPIES} announces. What the copies hold is asked about in its turn. */
    private boolean isOfCopies(FilterInfo info) {
        return hasCopies
                && info.serialClass() == Object[].class
                && info.arrayLength() > PAID_ANYWAY
                && StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE)
                        .walk(FilteredObjectInputStream::areOfCopies);
    }

    /** Whether {@link #COPIES} itself asks the stream, which asks the filter: the filter is not told who asks. */
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

    /** Says in words why reading failed. */
    String explain(Throwable failure) {
        if (refusal != null && failure instanceof InvalidClassException) {
            return "refused: " + refusal;
        }
        return ThrowableFormatter.explainReading(failure);
    }
}
