package dev.brigade.process.worker;

import dev.brigade.process.os.Utf8;
import dev.brigade.process.protocol.Frame;
import dev.brigade.process.protocol.FrameChannel;
import java.io.OutputStream;
import java.util.Arrays;

/**
 * Sends the output of tasks as frames, one for each line, with the number of the attempt that the printing thread works for.
 *
 * <p>Design note: {@code this} guards the buffer, because several threads of a task may print. A task that prints faster than the parent
 * reads has to wait, on its own thread. This class and {@link FrameChannel} run on the stack of user code, which may be near its end. An
 * overflow halfway would leave half a frame, or a writer that never ends. So {@code write} provokes the overflow at its beginning, where it
 * leaves nothing half done.
 */
final class TaskOutputStream extends OutputStream {
    /** A longer line is sent in pieces of this size. */
    static final int MAX_LINE_BYTES = 64 * 1024;

    private static final int MAX_UNWRITTEN_BYTES = 1024 * 1024;
    /** Number of nested calls that must be possible: 7 KiB of stack if they are compiled well, three times that if not. */
    private static final int SPARE_CALLS = 128;

    private final int stream;
    private final FrameChannel channel;
    private final ThreadOrigin origin;
    private byte[] line = new byte[256];
    private int length;
    private boolean printed;

    /** The attempt that the begun line belongs to; certain if {@code lineIsSure}, else probable. */
    private int lineAttempt;

    private boolean lineIsSure;

    /** True if something was not written since the last end, for lack of stack. */
    private boolean refused;

    TaskOutputStream(int stream, FrameChannel channel, ThreadOrigin origin) {
        this.stream = stream;
        this.channel = channel;
        this.origin = origin;
    }

    @Override
    public synchronized void write(int b) {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    @SuppressWarnings("ReturnValueIgnored") // what it may throw is the point
    public synchronized void write(byte[] bytes, int offset, int count) {
        boolean before = refused;
        refused = true;
        useStack(SPARE_CALLS, count, offset, length, 0, 0);
        refused = before;
        int end = offset + count;
        boolean sent = goOnFor(origin.attempt());
        for (int i = offset; i < end; i++) {
            if (bytes[i] == '\n') {
                sendLine();
                sent = true;
            } else {
                sent |= add(bytes[i]);
            }
        }
        if (sent) {
            channel.flush();
            channel.awaitUnwritten(MAX_UNWRITTEN_BYTES);
        }
    }

    /** Goes on with the line of {@code attempt}, or begins one; returns true if another attempt's line was sent first. */
    private boolean goOnFor(int attempt) {
        boolean others = length > 0 && lineAttempt != attempt;
        if (others) {
            sendLine();
        }
        lineAttempt = attempt;
        lineIsSure = origin.isSure();
        return others;
    }

    /** Takes stack. The many numbers are needed after the call, so that each call takes its stack however well it is compiled. */
    private static long useStack(int calls, long a, long b, long c, long d, long e) {
        return calls == 0 ? a : useStack(calls - 1, b + 1, c + 1, d + 1, e + 1, a + calls) + (a ^ b) - (c ^ d) + e;
    }

    /** Returns true if the stream above this one may still hold text that was refused. */
    synchronized boolean hasRefused() {
        return refused;
    }

    /** Ends a body's output: text without an end of line becomes a line too. Returns true if the body has printed anything. */
    synchronized boolean end() {
        if (length > 0) {
            sendLine();
        }
        boolean any = printed;
        printed = false;
        refused = false;
        return any;
    }

    /** Sends text without an end of line, as far as the socket takes it, because the JVM ends. */
    synchronized void endLast() {
        if (length > 0) {
            sendLine();
            channel.flush();
        }
    }

    private boolean add(byte b) {
        boolean full = length == MAX_LINE_BYTES;
        if (full) {
            sendPiece();
        }
        if (length == line.length) {
            line = Arrays.copyOf(line, Math.min(2 * length, MAX_LINE_BYTES));
        }
        line[length++] = b;
        return full;
    }

    /** Sends the complete characters of a line that is too long; an incomplete one waits for its other bytes. */
    private void sendPiece() {
        int half = Utf8.incompleteBytes(line, length);
        byte[] rest = Arrays.copyOfRange(line, length - half, length);
        length -= half;
        sendLine();
        System.arraycopy(rest, 0, line, 0, half);
        length = half;
    }

    private void sendLine() {
        int end = length > 0 && line[length - 1] == '\r' ? length - 1 : length;
        int probable = lineIsSure ? 0 : Frame.PROBABLE;
        byte[] text = Arrays.copyOf(line, end);
        channel.append(new Frame(Frame.OUTPUT, lineAttempt, probable, stream, (byte) 0, 0, text));
        length = 0;
        printed = true;
    }
}
