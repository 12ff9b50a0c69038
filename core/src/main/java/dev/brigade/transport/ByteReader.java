package dev.brigade.transport;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Reads bytes that a {@link BoundedByteOutput} gathered, and that may be damaged. Not thread-safe. */
final class ByteReader {
    /** Length that stands for a text that is null. */
    static final int NO_TEXT = -1;

    private final byte[] bytes;
    private final int to;
    private int at;

    ByteReader(byte[] bytes, int from, int to) {
        this.bytes = bytes;
        this.at = from;
        this.to = to;
    }

    int number() {
        need(4);
        at += 4;
        return PrimitiveCodec.getInt(bytes, at - 4);
    }

    byte one() {
        need(1);
        return bytes[at++];
    }

    byte[] bytes(int length) {
        need(length);
        at += length;
        return Arrays.copyOfRange(bytes, at - length, at);
    }

    String text() {
        return text(number());
    }

    @Nullable
    String textOrNull() {
        int length = number();
        return length == NO_TEXT ? null : text(length);
    }

    private String text(int length) {
        need(length);
        at += length;
        return new String(bytes, at - length, length, UTF_8);
    }

    private void need(int length) {
        if (length < 0 || length > to - at) {
            throw new UntransportableException(
                    "damaged payload: " + length + " bytes are announced, " + (to - at) + " are left", null);
        }
    }
}
