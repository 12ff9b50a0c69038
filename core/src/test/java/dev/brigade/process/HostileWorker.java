package dev.brigade.process;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.brigade.process.protocol.Frame;
import dev.brigade.process.protocol.WorkerBootstrap;
import dev.brigade.process.protocol.WorkerExitCode;
import dev.brigade.transport.Codec;
import dev.brigade.transport.Payload;
import java.io.EOFException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/** Takes a worker's place in a process of its own: it has the worker's token, and breaks the protocol. */
public final class HostileWorker {
    private static final int MAX_BYTES = 1 << 20;
    private static final int UNKNOWN_ID = 1_000_000;
    private static final String ANSWER = "answer";

    /** The ways in which it misbehaves. */
    public enum Misbehaviour {
        /** Connects, and says nothing. */
        SAYS_NOTHING,
        /** Begins with a frame of another version. */
        SPEAKS_ANOTHER_VERSION,
        /** Sends its first frame with a token that it does not have. */
        GUESSES_ITS_TOKEN,
        /** Sends bytes that are no frame. */
        SENDS_BAD_MAGIC,
        /** Sends a frame of another version, once it has been accepted. */
        SENDS_ANOTHER_VERSION,
        /** Sends a frame of an unknown type. */
        SENDS_AN_UNKNOWN_TYPE,
        /** Sends a frame that only a parent sends. */
        SENDS_A_PARENTS_FRAME,
        /** Sends a frame of -1 bytes. */
        SENDS_A_NEGATIVE_LENGTH,
        /** Sends a frame of 2 GiB. */
        SENDS_AN_ABSURD_LENGTH,
        /** Fills the memory that it shares with its parent with bytes that are no result. */
        RUINS_ITS_RING,
        /** Sends half a header, and then ends. */
        SENDS_HALF_A_HEADER,
        /** Sends half a result, and then ends. */
        SENDS_HALF_A_RESULT,
        /** Ends its side of the connection, and lives on. */
        IS_HALF_OPEN,
        /** Closes its connection, and lives on. */
        CLOSES_AND_LIVES,
        /** Sends a result of an unknown kind. */
        SENDS_A_RESULT_OF_AN_UNKNOWN_KIND,
        /** Sends a result that is no serialized object. */
        SENDS_A_RESULT_OF_NOISE,
        /** Sends a failure that is no serialized exception. */
        SENDS_A_FAILURE_OF_NOISE,
        /** Sends all frames of a worker about tasks that it does not have; then the result of its own task, twice. */
        SPEAKS_OF_UNKNOWN_TASKS
    }

    private final SocketChannel channel;
    private final WorkerBootstrap setup;

    /** The file of the memory that it shares with its parent. */
    private final RandomAccessFile ring;

    private HostileWorker(WorkerBootstrap setup) throws IOException {
        this.setup = setup;
        ring = new RandomAccessFile(setup.ring(), "rw");
        String address = setup.address();
        String where = address.substring(address.indexOf(':') + 1);
        boolean unix = address.startsWith("unix:");
        SocketAddress remote = unix
                ? UnixDomainSocketAddress.of(where)
                : new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(where));
        channel = unix ? SocketChannel.open(StandardProtocolFamily.UNIX) : SocketChannel.open();
        channel.connect(remote);
    }

    /** Misbehaves in the way that the argument names. */
    public static void main(String[] arguments) throws Exception {
        Misbehaviour misbehaviour = Misbehaviour.valueOf(arguments[0]);
        new HostileWorker(WorkerBootstrap.read(System.in)).act(misbehaviour);
    }

    /** Returns the first frame of a worker, with its number and token. */
    public static byte[] hello(int worker, String token) {
        return bytes(Frame.of(Frame.HELLO, worker, 0, token.getBytes(US_ASCII))).array();
    }

    private void act(Misbehaviour misbehaviour) throws Exception {
        switch (misbehaviour) {
            case SAYS_NOTHING -> await();
            case SPEAKS_ANOTHER_VERSION -> {
                send(altered(hello(setup.token()), 2, (byte) (Frame.VERSION + 1)));
                readToTheEnd();
            }
            case GUESSES_ITS_TOKEN -> {
                send(bytes(hello("0".repeat(setup.token().length()))));
                readToTheEnd();
            }
            default -> {
                send(bytes(hello(setup.token())));
                answer(misbehaviour, awaitRun());
            }
        }
    }

    private Frame hello(String token) {
        return Frame.of(Frame.HELLO, setup.worker(), 0, token.getBytes(US_ASCII));
    }

    private void answer(Misbehaviour misbehaviour, int attempt) throws Exception {
        Frame result =
                result(attempt, Codec.of(ClassLoader.getSystemClassLoader()).encodeResult(ANSWER));
        switch (misbehaviour) {
            case SENDS_BAD_MAGIC -> sendAndAwait(altered(result, 0, (byte) 'G'));
            case SENDS_ANOTHER_VERSION -> sendAndAwait(altered(result, 2, (byte) (Frame.VERSION + 1)));
            case SENDS_AN_UNKNOWN_TYPE -> sendAndAwait(altered(result, 3, (byte) 99));
            case SENDS_A_PARENTS_FRAME -> sendAndAwait(bytes(Frame.of(Frame.RUN, attempt)));
            case SENDS_A_NEGATIVE_LENGTH -> sendAndAwait(ofLength(result, -1));
            case SENDS_AN_ABSURD_LENGTH -> sendAndAwait(ofLength(result, Integer.MAX_VALUE));
            case RUINS_ITS_RING -> {
                byte[] noise = new byte[(int) ring.length()];
                Arrays.fill(noise, (byte) 0x5A);
                ring.write(noise);
                sendAndAwait(bytes(Frame.of(Frame.BELL, 0)));
            }
            case SENDS_HALF_A_HEADER -> send(bytes(result).limit(Frame.HEADER_BYTES / 2));
            case SENDS_HALF_A_RESULT -> send(bytes(result).limit(bytes(result).limit() - 1));
            case IS_HALF_OPEN -> {
                channel.shutdownOutput();
                await();
            }
            case CLOSES_AND_LIVES -> {
                channel.close();
                await();
            }
            case SENDS_A_RESULT_OF_AN_UNKNOWN_KIND -> {
                sendAndRetire(attempt, new Payload((byte) 77, new byte[] {1, 2, 3}));
            }
            case SENDS_A_RESULT_OF_NOISE -> {
                byte object = Codec.of(ClassLoader.getSystemClassLoader())
                        .encode(Map.of())
                        .kind();
                sendAndRetire(attempt, new Payload(object, new byte[] {1, 2, 3}));
            }
            case SENDS_A_FAILURE_OF_NOISE -> {
                byte failure = Codec.of(ClassLoader.getSystemClassLoader())
                        .encodeFailure(new Exception())
                        .kind();
                sendAndRetire(attempt, new Payload(failure, new byte[] {1, 2, 3}));
            }
            case SPEAKS_OF_UNKNOWN_TASKS -> speakOfUnknownTasks(attempt, result);
            default -> throw new IllegalArgumentException(misbehaviour.name());
        }
    }

    private void speakOfUnknownTasks(int attempt, Frame result) throws Exception {
        byte[] text = "strange".getBytes(UTF_8);
        int unknown = attempt + UNKNOWN_ID;
        for (byte type : new byte[] {Frame.RESULT, Frame.RETURNED, Frame.OUTPUT, Frame.DUMP, Frame.READY}) {
            send(bytes(Frame.of(type, unknown, 1, text)));
            send(bytes(Frame.of(type, -unknown, 1, text)));
        }
        send(bytes(Frame.of(Frame.RETIRING, 0, Frame.RETIRING_ERROR)));
        send(bytes(result));
        // A second time, when the task has already settled.
        send(bytes(result));
        retire();
    }

    private void sendAndRetire(int attempt, Payload reply) throws Exception {
        send(bytes(Frame.of(Frame.RETIRING, 0, Frame.RETIRING_ERROR)));
        send(bytes(result(attempt, reply)));
        retire();
    }

    /** Gives back each task that it gets, until it is told to exit. */
    private void retire() throws Exception {
        while (true) {
            send(bytes(Frame.of(Frame.RETURNED, awaitRun())));
        }
    }

    private static Frame result(int attempt, Payload reply) {
        return new Frame(Frame.RESULT, attempt, 0, 0, reply.kind(), 1, reply.bytes());
    }

    private static ByteBuffer bytes(Frame frame) {
        ByteBuffer all = ByteBuffer.allocate(Frame.HEADER_BYTES + frame.bytes().length);
        frame.putHeader(all);
        return all.put(frame.bytes()).flip();
    }

    private static ByteBuffer altered(Frame frame, int at, byte to) {
        return bytes(frame).put(at, to);
    }

    private static ByteBuffer ofLength(Frame frame, int length) {
        return bytes(frame).putInt(4, length);
    }

    private void send(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    private void sendAndAwait(ByteBuffer bytes) throws Exception {
        send(bytes);
        await();
    }

    private static void await() throws InterruptedException {
        new CountDownLatch(1).await();
    }

    /** Reads until there is a task to run; returns the number of its attempt. */
    private int awaitRun() throws IOException {
        while (true) {
            Frame frame = Frame.readHeader(read(ByteBuffer.allocate(Frame.HEADER_BYTES)), MAX_BYTES);
            read(ByteBuffer.wrap(frame.bytes()));
            if (frame.type() == Frame.EXIT) {
                System.exit(0);
            }
            if (frame.type() == Frame.RUN) {
                return frame.id();
            }
        }
    }

    private ByteBuffer read(ByteBuffer into) throws IOException {
        while (into.hasRemaining()) {
            if (channel.read(into) < 0) {
                throw new EOFException("the parent has closed the channel");
            }
        }
        return into.flip();
    }

    private void readToTheEnd() throws IOException {
        ByteBuffer any = ByteBuffer.allocate(1);
        while (channel.read(any.clear()) >= 0) {
            // until the parent closes it
        }
        System.err.println("turned away");
        System.exit(WorkerExitCode.PARENT_GONE);
    }
}
