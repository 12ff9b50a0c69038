package dev.brigade.process.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.brigade.process.os.PoolDirectory;
import dev.brigade.process.protocol.Frame;
import dev.brigade.process.protocol.FrameChannel;
import dev.brigade.process.protocol.ResultRing;
import dev.brigade.transport.Codec;
import dev.brigade.transport.Payload;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Tests of the results for which a worker rings the doorbell, and of those for which it lets its parent sleep. */
@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class ResultSenderTest {
    private static final int MAX_BYTES = 1 << 20;
    private static final Payload RESULT =
            Codec.of(ResultSenderTest.class.getClassLoader()).encode(1);

    @TempDir
    Path directory;

    private final TaskInbox inbox = new TaskInbox(id -> {});
    private Selector selector;
    private SocketChannel parent;
    private SocketChannel worker;
    private ResultRing.Reader ring;
    private ResultSender replies;

    @BeforeEach
    void connect() throws IOException {
        selector = Selector.open();
        try (ServerSocketChannel server = ServerSocketChannel.open()) {
            server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            parent = SocketChannel.open(server.getLocalAddress());
            worker = server.accept();
        }
        worker.configureBlocking(false);
        FrameChannel channel = new FrameChannel(worker, worker.register(selector, SelectionKey.OP_READ), MAX_BYTES);
        Path file = directory.resolve("ring");
        try (FileChannel content = PoolDirectory.newFile(file)) {
            ring = ResultRing.Reader.create(file, content);
        }
        replies = new ResultSender(channel, ResultRing.Writer.open(file), inbox);
    }

    @AfterEach
    void disconnect() throws IOException {
        parent.close();
        worker.close();
        selector.close();
    }

    private void offer(int count) {
        for (int id = 1; id <= count; id++) {
            WorkerBatch call = new WorkerBatch(Frame.of(Frame.FUNCTION, 0), null);
            inbox.offer(new QueuedTask(id, call, RESULT, new WorkerTaskContext(1, -1)));
        }
    }

    /** Runs the next task, with a body that takes the given time. */
    private void run(long nanos) {
        int id = inbox.take().id();
        inbox.finish();
        replies.send(id, RESULT, nanos, false);
    }

    /** Returns true if a frame comes next; it must be the doorbell's. */
    private boolean isRung() throws IOException {
        ByteBuffer frame = ByteBuffer.allocate(Frame.HEADER_BYTES);
        parent.configureBlocking(false);
        if (parent.read(frame) <= 0) {
            return false;
        }
        parent.configureBlocking(true);
        while (frame.hasRemaining()) {
            parent.read(frame);
        }
        assertEquals(Frame.BELL, frame.get(3));
        return true;
    }

    @Test
    void aParentThatSleepsIsRungForTheLastResults() throws Exception {
        offer(2);
        ring.armDoorbell();
        run(0);
        assertTrue(isRung());
        ring.armDoorbell();
        run(0);
        assertTrue(isRung());
    }

    @Test
    void aParentThatIsAwakeIsNot() throws Exception {
        offer(1);
        run(0);
        assertFalse(isRung());
        assertFalse(ring.isEmpty());
    }

    @Test
    void quickResultsWaitWhileThereIsMuchToDo() throws Exception {
        offer(20);
        ring.armDoorbell();
        run(0);
        assertFalse(isRung());
    }

    @Test
    void aBodyThatTookLongIsTold() throws Exception {
        offer(20);
        ring.armDoorbell();
        run(1_000_000);
        assertTrue(isRung());
    }

    /** If all other tasks are given back between a body's end and its result, the parent has this one task left, and no reason to look. */
    @Test
    void aResultIsNotForgottenWhenAllBehindItIsGivenBack() throws Exception {
        offer(20);
        ring.armDoorbell();
        int first = inbox.take().id();
        inbox.finish();
        for (int id = 2; id <= 20; id++) {
            inbox.withdraw(id);
        }
        replies.send(first, RESULT, 0, false);
        assertTrue(isRung());
    }
}
