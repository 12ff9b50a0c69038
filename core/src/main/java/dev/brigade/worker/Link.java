package dev.brigade.worker;

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
final class Link implements Closeable {
    /** A heap buffer is copied to direct memory by the JDK, all of it at once: hence slices. */
    private static final int SLICE_BYTES = 128 * 1024;

    /** How many buffers are read at once from one link before the others have their turn. */
    private static final int MAX_READS = 16;

    private final SocketChannel channel;
    private final SelectionKey key;
    private final Outbound outbound = new Outbound();

    /** Requests to write; see the design note. */
    private final AtomicInteger flushes = new AtomicInteger();

    /** What is being written; belongs to the writer. */
    private @Nullable ByteBuffer writing;

    /** How many bytes the socket has taken; written by the writer, under {@code written} when somebody waits. */
    private volatile long writtenBytes;

    /** Guards the wait for {@code writtenBytes}. */
    private final Object written = new Object();

    /** Threads in {@link #awaitWritten}, guarded by {@code written}; read without it as a hint. */
    private volatile int waiting;

    /** A write failed, or the link was closed: nothing more goes out. One way: false to true. */
    private volatile boolean broken;

    // The fields below belong to the selector's thread.
    private final ByteBuffer in = ByteBuffer.allocateDirect(SLICE_BYTES);
    private @Nullable Frame arriving;
    private int arrivedBytes;
    private int maxBytes;

    /** Takes over a connected, non-blocking channel and the key it is registered with. */
    Link(SocketChannel channel, SelectionKey key, int maxBytes) {
        this.channel = channel;
        this.key = key;
        this.maxBytes = maxBytes;
    }

    /** Changes the cap on incoming payloads; on the selector's thread. */
    void accept(int newMaxBytes) {
        maxBytes = newMaxBytes;
    }

    /**
     * Queues a frame; {@link #flush} sends it. Any thread, never blocks.
     *
     * @return a mark for {@link #awaitWritten}
     */
    long append(Frame frame) {
        return broken ? 0 : outbound.append(frame);
    }

    /** Queues a frame and sends what is queued. Any thread, never blocks. */
    long send(Frame frame) {
        long mark = append(frame);
        flush();
        return mark;
    }

    /** Writes what the socket takes. Any thread, never blocks. */
    void flush() {
        if (flushes.getAndIncrement() != 0) {
            return;
        }
        int seen = 1;
        do {
            write();
            seen = flushes.addAndGet(-seen);
        } while (seen != 0);
    }

    private void write() {
        try {
            while (!broken && next() != null) {
                if (!writeSlice()) {
                    wantWrite(true);
                    return;
                }
            }
            wantWrite(false);
        } catch (IOException e) {
            // The other end is gone; the reader notices its end and says why, and here nobody can do anything about it.
            breakOff();
        }
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
        advance(bytes);
        return all;
    }

    private void advance(int bytes) {
        long total = writtenBytes + bytes;
        writtenBytes = total;
        if (waiting > 0) {
            synchronized (written) {
                written.notifyAll();
            }
        }
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

    private void breakOff() {
        synchronized (written) {
            broken = true;
            written.notifyAll();
        }
    }

    /**
     * Waits until the socket has taken everything up to the mark, or is broken. Not for the selector's thread. Interrupts do not
     * end the wait; they are forgotten, because they belong to a body that has ended.
     */
    @SuppressWarnings("NonAtomicOperationOnVolatileField") // waiting is only changed under the lock
    void awaitWritten(long mark) {
        if (writtenBytes >= mark || broken) {
            return;
        }
        synchronized (written) {
            waiting++;
            while (writtenBytes < mark && !broken) {
                waitQuietly();
            }
            waiting--;
        }
    }

    @SuppressWarnings("WaitNotInLoop") // the only caller loops
    private void waitQuietly() {
        try {
            // Bounded, because the writer looks at "waiting" without the lock.
            written.wait(10);
        } catch (InterruptedException forgotten) {
            // See awaitWritten.
        }
    }

    /** Waits until no more than so many bytes are queued and not written; as {@link #awaitWritten}. */
    void awaitUnwritten(long bytes) {
        awaitWritten(outbound.appendedBytes() - bytes);
    }

    /**
     * Reads what has arrived; on the selector's thread.
     *
     * @param sink gets the frames, in order
     * @return false at the end of the stream
     * @throws BrokenChannelException when it is not the protocol
     * @throws IOException when the connection is broken
     */
    boolean read(Consumer<Frame> sink) throws IOException {
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
    void readRest(Consumer<Frame> sink) throws IOException {
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

    private void parse(Consumer<Frame> sink) throws BrokenChannelException {
        while (true) {
            Frame frame = arriving;
            if (frame == null) {
                if (in.remaining() < Frame.HEADER_BYTES) {
                    return;
                }
                frame = Frame.readHeader(in, maxBytes);
                arrivedBytes = 0;
            }
            int bytes = Math.min(frame.bytes().length - arrivedBytes, in.remaining());
            in.get(frame.bytes(), arrivedBytes, bytes);
            arrivedBytes += bytes;
            if (arrivedBytes < frame.bytes().length) {
                arriving = frame;
                return;
            }
            arriving = null;
            sink.accept(frame);
        }
    }

    boolean isOpen() {
        return channel.isOpen();
    }

    /** Closes the socket. Idempotent, any thread. */
    @Override
    public void close() {
        breakOff();
        key.cancel();
        try {
            channel.close();
        } catch (IOException e) {
            // There is nothing left to do with it.
        }
    }
}
