package dev.brigade.process.worker;

import dev.brigade.process.os.Utf8;
import dev.brigade.process.protocol.Frame;
import dev.brigade.process.protocol.FrameChannel;
import java.io.OutputStream;
import java.util.Arrays;

/**
 * What tasks print, as frames: a line each, tagged with the item that its thread works for.
 *
 * <p>Design note: {@code this} guards the buffer; several of a task's threads may print. A task that prints faster than the
 * parent reads is made to wait, on its own thread. All that happens here and in the {@link FrameChannel} happens on the stack of the user's
 * code, which may be near its end; half-way there, an overflow would leave half a frame, or a writer that never ends. So it is
 * provoked at the entry, where it leaves nothing.
 */
final class TaskOutputStream extends OutputStream {
    /** A longer line is sent in pieces of this size. */
    static final int MAX_LINE_BYTES = 64 * 1024;

    private static final int MAX_UNWRITTEN_BYTES = 1024 * 1024;
    /** How many calls must be possible: 7 KiB of stack where they are compiled well, thrice that where not. */
    private static final int SPARE_CALLS = 128;

    private final int stream;
    private final FrameChannel channel;
    private final ThreadOrigin origin;
    private byte[] line = new byte[256];
    private int length;
    private boolean printed;

    /** Whose the line is that has begun, and whether that is known. */
    private int lineItem;

    private boolean lineIsSure;

    /** Whether something was not written since the last end, for want of stack. */
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
        boolean sent = isBegun(origin.item());
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

    /** Whoever writes now goes on with his own line, or begins one; returns whether somebody else's was sent for that. */
    private boolean isBegun(int item) {
        boolean others = length > 0 && lineItem != item;
        if (others) {
            sendLine();
        }
        lineItem = item;
        lineIsSure = origin.isSure();
        return others;
    }

    /** Many numbers, needed after the call, so that each call takes its stack however well it is compiled. */
    private static long useStack(int calls, long a, long b, long c, long d, long e) {
        return calls == 0 ? a : useStack(calls - 1, b + 1, c + 1, d + 1, e + 1, a + calls) + (a ^ b) - (c ^ d) + e;
    }

    /** Whether the stream above this may still have what was refused. */
    synchronized boolean hasRefused() {
        return refused;
    }

    /** A body has ended: what it printed without an end of line is a line too. Returns whether it has printed anything. */
    synchronized boolean end() {
        if (length > 0) {
            sendLine();
        }
        boolean any = printed;
        printed = false;
        refused = false;
        return any;
    }

    /** The JVM ends: what was printed without an end of line is sent, as far as the socket takes it. */
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

    /** Sends what is whole of a line that is too long: half a character waits for its other half. */
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
        channel.append(new Frame(Frame.OUTPUT, lineItem, probable, stream, (byte) 0, 0, text));
        length = 0;
        printed = true;
    }
}
