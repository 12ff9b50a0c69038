package dev.brigade.process.protocol;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import java.util.Set;

/** A socket that takes all that is written to it, and counts the bytes. */
final class CountingSocket extends SocketChannel {
    /** A key for all of them: none of them is ever full, so that nobody waits for it. */
    static final SelectionKey KEY = key();

    /** Not volatile: a channel has one writer at a time, which is part of the test. */
    int bytes;

    CountingSocket() {
        super(SelectorProvider.provider());
    }

    private static SelectionKey key() {
        try {
            SocketChannel any = SocketChannel.open();
            any.configureBlocking(false);
            return any.register(Selector.open(), SelectionKey.OP_READ);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public int write(ByteBuffer source) {
        int taken = source.remaining();
        source.position(source.limit());
        bytes += taken;
        return taken;
    }

    private static UnsupportedOperationException unused() {
        return new UnsupportedOperationException("a channel that only writes needs none of it");
    }

    @Override
    public long write(ByteBuffer[] sources, int offset, int length) {
        throw unused();
    }

    @Override
    public int read(ByteBuffer target) {
        throw unused();
    }

    @Override
    public long read(ByteBuffer[] targets, int offset, int length) {
        throw unused();
    }

    @Override
    public SocketChannel bind(SocketAddress local) {
        throw unused();
    }

    @Override
    public <T> SocketChannel setOption(SocketOption<T> name, T value) {
        throw unused();
    }

    @Override
    public <T> T getOption(SocketOption<T> name) {
        throw unused();
    }

    @Override
    public Set<SocketOption<?>> supportedOptions() {
        return Set.of();
    }

    @Override
    public SocketChannel shutdownInput() {
        throw unused();
    }

    @Override
    public SocketChannel shutdownOutput() {
        throw unused();
    }

    @Override
    public Socket socket() {
        throw unused();
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
        throw unused();
    }

    @Override
    public boolean finishConnect() {
        return true;
    }

    @Override
    public SocketAddress getRemoteAddress() {
        throw unused();
    }

    @Override
    public SocketAddress getLocalAddress() {
        throw unused();
    }

    @Override
    protected void implCloseSelectableChannel() {
        // There is nothing to close.
    }

    @Override
    protected void implConfigureBlocking(boolean block) {
        // It never blocks.
    }
}
