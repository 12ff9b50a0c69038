package dev.brigade.process.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.brigade.transport.Codec;
import dev.brigade.transport.Payload;
import java.nio.ByteBuffer;

/**
 * One message on the connection between the parent and a worker.
 *
 * <p>On the wire: a header of {@value #HEADER_BYTES} bytes (magic, version, type, length, then the numbers below), and {@code length}
 * bytes. All types have the same header. A number that a type has no use for is 0.
 *
 * @param type the type of the message, one of the constants
 * @param id the number of the attempt in the pool; for {@link #HELLO} and {@link #READY} the worker's number
 * @param batch the number of the attempt's batch; for {@link #OUTPUT} 0 or {@link #PROBABLE}
 * @param number the attempt at the input, from 1, for {@link #RUN}; other types describe theirs
 * @param kind the payload's kind
 * @param nanos a time; for {@link #RUN} and {@link #FUNCTION} a limit, -1 for none
 * @param bytes the payload's bytes, or text
 */
@SuppressWarnings("ArrayRecordComponent") // frames are never compared; the array is handed over, not shared
public record Frame(byte type, int id, int batch, int number, byte kind, long nanos, byte[] bytes) {

    public static final int HEADER_BYTES = 32;
    public static final byte[] NO_BYTES = {};

    private static final int TYPE_AT = 3;
    private static final int LENGTH_AT = 4;
    private static final int ID_AT = 8;

    /** Version of the protocol. Both ends come from one class path, so another version is a mistake and is not negotiated. */
    public static final byte VERSION = 2;

    private static final short MAGIC = (short) 0xB41D;

    // Parent to worker.
    /** The initializer; answered by {@link #READY}. */
    public static final byte INITIALIZE = 1;
    /** The caller's context of a batch, sent before its function; only if the caller has one. */
    public static final byte CONTEXT = 2;
    /** The function of a batch; {@code nanos} is the task's time-out, {@code number} is its {@code TaskForm}. */
    public static final byte FUNCTION = 3;
    /** The batch is over: the worker may drop its function. */
    public static final byte RELEASE = 4;
    /** An input to run; {@code nanos} is the time that the batch has left. Answered by {@link #RESULT} or {@link #RETURNED}. */
    public static final byte RUN = 5;
    /** Attempt {@code id} is cancelled; {@code number} is 1 to interrupt its body. Answered by {@link #RETURNED} if it had not begun. */
    public static final byte CANCEL = 6;
    /** The worker is to give back attempt {@code id} if it has not begun; answered as {@link #CANCEL} is. */
    public static final byte RECALL = 7;
    /** The worker is to exit: no more frames will come. */
    public static final byte EXIT = 8;

    // Worker to parent.
    /** The token, the first frame of a connection; {@code id} is the worker's number. */
    public static final byte HELLO = 20;
    /** The initializer has run. */
    public static final byte READY = 21;
    /** The result or failure of an attempt; {@code nanos} is the time that decoding, body and encoding took. */
    public static final byte RESULT = 22;
    /** The attempt has not begun, and never will in this worker. */
    public static final byte RETURNED = 23;
    /** A line that was printed; {@code number} is 1 for stdout and 2 for stderr, {@code batch} may be {@link #PROBABLE}. */
    public static final byte OUTPUT = 24;
    /** The stacks of the worker's threads, while attempt {@code id} ignores its cancellation. */
    public static final byte DUMP = 25;
    /** The JVM shuts down without an {@link #EXIT}; {@code number} is 1 if SIGTERM began that. */
    public static final byte EXITING = 26;
    /** The worker wants no more tasks, and waits for {@link #EXIT} once it has none; {@code number} is the reason. */
    public static final byte RETIRING = 27;
    /** The doorbell: the {@link ResultRing} holds something, and the parent has asked to be woken. */
    public static final byte BELL = 28;

    /** Marks a line that is probably, but not certainly, of the frame's attempt. */
    public static final int PROBABLE = 1;

    /** Reason to retire: a body ended with a VirtualMachineError or left a security manager, or the initializer failed. */
    public static final int RETIRING_ERROR = 1;
    /** Reason to retire: the live heap is over the limit. */
    public static final int RETIRING_HEAP = 2;
    /** Reason to retire: the worker was sent SIGTERM. */
    public static final int RETIRING_SIGNAL = 3;

    public static Frame of(byte type, int id) {
        return new Frame(type, id, 0, 0, (byte) 0, 0, NO_BYTES);
    }

    public static Frame of(byte type, int id, int number) {
        return new Frame(type, id, 0, number, (byte) 0, 0, NO_BYTES);
    }

    public static Frame of(byte type, int id, int number, byte[] bytes) {
        return new Frame(type, id, 0, number, (byte) 0, 0, bytes);
    }

    /** Writes the header; the caller writes the bytes. */
    public void putHeader(ByteBuffer to) {
        to.putShort(MAGIC).put(VERSION).put(type).putInt(bytes.length);
        to.putInt(id).putInt(batch).putInt(number).put(kind).put((byte) 0).putShort((short) 0);
        to.putLong(nanos);
    }

    /**
     * Reads a header, and returns the frame with an array of the right length, still to be filled.
     *
     * @throws OutOfMemoryError if there is no memory for that array
     * @throws ProtocolException if this is no header, or the length is out of bounds
     */
    public static Frame readHeader(ByteBuffer from, int maxBytes) throws ProtocolException {
        return readHeader(from, maxBytes, Long.MAX_VALUE);
    }

    /**
     * As {@link #readHeader(ByteBuffer, int)}, but throws an {@link OutOfMemoryError} of its own for a payload over {@code heapBytes}. The
     * JVM may have been told to exit at an error that it throws itself.
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
        return readRest(from, type, length == 0 ? NO_BYTES : new byte[length]);
    }

    private static Frame readRest(ByteBuffer from, byte type, byte[] bytes) {
        int id = from.getInt();
        int batch = from.getInt();
        int number = from.getInt();
        byte kind = from.get();
        from.get();
        from.getShort();
        return new Frame(type, id, batch, number, kind, from.getLong(), bytes);
    }

    /** Reads a header whose payload {@link #readHeader} found no memory for, and returns a frame without the payload. */
    static Frame readHeaderAlone(ByteBuffer from) {
        byte type = from.get(from.position() + TYPE_AT);
        from.position(from.position() + ID_AT);
        return readRest(from, type, NO_BYTES);
    }

    /** Returns the length of the payload that follows the header at {@code at}. */
    static int lengthAt(ByteBuffer from, int at) {
        return from.getInt(at + LENGTH_AT);
    }

    /** Returns this frame with a substitute for the payload, which there was no memory for: a failure for a result, else a text. */
    Frame withoutRoom(int lostBytes) {
        String what = type == RESULT ? "the result" : "what the worker printed";
        String why = what + " takes " + lostBytes + " bytes, and this process has no memory left for that (its heap: "
                + Runtime.getRuntime().maxMemory()
                + " bytes at most); give it a larger heap (-Xmx), or its workers a lower"
                + " maxPayloadBytes";
        if (type != RESULT) {
            return new Frame(type, id, batch, number, kind, nanos, why.getBytes(UTF_8));
        }
        Payload failure = Codec.lost(why);
        return new Frame(type, id, batch, number, failure.kind(), nanos, failure.bytes());
    }
}
