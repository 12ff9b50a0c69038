package dev.brigade.benchmarks;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** Numbers and arrays through a blocking socket, arrays in slices by one direct buffer. */
final class RawChannel {
    static final int SLICE_BYTES = 128 << 10;

    /** The order to end: neither a number of bytes to make (at least 0) nor one to read (as its negative). */
    static final long END = Long.MIN_VALUE;

    private final SocketChannel channel;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(SLICE_BYTES);

    RawChannel(SocketChannel channel) {
        this.channel = channel;
    }

    void writeLong(long value) throws IOException {
        buffer.clear().putLong(value).flip();
        writeBuffer();
    }

    long readLong() throws IOException {
        buffer.clear().limit(Long.BYTES);
        while (buffer.hasRemaining()) {
            readBuffer();
        }
        return buffer.getLong(0);
    }

    void write(byte[] data) throws IOException {
        for (int at = 0; at < data.length; at += SLICE_BYTES) {
            buffer.clear()
                    .put(data, at, Math.min(SLICE_BYTES, data.length - at))
                    .flip();
            writeBuffer();
        }
    }

    void read(byte[] data) throws IOException {
        int at = 0;
        while (at < data.length) {
            buffer.clear().limit(Math.min(SLICE_BYTES, data.length - at));
            readBuffer();
            int count = buffer.flip().remaining();
            buffer.get(data, at, count);
            at += count;
        }
    }

    private void writeBuffer() throws IOException {
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
    }

    private void readBuffer() throws IOException {
        if (channel.read(buffer) < 0) {
            throw new EOFException("the other end has closed");
        }
    }
}
