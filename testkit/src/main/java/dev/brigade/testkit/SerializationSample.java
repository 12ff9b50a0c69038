package dev.brigade.testkit;

import java.io.IOException;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * An object that can be transported if its content can.
 *
 * @param name a name
 * @param content the content
 */
record SerializationSample(String name, Object content) implements Serializable {

    /** Cannot be serialized. */
    static final class Unserializable {}

    /** Cannot be serialized, although exceptions should be. */
    static final class UnserializableException extends Exception {
        private static final long serialVersionUID = 1L;

        @SuppressWarnings({"serial", "unused"}) // on purpose
        private final Unserializable field = new Unserializable();

        UnserializableException(String message) {
            super(message);
        }
    }

    /** Neither an Exception nor an Error. */
    static final class OwnThrowable extends Throwable {
        private static final long serialVersionUID = 1L;

        OwnThrowable(String message) {
            super(message);
        }

        /** Throws an OwnThrowable, which no signature needs to declare. */
        @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // erased, so nothing is cast
        static <E extends Throwable> E thrown(String message) throws E {
            throw (E) new OwnThrowable(message);
        }
    }

    /** Remembers the thread that serialized it last. */
    static final class Watched implements Serializable {
        private static final long serialVersionUID = 1L;
        private transient volatile @Nullable Thread writer;

        @Nullable
        Thread writer() {
            return writer;
        }

        private void writeObject(ObjectOutputStream out) throws IOException {
            writer = Thread.currentThread();
            out.defaultWriteObject();
        }
    }

    /** Has a method that others inherit. */
    static class Note implements Serializable {
        private static final long serialVersionUID = 1L;
        private final String text;

        Note(String text) {
            this.text = text;
        }

        String text() {
            return text;
        }
    }

    /** Inherits a method. */
    static final class Letter extends Note {
        private static final long serialVersionUID = 1L;

        Letter(String text) {
            super(text);
        }
    }

    /** Inherits the same method. */
    static final class Card extends Note {
        private static final long serialVersionUID = 1L;

        Card(String text) {
            super(text);
        }
    }
}
