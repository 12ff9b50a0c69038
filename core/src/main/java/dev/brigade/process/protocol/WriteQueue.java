package dev.brigade.process.protocol;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * The frames that wait to be written to a channel, in order; small ones are gathered into one buffer.
 *
 * <p>Design note: appending only copies or keeps a reference, so that it may be done while holding the pool's lock. Its own lock
 * ({@code this}) guards all fields and is never held during I/O. A buffer that {@link #poll} hands out belongs to the caller.
 */
final class WriteQueue {
    /** Payloads up to this size are copied next to their header; a larger one is kept by reference. */
    private static final int SMALL_BYTES = 8 * 1024;

    /** How many bytes of small frames are gathered in one buffer. */
    static final int BATCH_BYTES = 32 * 1024;

    private static final int MAX_SPARES = 4;

    private final ArrayDeque<ByteBuffer> queue = new ArrayDeque<>();

    /** The last element of the queue, while it has room for small frames. */
    private @Nullable ByteBuffer open;

    /** Batch buffers to use again. */
    private final ArrayDeque<ByteBuffer> spares = new ArrayDeque<>(MAX_SPARES);

    private final int batchBytes;
    private long appendedBytes;

    WriteQueue(int batchBytes) {
        this.batchBytes = batchBytes;
    }

    /**
     * Adds a frame.
     *
     * @return how many bytes have been added since the beginning, this frame included
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

    /** What comes next, ready to be read; null when there is nothing. */
    synchronized @Nullable ByteBuffer poll() {
        ByteBuffer next = queue.poll();
        if (next == null) {
            return null;
        }
        if (isSame(next, open)) {
            open = null;
        }
        // Batches are in writing mode until now; a wrapped payload stands at 0 and is ready.
        return isBatch(next) ? next.flip() : next;
    }

    /** Gives back what {@link #poll} handed out, to be used again. */
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

    /** Only batches are direct: what is wrapped is the codec's array. */
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
