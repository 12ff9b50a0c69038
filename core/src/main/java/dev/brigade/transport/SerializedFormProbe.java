package dev.brigade.transport;

import java.io.Externalizable;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.io.OutputStream;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds the objects that Java serialization writes for an object, by letting it write to nowhere. This needs no access to private
 * fields, and calls {@code writeReplace} as serialization does.
 */
final class SerializedFormProbe {
    private SerializedFormProbe() {}

    /** Returns the result of {@code writeReplace} (for a lambda, a {@code SerializedLambda}); mostly the object itself. */
    static Object of(Object value) {
        try (Probe probe = new Probe(false)) {
            return probe.write(value) ? probe.root : value;
        } catch (Throwable e) {
            return value;
        }
    }

    /**
     * Returns the objects that the given one refers to, as it is written; strings are among them, null is not. Runs only
     * {@code writeObject} methods of the JDK: the list is empty if a class on the class path has its own.
     */
    static List<Object> parts(Object value) {
        for (Class<?> type = value.getClass(); type != null; type = type.getSuperclass()) {
            if (!isJdk(type) && writesItself(type)) {
                return List.of();
            }
        }
        Probe probe = null; // not closed: it holds nothing
        try {
            probe = new Probe(true);
            probe.write(value);
            return probe.parts;
        } catch (Throwable e) {
            return probe == null ? List.of() : probe.parts;
        }
    }

    private static boolean writesItself(Class<?> type) {
        if (Externalizable.class.isAssignableFrom(type)) {
            return true;
        }
        try {
            return type.getDeclaredMethod("writeObject", ObjectOutputStream.class) != null;
        } catch (NoSuchMethodException e) {
            return false;
        }
    }

    /** Returns true if part of the object is written by a class of the JDK, whose fields reflection may not read. */
    static boolean hasJdkLevel(Class<?> leaf) {
        for (Class<?> type = leaf;
                type != null && Serializable.class.isAssignableFrom(type);
                type = type.getSuperclass()) {
            if (isJdk(type)) {
                return true;
            }
        }
        return false;
    }

    static boolean isJdk(Class<?> type) {
        ClassLoader loader = type.getClassLoader();
        return loader == null || loader == ClassLoader.getPlatformClassLoader();
    }

    /** Sees every object before it is written. Not thread-safe. */
    private static final class Probe extends ObjectOutputStream {
        private final boolean into;
        private final List<Object> parts = new ArrayList<>();
        private Object root = this;

        Probe(boolean into) throws IOException {
            super(OutputStream.nullOutputStream());
            this.into = into;
            enableReplaceObject(true);
        }

        boolean write(Object value) throws IOException {
            try {
                writeObject(value);
            } catch (SeenException e) {
                return true;
            }
            return root != this;
        }

        @Override
        protected Object replaceObject(Object value) {
            if (root == this) {
                root = value;
                if (into) {
                    return value;
                }
                throw new SeenException();
            }
            parts.add(value);
            return ""; // instead of the part, which is not to be written
        }
    }

    /** Thrown when the root has been seen, so that it is not written. */
    private static final class SeenException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        SeenException() {
            super(null, null, false, false);
        }
    }
}
