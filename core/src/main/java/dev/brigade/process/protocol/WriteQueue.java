package dev.brigade.process.protocol;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * The frames that wait to be written to a connection, in order; small ones are gathered in one buffer.
 *
 * <p>Design note: {@link #append} only copies or keeps a reference, so a thread may call it while it holds another lock. Its own lock
 * ({@code this}) guards all fields and is never held during I/O. A buffer that {@link #poll} returns belongs to the caller.
 */
final class WriteQueue {
    /** Payloads up to this size are copied next to their header; a larger one is kept by reference. */
    private static final int SMALL_BYTES = 8 * 1024;

    /** Size of a buffer for small frames. */
    static final int BATCH_BYTES = 32 * 1024;

    private static final int MAX_SPARES = 4;

    private final ArrayDeque<ByteBuffer> queue = new ArrayDeque<>();

    /** The last element of the queue while small frames may be added to it; else null. */
    private @Nullable ByteBuffer open;

    /** Buffers for small frames, to be used again. */
    private final ArrayDeque<ByteBuffer> spares = new ArrayDeque<>(MAX_SPARES);

    private final int batchBytes;
    private long appendedBytes;

    WriteQueue(int batchBytes) {
        this.batchBytes = batchBytes;
    }

    /**
     * Adds a frame.
     *
     * @return the number of bytes that have been added since the beginning, this frame included
     */
    synchronized long append(Frame frame) {
        byte[] bytes = frame.bytes();
        boolean small = bytes.length <= SMALL_BYTES;
        ByteBuffer batch = batchFor(Frame.HEADER_BYTES + (small ? bytes.length : 0));
        frame.putHeader(batch);
        if (small) {
            batch.put(bytes);
        } else {
            open = null;
            queue.add(ByteBuffer.wrap(bytes));
        }
        appendedBytes += Frame.HEADER_BYTES + (long) bytes.length;
        return appendedBytes;
    }

    /** Returns the next buffer, ready to be read; null if there is none. */
    synchronized @Nullable ByteBuffer poll() {
        ByteBuffer next = queue.poll();
        if (next == null) {
            return null;
        }
        if (isSame(next, open)) {
            open = null;
        }
        // Until now, small frames were being written into the buffer. A wrapped payload is at position 0 and ready.
        return isBatch(next) ? next.flip() : next;
    }

    /** Takes back a buffer that {@link #poll} returned, to be used again. */
    synchronized void recycle(ByteBuffer used) {
        if (isBatch(used) && spares.size() < MAX_SPARES) {
            spares.add(used.clear());
        }
    }

    synchronized long appendedBytes() {
        return appendedBytes;
    }

    @SuppressWarnings("ReferenceEquality") // buffers with the same bytes are not the same buffer
    private static boolean isSame(ByteBuffer one, @Nullable ByteBuffer other) {
        return one == other;
    }

    /** Returns true for a buffer of small frames: only those are direct. A wrapped payload is the codec's array. */
    private static boolean isBatch(ByteBuffer buffer) {
        return buffer.isDirect();
    }

    private ByteBuffer batchFor(int bytes) {
        ByteBuffer batch = open;
        if (batch != null && batch.remaining() >= bytes) {
            return batch;
        }
        batch = spares.poll();
        if (batch == null) {
            batch = ByteBuffer.allocateDirect(batchBytes);
        }
        queue.add(batch);
        open = batch;
        return batch;
    }
}
