package dev.brigade.testkit;

import java.io.IOException;

/** The kinds of throwables that a callback of a test throws: all that Java allows. */
public enum ThrownKind {
    /** A {@link RuntimeException}. */
    RUNTIME_EXCEPTION,
    /** An {@link Error}. */
    ERROR,
    /** A checked exception that the callback's signature does not allow, as Kotlin's lambdas throw them. */
    CHECKED;

    private Throwable made() {
        String message = "thrown on purpose";
        return switch (this) {
            case RUNTIME_EXCEPTION -> new IllegalStateException(message);
            case ERROR -> new AssertionError(message);
            case CHECKED -> new IOException(message);
        };
    }

    /** Throws such a throwable. Never returns; the return type is for {@code throw kind.fire()}. */
    RuntimeException fire() {
        throw ThrownKind.<RuntimeException>unchecked(made());
    }

    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // erased, so nothing is cast
    private static <E extends Throwable> E unchecked(Throwable thrown) throws E {
        throw (E) thrown;
    }
}
