package dev.brigade.process.protocol;

import java.io.IOException;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * How small results come from a worker to its parent: a ring of bytes in a file that both have mapped, so that publishing one costs
 * no system call and outlives the worker's death. What is large, or must come after something printed, takes the socket; a mark in
 * the ring then keeps its place, so that the ring alone has the order of results.
 *
 * <p>Design note: one thread writes (the worker's body thread, through {@link Writer}), one reads (the parent's channel thread,
 * through {@link Reader}). Each side owns one count of bytes, published and taken, that only grows and wraps; what lies between them
 * belongs to the reader, the rest to the writer. A count is stored after what it covers, with a fence between (not by
 * {@code VarHandle} access modes: loading what they need is a good part of a worker's start). {@code asleep} is the parent's wish to
 * be rung on the socket; each side stores its own word, fences, then looks at the other's, so that one of them sees the other.
 *
 * <pre>
 * file:    published | taken | asleep | data, {@value #CAPACITY} bytes          each word in a cache line of its own
 * record:  id, length, nanos, kind, 0, then the payload, padded to 8 bytes       length {@value #ELSEWHERE}: it comes by the socket
 * </pre>
 */
public final class ResultRing {
    static final int CAPACITY = 64 * 1024;

    /** What is larger takes the socket. */
    public static final int MAX_PAYLOAD_BYTES = 4 * 1024;

    private static final int LINE = 64;
    private static final int PUBLISHED_AT = 0;
    private static final int TAKEN_AT = LINE;
    private static final int ASLEEP_AT = 2 * LINE;
    private static final int DATA_AT = 3 * LINE;
    static final int FILE_BYTES = DATA_AT + CAPACITY;
    private static final int MASK = CAPACITY - 1;

    private static final int LENGTH_AT = 4;
    private static final int NANOS_AT = 8;
    private static final int KIND_AT = 16;
    static final int HEADER_BYTES = 24;
    private static final int ELSEWHERE = -1;

    private ResultRing() {}

    private static int recordBytes(int payloadBytes) {
        return HEADER_BYTES + (payloadBytes + 7 & ~7);
    }

    private static int indexOf(int position) {
        return DATA_AT + (position & MASK);
    }

    private static ByteBuffer map(FileChannel channel) throws IOException {
        MappedByteBuffer page = channel.map(MapMode.READ_WRITE, 0, FILE_BYTES);
        return page.order(ByteOrder.nativeOrder());
    }

    /** The worker's end. Body thread only. */
    public static final class Writer {
        private final ByteBuffer page;
        private int published;

        Writer(ByteBuffer page) {
            this.page = page;
        }

        /** Maps the file that the parent has made. */
        public static Writer open(Path file) throws IOException {
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                return new Writer(map(channel));
            }
        }

        /** Publishes a result of at most {@link #MAX_PAYLOAD_BYTES}; false, and nothing is done, while there is no room. */
        public boolean offer(int id, byte kind, long nanos, byte[] bytes) {
            int size = recordBytes(bytes.length);
            if (!hasRoom(size)) {
                return false;
            }
            putHeader(id, bytes.length, kind, nanos);
            int at = published + HEADER_BYTES & MASK;
            int first = Math.min(bytes.length, CAPACITY - at);
            page.put(DATA_AT + at, bytes, 0, first);
            page.put(DATA_AT, bytes, first, bytes.length - first);
            publish(size);
            return true;
        }

        /** Keeps the place of a result that goes by the socket, after this; false while there is no room. */
        public boolean mark(int id) {
            if (!hasRoom(HEADER_BYTES)) {
                return false;
            }
            putHeader(id, ELSEWHERE, (byte) 0, 0);
            publish(HEADER_BYTES);
            return true;
        }

        private boolean hasRoom(int size) {
            boolean room = published - page.getInt(TAKEN_AT) + size <= CAPACITY;
            VarHandle.acquireFence(); // what was taken has been read before it is overwritten
            return room;
        }

        private void putHeader(int id, int length, byte kind, long nanos) {
            page.putInt(indexOf(published), id);
            page.putInt(indexOf(published + LENGTH_AT), length);
            page.putLong(indexOf(published + NANOS_AT), nanos);
            page.putLong(indexOf(published + KIND_AT), kind);
        }

        private void publish(int size) {
            published += size;
            VarHandle.releaseFence();
            page.putInt(PUBLISHED_AT, published);
        }

        /** Whether the parent waits for the bell; it is asked for once, and the caller then rings. */
        public boolean mustRing() {
            VarHandle.fullFence(); // what was published can be seen, or the parent's wish is seen here
            if (page.getInt(ASLEEP_AT) == 0) {
                return false;
            }
            page.putInt(ASLEEP_AT, 0);
            return true;
        }
    }

    /** The parent's end. One thread at a time. */
    public static final class Reader {
        public final Path file;
        private final ByteBuffer page;
        private int taken;

        /** Nothing is taken before the socket has brought something. */
        private boolean held;

        /** What it holds cannot be read. One way: false to true. */
        private boolean invalid;

        Reader(Path file, ByteBuffer page) {
            this.file = file;
            this.page = page;
        }

        /**
         * Makes the ring in an empty file, all of it, so that a full disk is told here: in mapped memory it would end whoever
         * touches it.
         *
         * @param file the file's name, for the worker
         * @param channel the file; the caller's, who closes it
         */
        public static Reader create(Path file, FileChannel channel) throws IOException {
            ByteBuffer zeros = ByteBuffer.allocate(FILE_BYTES);
            while (zeros.hasRemaining()) {
                channel.write(zeros);
            }
            return new Reader(file, map(channel));
        }

        /** Up to where there are results now; what is published later lies behind that. */
        public int published() {
            int now = held ? taken : page.getInt(PUBLISHED_AT);
            VarHandle.acquireFence();
            return now;
        }

        /**
         * Looks at the next result, and leaves it.
         *
         * @param until what {@link #published} returned
         * @return a frame as the socket would have brought it; null when there is none, or it is for the socket to bring more first
         * @throws ProtocolException when these are not records: the worker's memory is not to be trusted
         */
        @Nullable
        public Frame peek(int until) throws ProtocolException {
            if (held || taken == until) {
                return null;
            }
            int available = available();
            int length = page.getInt(indexOf(taken + LENGTH_AT));
            if (length == ELSEWHERE) {
                held = true;
                return null;
            }
            if (length < 0 || length > MAX_PAYLOAD_BYTES || recordBytes(length) > available) {
                throw new ProtocolException("result of " + length + " bytes in the ring, where " + available
                        + " bytes are; the limit is " + MAX_PAYLOAD_BYTES + " bytes");
            }
            return frame(length);
        }

        private int available() throws ProtocolException {
            int available = page.getInt(PUBLISHED_AT) - taken;
            if (available < HEADER_BYTES || available > CAPACITY) {
                throw new ProtocolException("the ring of results holds " + available + " bytes; a record takes "
                        + HEADER_BYTES + " bytes, the ring " + CAPACITY);
            }
            return available;
        }

        private Frame frame(int length) {
            byte[] bytes = length == 0 ? Frame.NOTHING : new byte[length];
            int at = taken + HEADER_BYTES & MASK;
            int first = Math.min(length, CAPACITY - at);
            page.get(DATA_AT + at, bytes, 0, first);
            page.get(DATA_AT, bytes, first, length - first);
            int id = page.getInt(indexOf(taken));
            long nanos = page.getLong(indexOf(taken + NANOS_AT));
            byte kind = (byte) page.getLong(indexOf(taken + KIND_AT));
            return new Frame(Frame.RESULT, id, 0, 0, kind, nanos, bytes);
        }

        /** Takes what {@link #peek} has returned. */
        public void remove(Frame result) {
            release(recordBytes(result.bytes().length));
        }

        /** Takes nothing more until {@link #release()}: what the socket brings comes first. */
        public void hold() {
            held = true;
        }

        /** The socket has brought something. */
        public void release() {
            held = invalid;
        }

        /** Nothing is taken any more, and nothing touched. */
        public void invalidate() {
            held = true;
            invalid = true;
        }

        private void release(int size) {
            taken += size;
            VarHandle.releaseFence();
            page.putInt(TAKEN_AT, taken);
        }

        /** The socket has brought that item's result: the mark that kept its place goes. */
        public void passed(int id) {
            boolean marked = !invalid
                    && page.getInt(PUBLISHED_AT) != taken
                    && page.getInt(indexOf(taken + LENGTH_AT)) == ELSEWHERE
                    && page.getInt(indexOf(taken)) == id;
            if (marked) {
                release(HEADER_BYTES);
            }
        }

        /** Asks to be rung; false when something has been published before that could be seen. */
        public boolean armDoorbell() {
            if (invalid) {
                return true;
            }
            page.putInt(ASLEEP_AT, 1);
            VarHandle.fullFence();
            return isEmpty();
        }

        /** Need not be rung. */
        public void disarmDoorbell() {
            if (!invalid) {
                page.putInt(ASLEEP_AT, 0);
            }
        }

        /** Whether there is nothing to be taken now. */
        public boolean isEmpty() {
            return held || page.getInt(PUBLISHED_AT) == taken;
        }
    }
}
