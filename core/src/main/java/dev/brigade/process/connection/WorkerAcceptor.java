package dev.brigade.process.connection;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.brigade.WorkerChannel;
import dev.brigade.process.os.BestEffort;
import dev.brigade.process.os.PoolDirectory;
import dev.brigade.process.protocol.Frame;
import dev.brigade.process.protocol.FrameChannel;
import dev.brigade.process.scheduling.PoolState;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Accepts the connections of workers that know their token, and no others.
 *
 * <p>Design note: everything after {@link #open} happens on the event loop's thread and never blocks. A connection that sends nothing,
 * or a wrong token, takes no slot from a worker.
 */
public final class WorkerAcceptor implements Closeable {
    private static final Logger LOG = LoggerFactory.getLogger(WorkerAcceptor.class);

    /** Longest path of a socket that all known systems accept: an address holds 104 bytes on macOS, 108 on Linux, with the final zero. */
    private static final int MAX_PATH_BYTES = 100;

    /** Prefix of the address of a Unix-domain socket. */
    private static final String UNIX = "unix:";

    private static final int MAX_HELLO_BYTES = 256;
    private static final int BACKLOG = 128;

    /** Time that a new connection has to send its token. */
    private static final long HELLO_NANOS = TimeUnit.SECONDS.toNanos(10);

    private static final int MAX_PENDING = 256;

    /** Time without accepting after an accept that failed. */
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    /** Receives the connections that were accepted. */
    public interface ConnectionListener {
        /** The worker that is expected under that number; null when none is. */
        @Nullable
        ConnectedWorker expected(int number);

        /** The worker has its channel. */
        void connected(ConnectedWorker worker, FrameChannel channel);

        /** The worker has sent a frame. */
        void received(ConnectedWorker worker, Frame frame);

        /** The worker's channel has ended, for a reason or, when that is null, as it may. */
        void disconnected(ConnectedWorker worker, @Nullable Throwable why);

        /** All that had arrived has been handled. */
        void caughtUp();
    }

    private final ServerSocketChannel server;
    private final Selector selector;
    private final String address;
    private final ConnectionListener listener;
    private final int maxBytes;

    // The fields below belong to the channel's thread.

    /** Connections that have not said who they are, in the order in which they came. */
    private final Set<Connection> pending = new LinkedHashSet<>();

    private boolean paused;
    private long pausedUntilNanos;

    private WorkerAcceptor(
            ServerSocketChannel server, Selector selector, String address, ConnectionListener listener, int maxBytes) {
        this.server = server;
        this.selector = selector;
        this.address = address;
        this.listener = listener;
        this.maxBytes = maxBytes;
    }

    /** Listens: on a socket in the directory, or on a loopback port. */
    public static WorkerAcceptor open(
            WorkerChannel kind, Path directory, Selector selector, ConnectionListener listener, int maxBytes)
            throws IOException {
        Path socket = directory.resolve("s");
        int pathBytes = socket.toString().getBytes(java.nio.charset.Charset.defaultCharset()).length;
        if (kind == WorkerChannel.UNIX && pathBytes > MAX_PATH_BYTES) {
            throw new IOException("the socket's path " + socket + " takes " + pathBytes + " bytes, the limit is "
                    + MAX_PATH_BYTES + " bytes; choose a shorter java.io.tmpdir, or the TCP channel");
        }
        ServerSocketChannel server = null;
        String address = "";
        if (kind != WorkerChannel.TCP && pathBytes <= MAX_PATH_BYTES) {
            server = bindUnix(socket, kind);
            address = UNIX + socket;
        }
        if (server == null) {
            server = bindLoopback();
            address = "tcp:" + ((InetSocketAddress) server.getLocalAddress()).getPort();
        }
        WorkerAcceptor acceptor = new WorkerAcceptor(server, selector, address, listener, maxBytes);
        try {
            acceptor.attend();
        } catch (IOException | RuntimeException | Error e) {
            BestEffort.attempt("closing the acceptor", acceptor::close);
            throw e;
        }
        return acceptor;
    }

    private static @Nullable ServerSocketChannel bindUnix(Path socket, WorkerChannel kind) throws IOException {
        ServerSocketChannel server = null;
        try {
            server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
            return server.bind(UnixDomainSocketAddress.of(socket), BACKLOG);
        } catch (IOException | UnsupportedOperationException e) {
            if (server != null) {
                server.close();
            }
            if (kind == WorkerChannel.UNIX) {
                throw e;
            }
            LOG.debug("no Unix-domain socket here; loopback TCP instead", e);
            return null;
        }
    }

    private static ServerSocketChannel bindLoopback() throws IOException {
        ServerSocketChannel server = ServerSocketChannel.open();
        try {
            return server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), BACKLOG);
        } catch (IOException e) {
            server.close();
            throw e;
        }
    }

    private void attend() throws IOException {
        server.configureBlocking(false);
        server.register(selector, SelectionKey.OP_ACCEPT, (Runnable) this::admit);
    }

    private void listen(int operations) {
        SelectionKey key = server.keyFor(selector);
        if (key != null && key.isValid()) {
            key.interestOps(operations);
        }
    }

    /** Returns true if workers can still find the socket. If links are followed, the JDK asks as a user without capabilities. */
    public boolean isThere() {
        return !address.startsWith(UNIX)
                || Files.exists(Path.of(address.substring(UNIX.length())), LinkOption.NOFOLLOW_LINKS);
    }

    public String address() {
        return address;
    }

    private void admit() {
        try {
            SocketChannel channel = server.accept();
            if (channel != null) {
                welcome(channel);
            }
        } catch (IOException | OutOfMemoryError e) {
            // Out of descriptors, as a rule: the connection stays where it is, and asking again at once would get the
            // same answer.
            LOG.warn("a connection could not be accepted; trying again in {} ms", PAUSE_NANOS / 1_000_000, e);
            pausedUntilNanos = System.nanoTime() + PAUSE_NANOS;
            paused = true;
            listen(0);
        }
    }

    private void welcome(SocketChannel channel) throws IOException {
        if (pending.size() >= MAX_PENDING) {
            // The oldest has had the most time to say who it is.
            reject(pending.iterator().next(), "too many connections that do not say who they are");
        }
        try {
            channel.configureBlocking(false);
            if (address.startsWith("tcp:")) {
                channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            }
            SelectionKey key = channel.register(selector, SelectionKey.OP_READ);
            Connection newcomer = new Connection(new FrameChannel(channel, key, MAX_HELLO_BYTES));
            pending.add(newcomer);
            key.attach(newcomer);
        } catch (IOException | RuntimeException | Error e) {
            BestEffort.attempt("closing a connection", channel::close);
            throw e;
        }
    }

    private void reject(Connection connection, String why) {
        if (pending.remove(connection)) {
            LOG.warn("a connection connected to the pool and was turned away: {}", why);
            connection.channel.close();
        }
    }

    /**
     * Does what is due: connections that do not say who they are have a limited time to do so.
     *
     * @return after how many nanoseconds something may be due again
     */
    public long tick(long now) {
        long next = PoolState.NEVER_NANOS;
        if (paused && now - pausedUntilNanos >= 0) {
            paused = false;
            listen(SelectionKey.OP_ACCEPT);
        } else if (paused) {
            next = pausedUntilNanos - now;
        }
        // In the order in which they came.
        while (!pending.isEmpty()) {
            Connection oldest = pending.iterator().next();
            long leftNanos = oldest.sinceNanos + HELLO_NANOS - now;
            if (leftNanos > 0) {
                return Math.min(next, leftNanos);
            }
            reject(oldest, "it did not say who it is");
        }
        return next;
    }

    /** In a directory that another has taken the place of, there is nothing of ours. */
    @Override
    public void close() throws IOException {
        boolean first = server.isOpen();
        try {
            server.close();
        } finally {
            if (first && address.startsWith(UNIX)) {
                Path socket = Path.of(address.substring(UNIX.length()));
                if (!PoolDirectory.isReplaced(socket.getParent())) {
                    Files.deleteIfExists(socket);
                }
            }
        }
    }

    /** One connection. */
    private final class Connection implements Runnable {
        private final FrameChannel channel;
        private final long sinceNanos = System.nanoTime();
        private @Nullable ConnectedWorker worker;

        Connection(FrameChannel channel) {
            this.channel = channel;
        }

        @Override
        public void run() {
            try {
                channel.flush();
                if (!channel.read(this::receive)) {
                    end(channel.failure());
                }
            } catch (IOException | RuntimeException | Error e) {
                // Whatever it was, part of what was sent may be lost.
                end(e);
            }
            listener.caughtUp();
        }

        private void receive(Frame frame) {
            ConnectedWorker known = worker;
            if (known != null) {
                listener.received(known, frame);
                return;
            }
            ConnectedWorker expected = frame.type() == Frame.HELLO ? listener.expected(frame.id()) : null;
            if (expected == null || !knowsToken(frame, expected)) {
                reject(
                        this,
                        frame.type() == Frame.HELLO ? "wrong token" : "it began with a frame of type " + frame.type());
                return;
            }
            pending.remove(this);
            worker = expected;
            channel.accept(maxBytes);
            listener.connected(expected, channel);
        }

        private boolean knowsToken(Frame hello, ConnectedWorker expected) {
            return MessageDigest.isEqual(hello.bytes(), expected.token().getBytes(US_ASCII));
        }

        private void end(@Nullable Throwable why) {
            ConnectedWorker known = worker;
            if (known != null) {
                listener.disconnected(known, why);
            } else if (why == null) {
                // A worker that was killed while it started, as a rule.
                LOG.debug("a connection ended before it said who it is");
                pending.remove(this);
                channel.close();
            } else {
                reject(this, String.valueOf(why.getMessage()));
            }
        }
    }
}
