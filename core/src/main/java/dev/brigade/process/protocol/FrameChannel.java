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
 * One end of a private channel: frames out from any thread, frames in on the thread of its selector.
 *
 * <p>Design note: the socket is non-blocking, so that {@link #flush} may be called by threads that run user code: it never waits
 * for the other end, and an interrupt cannot close the socket (only blocking calls of an NIO channel do that). Whoever flushes
 * first writes for all ({@code flushes} counts the requests; the thread that raised it from 0 is the writer until it is back at
 * 0). What the socket does not take now is written by the selector's thread when it becomes writable.
 */
public final class FrameChannel implements Closeable {
    /** A heap buffer is copied to direct memory by the JDK, all of it at once: hence slices. */
    private static final int SLICE_BYTES = 128 * 1024;

    /** How many buffers are read at once from one link before the others have their turn. */
    private static final int MAX_READS = 16;

    private static final long HEAP_BYTES = Runtime.getRuntime().maxMemory();

    private final SocketChannel channel;
    private final SelectionKey key;
    private final WriteQueue outbound;

    /** Requests to write; see the design note. */
    private final AtomicInteger flushes = new AtomicInteger();

    /** A writer has been thrown out of its loop, and left {@code flushes} raised. One way: false to true. */
    private volatile boolean brokenOff;

    /** What is being written; belongs to the writer. */
    private @Nullable ByteBuffer writing;

    /** How many bytes the socket has taken, and whether it takes more: a failed write or the close ends that. */
    private final WriteProgress written = new WriteProgress();

    /** Why nothing more can be written, when that is not the other end's doing. */
    private volatile @Nullable Throwable failure;

    // The fields below belong to the selector's thread.
    private final ByteBuffer in;
    private @Nullable Frame arriving;
    private int arrivedBytes;

    /** How many bytes of the arriving frame are dropped, because there is no memory for them; 0 for none. */
    private int droppedBytes;

    private boolean mayDrop;
    private int maxBytes;

    /**
     * Takes over a connected, non-blocking channel and the key it is registered with. What a full socket asks for is done once: the
     * first time, the JDK links it, which takes more stack than user code that prints may have left.
     */
    public FrameChannel(SocketChannel channel, SelectionKey key, int maxBytes) {
        this(channel, key, maxBytes, SLICE_BYTES, WriteQueue.BATCH_BYTES);
    }

    /** With buffers of these sizes: a stress test has ten thousand channels at once. */
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
     * Changes the cap on incoming payloads. From now on, one that there is no memory for is dropped, and its frame tells of it; on
     * the selector's thread.
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
            // Where the stack has ended, no method may be called: half a frame may be out, and the next to flush sees
            // to that.
            brokenOff |= !done;
        }
    }

    /**
     * Ends the connection, since a frame is lost here: the reader sees the end of the stream, and {@link #failure} says why.
     *
     * @param why what happened
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
            // The other end is gone; the reader notices its end and says why, and here nobody can do anything about it.
            written.breakOff();
        } catch (RuntimeException | Error e) {
            // The end of direct memory, most likely; half a frame may be out, so nothing can follow.
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

    /** Why nothing more can be written, when that is not the other end's doing; else null. */
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

    /** Returns whether the socket took the whole slice. */
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

    /** Waits until the socket has taken everything up to the mark, as {@link WriteProgress#await}. Not for the selector's thread. */
    public boolean awaitWritten(long mark) {
        return written.await(mark);
    }

    /** Waits until no more than so many bytes are queued and not written; an interrupt is kept for whoever comes to it. */
    public void awaitUnwritten(long bytes) {
        if (awaitWritten(outbound.appendedBytes() - bytes)) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Reads what has arrived; on the selector's thread.
     *
     * @param sink gets the frames, in order
     * @return false at the end of the stream
     * @throws ProtocolException when it is not the protocol
     * @throws IOException when the connection is broken
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
     * Reads to the end: for a worker that is dead, so that all it has written is here.
     *
     * @param sink gets the frames, in order
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
                // The header is read: what follows would be taken for the next one.
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
            // There is nothing left to do with it.
        }
    }
}
