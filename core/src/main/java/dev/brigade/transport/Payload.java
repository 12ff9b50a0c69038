package dev.brigade.transport;

import java.util.Arrays;

/**
 * An encoded value or failure: bytes, and how to read them.
 *
 * <p><b>Thread safety</b>: immutable as long as nobody changes {@code bytes}, which is not copied.
 *
 * @param kind how to read the bytes: below {@link #FIRST_FAILURE} a value, from there on a failure; only a {@link Codec} knows
 *     more. One byte, so that it fits a frame's header
 * @param bytes the bytes, not null, perhaps empty; not copied, and not to be changed
 */
@SuppressWarnings("ArrayRecordComponent") // copying every payload would cost more than encoding it
public record Payload(byte kind, byte[] bytes) {
    /** The first kind that is a failure. */
    public static final byte FIRST_FAILURE = 64;

    /**
     * Whether this is a failure.
     *
     * @return true for a failure, false for a value
     */
    public boolean isFailure() {
        return kind >= FIRST_FAILURE;
    }

    /**
     * How much is to be sent.
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
