package dev.brigade.process.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.brigade.transport.Codec;
import dev.brigade.transport.Payload;
import java.nio.ByteBuffer;

/**
 * One message on the channel between the parent and a worker.
 *
 * <p>On the wire: a header of {@value #HEADER_BYTES} bytes (magic, version, type, length, then the numbers below), and
 * {@code length} bytes. The header is the same for all types, and a number that a type has no use for is 0.
 *
 * @param type what it says, one of the constants
 * @param id the item that it is about
 * @param call the call that the item belongs to
 * @param number the attempt; for output the stream
 * @param kind the payload's kind
 * @param nanos a time; for {@link #RUN} and {@link #FUNCTION} how long it may take, -1 for no limit
 * @param bytes the payload's bytes, or text
 */
@SuppressWarnings("ArrayRecordComponent") // frames are never compared; the array is handed over, not shared
public record Frame(byte type, int id, int call, int number, byte kind, long nanos, byte[] bytes) {

    public static final int HEADER_BYTES = 32;
    public static final byte[] NOTHING = {};

    private static final int TYPE_AT = 3;
    private static final int LENGTH_AT = 4;
    private static final int ID_AT = 8;

    /** The protocol's version: both ends come from one class path, so another version is a mistake, never a negotiation. */
    public static final byte VERSION = 2;

    private static final short MAGIC = (short) 0xB41D;

    // Parent to worker.
    /** The initializer; answered by {@link #READY}. */
    public static final byte INITIALIZE = 1;
    /** The caller's context of a call; before its function, and only when there is one. */
    public static final byte CONTEXT = 2;
    /** The function of a call; {@code nanos} is the task's time-out, {@code number} is its {@code TaskForm}. */
    public static final byte FUNCTION = 3;
    /** The call is over: its function can go. */
    public static final byte RELEASE = 4;
    /** An input to run; {@code nanos} is what the call has left. Answered by {@link #RESULT} or {@link #RETURNED}. */
    public static final byte RUN = 5;
    /** Item {@code id} is cancelled; {@code number} is 1 to interrupt it. Answered by {@link #RETURNED} when it had not begun. */
    public static final byte CANCEL = 6;
    /** Give back item {@code id} if it has not begun; answered as {@link #CANCEL} is. */
    public static final byte RECALL = 7;
    /** Nothing more will come: exit. */
    public static final byte EXIT = 8;

    // Worker to parent.
    /** The token, the first frame of a connection; {@code id} is the worker's number. */
    public static final byte HELLO = 20;
    /** The initializer has run. */
    public static final byte READY = 21;
    /** An item's result or failure; {@code nanos} is how long its body took. */
    public static final byte RESULT = 22;
    /** The item has not begun, and never will here. */
    public static final byte RETURNED = 23;
    /** A line that was printed; {@code number} is 1 for stdout and 2 for stderr, {@code call} may be {@link #PROBABLE}. */
    public static final byte OUTPUT = 24;
    /** The threads' stacks, while item {@code id} ignores its cancellation. */
    public static final byte DUMP = 25;
    /** The JVM is shutting down, and nobody asked it to. */
    public static final byte EXITING = 26;
    /** The worker starts nothing more, and wants to be told to go. {@code number} says why. */
    public static final byte RETIRING = 27;
    /** There is something in the {@link ResultRing}, and the parent has asked to be told. */
    public static final byte BELL = 28;

    /** It is not known that a line is the item's, only probable. */
    public static final int PROBABLE = 1;

    /** Why a worker retires: an error of its virtual machine reached the boundary of a body. */
    public static final int RETIRING_ERROR = 1;
    /** Why a worker retires: its live heap is over the limit. */
    public static final int RETIRING_HEAP = 2;
    /** Why a worker retires: it was sent SIGTERM. */
    public static final int RETIRING_SIGNAL = 3;

    public static Frame of(byte type, int id) {
        return new Frame(type, id, 0, 0, (byte) 0, 0, NOTHING);
    }

    public static Frame of(byte type, int id, int number) {
        return new Frame(type, id, 0, number, (byte) 0, 0, NOTHING);
    }

    public static Frame of(byte type, int id, int number, byte[] bytes) {
        return new Frame(type, id, 0, number, (byte) 0, 0, bytes);
    }

    /** Writes the header; the caller writes the bytes. */
    public void putHeader(ByteBuffer to) {
        to.putShort(MAGIC).put(VERSION).put(type).putInt(bytes.length);
        to.putInt(id).putInt(call).putInt(number).put(kind).put((byte) 0).putShort((short) 0);
        to.putLong(nanos);
    }

    /**
     * Reads a header, and makes the frame with an array of the right length, still to be filled.
     *
     * @throws OutOfMemoryError when there is no memory for that array
     * @throws ProtocolException when this is no header, or the length is out of bounds
     */
    public static Frame readHeader(ByteBuffer from, int maxBytes) throws ProtocolException {
        return readHeader(from, maxBytes, Long.MAX_VALUE);
    }

    /**
     * As {@link #readHeader(ByteBuffer, int)}, but that nothing is tried beyond {@code heapBytes}: where the JVM itself runs out of
     * memory, it may have been told to end.
     */
    static Frame readHeader(ByteBuffer from, int maxBytes, long heapBytes) throws ProtocolException {
        short magic = from.getShort();
        byte version = from.get();
        byte type = from.get();
        int length = from.getInt();
        if (magic != MAGIC) {
            throw new ProtocolException("no frame begins with 0x" + Integer.toHexString(magic & 0xFFFF));
        }
        if (version != VERSION) {
            throw new ProtocolException("frame of version " + version + ", this is version " + VERSION);
        }
        if (length < 0 || length > maxBytes) {
            throw new ProtocolException(
                    "frame of type " + type + " and " + length + " bytes, the limit is " + maxBytes + " bytes");
        }
        if (length > heapBytes) {
            throw new OutOfMemoryError("a heap of " + heapBytes + " bytes, and a frame of " + length);
        }
        return readRest(from, type, length == 0 ? NOTHING : new byte[length]);
    }

    private static Frame readRest(ByteBuffer from, byte type, byte[] bytes) {
        int id = from.getInt();
        int call = from.getInt();
        int number = from.getInt();
        byte kind = from.get();
        from.get();
        from.getShort();
        return new Frame(type, id, call, number, kind, from.getLong(), bytes);
    }

    /** Reads a header that {@link #readHeader} found no memory for, and makes a frame of nothing else. */
    static Frame readHeaderAlone(ByteBuffer from) {
        byte type = from.get(from.position() + TYPE_AT);
        from.position(from.position() + ID_AT);
        return readRest(from, type, NOTHING);
    }

    /** How many bytes follow the header that is at that place. */
    static int lengthAt(ByteBuffer from, int at) {
        return from.getInt(at + LENGTH_AT);
    }

    /** This, telling that its bytes could not be kept: instead of a payload a failure that says so, instead of text the same as text. */
    Frame withoutRoom(int lostBytes) {
        String what = type == RESULT ? "the result" : "what the worker printed";
        String why = what + " takes " + lostBytes + " bytes, and this process has no memory left for that (its heap: "
                + Runtime.getRuntime().maxMemory()
                + " bytes at most); give it a larger heap (-Xmx), or its workers a lower"
                + " maxPayloadBytes";
        if (type != RESULT) {
            return new Frame(type, id, call, number, kind, nanos, why.getBytes(UTF_8));
        }
        Payload failure = Codec.lost(why);
        return new Frame(type, id, call, number, failure.kind(), nanos, failure.bytes());
    }
}
