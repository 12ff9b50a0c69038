package dev.brigade.transport;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Gathers bytes up to a limit, without the lock of {@link java.io.ByteArrayOutputStream}. Not thread-safe. */
final class BoundedByteOutput extends OutputStream {
    private final int limitBytes;
    private byte[] buffer = new byte[512];
    private int count;

    BoundedByteOutput(int limitBytes) {
        this.limitBytes = limitBytes;
    }

    @Override
    public void write(int b) throws IOException {
        reserve(1);
        buffer[count++] = (byte) b;
    }

    @Override
    public void write(byte[] source, int offset, int length) throws IOException {
        reserve(length);
        System.arraycopy(source, offset, buffer, count, length);
        count += length;
    }

    void writeInt(int value) throws IOException {
        reserve(4);
        PrimitiveCodec.putInt(buffer, count, value);
        count += 4;
    }

    /** Writes a text, or null, for {@link ByteReader#textOrNull}. */
    void writeText(@Nullable String text) throws IOException {
        if (text == null) {
            writeInt(ByteReader.NO_TEXT);
            return;
        }
        byte[] encoded = text.getBytes(UTF_8);
        writeInt(encoded.length);
        write(encoded, 0, encoded.length);
    }

    private void reserve(int more) throws IOException {
        if (more <= buffer.length - count) {
            return;
        }
        long needed = (long) count + more;
        if (needed > limitBytes) {
            throw new FullException(limitBytes);
        }
        buffer = Arrays.copyOf(buffer, (int) Math.min(limitBytes, Math.max(needed, 2L * buffer.length)));
    }

    byte[] toBytes() {
        return count == buffer.length ? buffer : Arrays.copyOf(buffer, count);
    }

    /** Thrown when more bytes are written than the limit. */
    static final class FullException extends IOException {
        private static final long serialVersionUID = 1L;

        FullException(int limitBytes) {
            super("its encoded form takes more than " + limitBytes + " bytes");
        }
    }
}
