package dev.brigade.process.protocol;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One end of the connection between the parent and a worker. Any thread sends frames; the selector's thread receives them.
 *
 * <p>Design note: the socket is non-blocking, so threads that run user code may call {@link #flush}. It never waits for the other end, and
 * an interrupt cannot close the socket: only blocking calls of an NIO channel do that. Threads of a worker that must not go on before their
 * frames are written wait for it by {@link #awaitWritten} and {@link #awaitUnwritten}; the parent calls neither. One thread at a time writes, for all threads.
 * {@code flushes} counts the requests; the thread that raised it from 0 writes until it is 0 again. The selector's thread writes the rest
 * when the socket becomes writable.
 */
public final class FrameChannel implements Closeable {
    /** Most bytes of one write: the JDK copies a heap buffer to direct memory, all of it at once. Also the size of the read buffer. */
    private static final int SLICE_BYTES = 128 * 1024;

    /** Number of buffers that are read at once from one connection before the other connections have their turn. */
    private static final int MAX_READS = 16;

    private static final long HEAP_BYTES = Runtime.getRuntime().maxMemory();

    private final SocketChannel channel;
    private final SelectionKey key;
    private final WriteQueue outbound;

    /** Requests to write; see the design note. */
    private final AtomicInteger flushes = new AtomicInteger();

    /** A writer has been thrown out of its loop, and left {@code flushes} raised. One way: false to true. */
    private volatile boolean brokenOff;

    /** Buffer that is being written; belongs to the writer. */
    private @Nullable ByteBuffer writing;

    /** Number of bytes that the socket has taken. A failed write or the close breaks it off. */
    private final WriteProgress written = new WriteProgress();

    /** Reason that nothing more can be written, if the other end did not cause it; else null. */
    private volatile @Nullable Throwable failure;

    // The fields below belong to the selector's thread.
    private final ByteBuffer in;
    private @Nullable Frame arriving;
    private int arrivedBytes;

    /** Number of payload bytes of the arriving frame that are dropped, because there is no memory for them; 0 for none. */
    private int droppedBytes;

    private boolean mayDrop;
    private int maxBytes;

    /**
     * Takes over a connected, non-blocking channel and the key that it is registered with. Sets and clears the interest in writing once:
     * the JDK links that code at its first call. Linking takes more stack than user code that prints may have left.
     */
    public FrameChannel(SocketChannel channel, SelectionKey key, int maxBytes) {
        this(channel, key, maxBytes, SLICE_BYTES, WriteQueue.BATCH_BYTES);
    }

    /** Makes an end with buffers of these sizes: a stress test has ten thousand channels at once. */
    FrameChannel(SocketChannel channel, SelectionKey key, int maxBytes, int readBytes, int batchBytes) {
        in = ByteBuffer.allocateDirect(readBytes);
        outbound = new WriteQueue(batchBytes);
        this.channel = channel;
        this.key = key;
        this.maxBytes = maxBytes;
        wantWrite(true);
        wantWrite(false);
    }

    /**
     * Changes the limit on incoming payloads. From now on a payload that there is no memory for is dropped, and its frame says so.
     * Selector's thread only.
     */
    public void accept(int newMaxBytes) {
        maxBytes = newMaxBytes;
        mayDrop = true;
    }

    /**
     * Queues a frame; {@link #flush} sends it. Any thread, never blocks.
     *
     * @return a mark for {@link #awaitWritten}
     */
    public long append(Frame frame) {
        return written.isBroken() ? 0 : outbound.append(frame);
    }

    /** Queues a frame and sends what is queued. Any thread, never blocks. */
    public long send(Frame frame) {
        long mark = append(frame);
        flush();
        return mark;
    }

    /** Writes what the socket takes. Any thread, never blocks. */
    public void flush() {
        if (brokenOff) {
            fail(new IllegalStateException("a write broke off, perhaps at the end of its thread's stack"));
            return;
        }
        if (flushes.getAndIncrement() != 0) {
            return;
        }
        int seen = 1;
        boolean done = false;
        try {
            do {
                write();
                seen = flushes.addAndGet(-seen);
            } while (seen != 0);
            done = true;
        } finally {
            // The stack may have ended here, so no method is called. Half a frame may be written; the next flush() ends
            // the connection.
            brokenOff |= !done;
        }
    }

    /**
     * Ends the connection, because a frame is lost here. The reader sees the end of the stream, and {@link #failure} returns the reason.
     *
     * @param why the reason
     */
    public void fail(Throwable why) {
        failure = channel.isOpen() ? why : null;
        written.breakOff();
        endReading();
    }

    private void write() {
        try {
            while (!written.isBroken() && next() != null) {
                if (!writeSlice()) {
                    wantWrite(true);
                    return;
                }
            }
            wantWrite(false);
        } catch (IOException e) {
            // The other end is gone. The reader sees the end of the stream too, and reports it; here nothing can be
            // done.
            written.breakOff();
        } catch (RuntimeException | Error e) {
            // Most likely the end of direct memory. Half a frame may be written, so nothing can follow.
            fail(e);
        }
    }

    /** Makes the selector's thread see the end of the stream. */
    private void endReading() {
        try {
            channel.shutdownInput();
        } catch (IOException e) {
            close();
        }
    }

    /** Returns the reason that nothing more can be written, if the other end did not cause it; else null. */
    @Nullable
    public Throwable failure() {
        return failure;
    }

    private @Nullable ByteBuffer next() {
        ByteBuffer current = writing;
        if (current != null && !current.hasRemaining()) {
            outbound.recycle(current);
            current = null;
        }
        writing = current == null ? outbound.poll() : current;
        return writing;
    }

    /** Returns true if the socket took the whole slice. */
    private boolean writeSlice() throws IOException {
        ByteBuffer current = writing;
        if (current == null) {
            return true;
        }
        int end = current.limit();
        current.limit(Math.min(end, current.position() + SLICE_BYTES));
        int bytes = channel.write(current);
        boolean all = !current.hasRemaining();
        current.limit(end);
        written.advance(bytes);
        return all;
    }

    private void wantWrite(boolean want) {
        if (!key.isValid()) {
            return;
        }
        if (want) {
            key.interestOpsOr(SelectionKey.OP_WRITE);
            key.selector().wakeup();
        } else if ((key.interestOps() & SelectionKey.OP_WRITE) != 0) {
            key.interestOpsAnd(~SelectionKey.OP_WRITE);
        }
    }

    /**
     * Waits until the socket has taken everything up to the mark, as {@link WriteProgress#await}. Must not be called on the selector's
     * thread.
     */
    public boolean awaitWritten(long mark) {
        return written.await(mark);
    }

    /** Waits until at most {@code bytes} are queued and unwritten. An interrupt does not end the wait; the flag is set again afterwards. */
    public void awaitUnwritten(long bytes) {
        if (awaitWritten(outbound.appendedBytes() - bytes)) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Reads what has arrived; on the selector's thread.
     *
     * @param sink receives the frames, in order
     * @return false at the end of the stream
     * @throws ProtocolException if these are no frames, or there is no memory for a payload that may not be dropped
     * @throws IOException if the connection is broken
     */
    public boolean read(Consumer<Frame> sink) throws IOException {
        for (int reads = 0; reads < MAX_READS; reads++) {
            int bytes = channel.read(in);
            if (bytes < 0) {
                return false;
            }
            boolean more = !in.hasRemaining();
            in.flip();
            parse(sink);
            in.compact();
            if (!more) {
                return true;
            }
        }
        return true;
    }

    /**
     * Reads everything that is left in the socket of a dead worker.
     *
     * @param sink receives the frames, in order
     */
    public void readRest(Consumer<Frame> sink) throws IOException {
        while (true) {
            int bytes = channel.read(in);
            if (bytes <= 0) {
                return;
            }
            in.flip();
            parse(sink);
            in.compact();
        }
    }

    private void parse(Consumer<Frame> sink) throws ProtocolException {
        while (true) {
            Frame frame = arriving;
            if (frame == null) {
                if (in.remaining() < Frame.HEADER_BYTES) {
                    return;
                }
                frame = readHeader();
                arrivedBytes = 0;
            }
            int expected = droppedBytes > 0 ? droppedBytes : frame.bytes().length;
            int bytes = Math.min(expected - arrivedBytes, in.remaining());
            take(frame, bytes);
            if (arrivedBytes < expected) {
                arriving = frame;
                return;
            }
            arriving = null;
            sink.accept(droppedBytes > 0 ? frame.withoutRoom(droppedBytes) : frame);
        }
    }

    private void take(Frame frame, int bytes) {
        if (droppedBytes > 0) {
            in.position(in.position() + bytes);
        } else {
            in.get(frame.bytes(), arrivedBytes, bytes);
        }
        arrivedBytes += bytes;
    }

    private Frame readHeader() throws ProtocolException {
        int at = in.position();
        droppedBytes = 0;
        try {
            return Frame.readHeader(in, maxBytes, mayDrop ? HEAP_BYTES : Long.MAX_VALUE);
        } catch (OutOfMemoryError e) {
            if (!mayDrop) {
                // The header has been read, so the payload would be taken for the next header.
                throw new ProtocolException("there is no memory here for what was sent", e);
            }
        }
        in.position(at);
        Frame frame = Frame.readHeaderAlone(in);
        droppedBytes = Frame.lengthAt(in, at);
        return frame;
    }

    public boolean isOpen() {
        return channel.isOpen();
    }

    /** Closes the socket. Idempotent, any thread. */
    @Override
    public void close() {
        written.breakOff();
        key.cancel();
        try {
            channel.close();
        } catch (IOException e) {
            // Nothing is left to be done with the channel.
        }
    }
}
