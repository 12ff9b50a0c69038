package dev.brigade.process.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class FrameChannelTest {
    private static final int LAST = 1_000_000;
    private static final int READ_MILLIS = 20_000;

    private Selector selector;
    private SocketChannel other;
    private FrameChannel channel;

    @BeforeEach
    void connect() throws IOException {
        selector = Selector.open();
        try (ServerSocketChannel server = ServerSocketChannel.open()) {
            server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            other = SocketChannel.open(server.getLocalAddress());
            SocketChannel own = server.accept();
            own.configureBlocking(false);
            channel = new FrameChannel(own, own.register(selector, SelectionKey.OP_READ), 1024);
        }
    }

    @AfterEach
    void disconnect() throws IOException {
        channel.close();
        other.close();
        selector.close();
    }

    /** A body may print with hardly any stack left. Whoever sends later is not left waiting for a writer that is gone. */
    @Test
    void theEndOfTheWritersStackIsNoSilence() throws Exception {
        channel.send(
                Frame.of(Frame.BELL, LAST)); // all classes are there: one whose loading breaks off can never be used
        readUntil(LAST);
        Thread deep = new Thread(null, () -> sendAtTheEnd(channel), "deep", 256 * 1024);
        deep.start();
        deep.join(TimeUnit.SECONDS.toMillis(60));
        channel.send(Frame.of(Frame.BELL, LAST));
        channel.flush();
        if (channel.failure() == null) {
            List<Integer> ids = readUntil(LAST);
            assertEquals(LAST, ids.get(ids.size() - 1));
        }
    }

    @Test
    void aFrameThatIsLostHereEndsTheConnectionAndSaysWhy() throws Exception {
        OutOfMemoryError why = new OutOfMemoryError("direct memory");
        channel.fail(why);
        assertEquals(why, channel.failure());
        assertEquals(0, channel.append(Frame.of(Frame.BELL, 1)));
        selector.select(READ_MILLIS);
        assertTrue(selector.selectedKeys().iterator().next().isReadable());
        assertTrue(!channel.read(frame -> {}), "the reader sees the end");
        assertNotNull(channel.failure());
    }

    @SuppressWarnings("InfiniteRecursion") // until the stack ends
    private static int sendAtTheEnd(FrameChannel channel) {
        int succeeded = 0;
        try {
            succeeded = sendAtTheEnd(channel);
        } catch (StackOverflowError e) {
            // This is the place.
        }
        if (succeeded < 20) {
            channel.send(Frame.of(Frame.BELL, succeeded));
            return succeeded + 1;
        }
        return succeeded;
    }

    private List<Integer> readUntil(int id) throws IOException {
        other.socket().setSoTimeout(READ_MILLIS);
        List<Integer> ids = new ArrayList<>();
        ByteBuffer header = ByteBuffer.allocate(Frame.HEADER_BYTES);
        while (ids.isEmpty() || ids.get(ids.size() - 1) != id) {
            header.clear();
            other.socket().getInputStream().readNBytes(header.array(), 0, Frame.HEADER_BYTES);
            ids.add(Frame.readHeader(header, 1024).id());
        }
        return ids;
    }
}
