package dev.brigade.transport;

import java.util.Arrays;

/**
 * An encoded value or failure: the bytes and their kind.
 *
 * <p><b>Thread safety</b>: immutable as long as {@code bytes}, which is not copied, is not changed.
 *
 * @param kind the kind of the bytes: below {@link #FIRST_FAILURE} a value, from there on a failure; only a {@link Codec} knows
 *     more. One byte, so that it fits a frame's header
 * @param bytes the bytes, not null, perhaps empty; not copied, and not to be changed
 */
@SuppressWarnings("ArrayRecordComponent") // copying every payload would cost more than encoding it
public record Payload(byte kind, byte[] bytes) {
    /** The first kind that is a failure. */
    public static final byte FIRST_FAILURE = 64;

    /**
     * Returns true if this is a failure.
     *
     * @return true for a failure, false for a value
     */
    public boolean isFailure() {
        return kind >= FIRST_FAILURE;
    }

    /**
     * Returns the size of the payload.
     *
     * @return the length of the bytes
     */
    public long size() {
        return bytes.length;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Payload that && kind == that.kind && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return 31 * kind + Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return "Payload[kind " + kind + ", " + bytes.length + " bytes]";
    }
}
