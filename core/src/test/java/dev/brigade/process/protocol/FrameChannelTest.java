package dev.brigade.process.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class FrameChannelTest {
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

    /** A body may print with hardly any stack left. A later sender must not leave its frames to a writer that is gone. */
    @Test
    void aWriterThatIsThrownOutAtTheEndOfItsStackIsNoSilence() throws IOException {
        StackEnds socket = new StackEnds();
        SelectionKey key = selector.keys().iterator().next();
        try (FrameChannel broken = new FrameChannel(socket, key, 1024)) {
            assertThrows(StackOverflowError.class, () -> broken.send(Frame.of(Frame.BELL, 1)));
            assertEquals(1, socket.ends, "to tell the reader took more stack than there was");
            broken.flush();
            assertEquals(2, socket.ends, "the reader is told by the next that flushes");
            assertNotNull(broken.failure());
        }
    }

    @Test
    void aFrameThatIsLostHereEndsTheConnectionAndSaysWhy() throws Exception {
        OutOfMemoryError why = new OutOfMemoryError("direct memory");
        channel.fail(why);
        assertEquals(why, channel.failure());
        assertEquals(0, channel.append(Frame.of(Frame.BELL, 1)));
        assertTheReaderSeesTheEnd();
        assertNotNull(channel.failure());
    }

    private void assertTheReaderSeesTheEnd() throws IOException {
        selector.select(READ_MILLIS);
        assertFalse(selector.selectedKeys().isEmpty(), "the reader is told nothing");
        assertFalse(channel.read(frame -> {}), "the reader sees the end");
    }

    /** A socket on which each write overflows the stack, and so does the first attempt to tell the reader. */
    private static final class StackEnds extends SocketChannel {
        private int ends;

        StackEnds() {
            super(SelectorProvider.provider());
        }

        @Override
        public int write(ByteBuffer source) {
            throw new StackOverflowError("in a test");
        }

        @Override
        public SocketChannel shutdownInput() {
            if (ends++ == 0) {
                throw new StackOverflowError("in a test");
            }
            return this;
        }

        @Override
        public SocketChannel bind(SocketAddress local) {
            throw new UnsupportedOperationException();
        }

        @Override
        public <T> SocketChannel setOption(SocketOption<T> name, T value) {
            throw new UnsupportedOperationException();
        }

        @Override
        public <T> T getOption(SocketOption<T> name) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Set<SocketOption<?>> supportedOptions() {
            return Set.of();
        }

        @Override
        public SocketChannel shutdownOutput() {
            throw new UnsupportedOperationException();
        }

        @Override
        public Socket socket() {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean isConnected() {
            return true;
        }

        @Override
        public boolean isConnectionPending() {
            return false;
        }

        @Override
        public boolean connect(SocketAddress remote) {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean finishConnect() {
            throw new UnsupportedOperationException();
        }

        @Override
        public SocketAddress getRemoteAddress() {
            throw new UnsupportedOperationException();
        }

        @Override
        public SocketAddress getLocalAddress() {
            throw new UnsupportedOperationException();
        }

        @Override
        public int read(ByteBuffer target) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long read(ByteBuffer[] targets, int offset, int length) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long write(ByteBuffer[] sources, int offset, int length) {
            throw new UnsupportedOperationException();
        }

        @Override
        protected void implCloseSelectableChannel() {
            // There is no socket.
        }

        @Override
        protected void implConfigureBlocking(boolean block) {
            // There is no socket.
        }
    }
}
