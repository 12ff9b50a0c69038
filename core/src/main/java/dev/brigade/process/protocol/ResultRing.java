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
 * A ring of bytes for small results from a worker to its parent, in a file that both have mapped. Publishing a result costs no system call,
 * and the result outlives the worker. A result that is large, or must follow printed output, takes the socket. A mark in the ring then
 * keeps its position, so the ring alone has the order of results.
 *
 * <p>Design note: the worker's body thread writes, through {@link Writer}; the parent's event loop reads, through {@link Reader}. Each side
 * owns one count of bytes, published or taken, which only grows and wraps. The bytes between the two counts belong to the reader, the
 * others to the writer. A count is stored after the bytes that it covers, with a fence between. {@code VarHandle} access modes are not
 * used: loading their classes is a good part of a worker's start. With {@code asleep} the parent asks for the doorbell, a frame on the
 * socket. Each side stores its own word, issues a full fence, and then reads the other's word. So at least one of them sees the other's.
 *
 * <pre>
 * file:    published | taken | asleep | data, {@value #CAPACITY} bytes          each word in a cache line of its own
 * record:  id, length, nanos, kind, 0, then the payload, padded to 8 bytes       length {@value #ELSEWHERE}: the result takes the socket
 * </pre>
 */
public final class ResultRing {
    static final int CAPACITY = 64 * 1024;

    /** Largest payload that takes the ring. */
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

        /** Maps the file that the parent has created. */
        public static Writer open(Path file) throws IOException {
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                return new Writer(map(channel));
            }
        }

        /** Publishes a result of at most {@link #MAX_PAYLOAD_BYTES}; returns false, and does nothing, while there is no room. */
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

        /** Keeps the position of a result that is sent by the socket afterwards; returns false while there is no room. */
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
            VarHandle.acquireFence(); // the reader has read these bytes before they are overwritten
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

        /** Returns true if the parent waits for the doorbell. Each request is answered once; the caller then sends the frame. */
        public boolean mustRing() {
            VarHandle.fullFence(); // the parent sees the result, or this thread sees its request
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

        /** True if nothing may be taken before the socket has brought something. */
        private boolean held;

        /** The content cannot be read. One way: false to true. */
        private boolean invalid;

        Reader(Path file, ByteBuffer page) {
            this.file = file;
            this.page = page;
        }

        /**
         * Creates the ring in an empty file, in its full length, so that a full disk fails here. In mapped memory it would end the process
         * that touches the page.
         *
         * @param file the file's name, for the worker
         * @param channel the file; the caller closes it
         */
        public static Reader create(Path file, FileChannel channel) throws IOException {
            ByteBuffer zeros = ByteBuffer.allocate(FILE_BYTES);
            while (zeros.hasRemaining()) {
                channel.write(zeros);
            }
            return new Reader(file, map(channel));
        }

        /** Returns the position up to which results are published now. Results that are published later lie behind it. */
        public int published() {
            int now = held ? taken : page.getInt(PUBLISHED_AT);
            VarHandle.acquireFence();
            return now;
        }

        /**
         * Returns the next result without taking it.
         *
         * @param until the value that {@link #published} returned
         * @return a frame as the socket would have brought it; null if there is none, or the socket has to bring something first
         * @throws ProtocolException if these are no records, so that the worker's memory is not to be trusted
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
            byte[] bytes = length == 0 ? Frame.NO_BYTES : new byte[length];
            int at = taken + HEADER_BYTES & MASK;
            int first = Math.min(length, CAPACITY - at);
            page.get(DATA_AT + at, bytes, 0, first);
            page.get(DATA_AT, bytes, first, length - first);
            int id = page.getInt(indexOf(taken));
            long nanos = page.getLong(indexOf(taken + NANOS_AT));
            byte kind = (byte) page.getLong(indexOf(taken + KIND_AT));
            return new Frame(Frame.RESULT, id, 0, 0, kind, nanos, bytes);
        }

        /** Takes the result that {@link #peek} returned. */
        public void remove(Frame result) {
            release(recordBytes(result.bytes().length));
        }

        /** Lets nothing more be taken until {@link #release()}, because the socket has to bring something first. */
        public void hold() {
            held = true;
        }

        /** Lets results be taken again: the socket has brought something. */
        public void release() {
            held = invalid;
        }

        /** Lets nothing be taken any more, and does not touch the memory again. */
        public void invalidate() {
            held = true;
            invalid = true;
        }

        private void release(int size) {
            taken += size;
            VarHandle.releaseFence();
            page.putInt(TAKEN_AT, taken);
        }

        /** Removes the mark of a result that the socket has brought. */
        public void passed(int id) {
            boolean marked = !invalid
                    && page.getInt(PUBLISHED_AT) != taken
                    && page.getInt(indexOf(taken + LENGTH_AT)) == ELSEWHERE
                    && page.getInt(indexOf(taken)) == id;
            if (marked) {
                release(HEADER_BYTES);
            }
        }

        /** Asks for the doorbell; returns false if something was published before the worker could see that. */
        public boolean armDoorbell() {
            if (invalid) {
                return true;
            }
            page.putInt(ASLEEP_AT, 1);
            VarHandle.fullFence();
            return isEmpty();
        }

        /** Withdraws the request for the doorbell. */
        public void disarmDoorbell() {
            if (!invalid) {
                page.putInt(ASLEEP_AT, 0);
            }
        }

        /** Returns true if nothing can be taken now. */
        public boolean isEmpty() {
            return held || page.getInt(PUBLISHED_AT) == taken;
        }
    }
}
