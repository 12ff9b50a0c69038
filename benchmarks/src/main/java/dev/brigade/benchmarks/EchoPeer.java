package dev.brigade.benchmarks;

import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/** The limit: a bare Unix-domain socket between two JVMs, one blocking thread at each end, no protocol to speak of. */
final class EchoPeer implements Peer {
    private final Path directory;
    private final Process process;
    private final SocketChannel channel;
    private final RawChannel raw;

    EchoPeer() throws Exception {
        directory = Files.createTempDirectory("brigade-bench");
        UnixDomainSocketAddress address = UnixDomainSocketAddress.of(directory.resolve("echo"));
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(address);
            process = Jvm.start(EchoMain.class, address.getPath().toString());
            channel = server.accept();
        }
        raw = new RawChannel(channel);
    }

    @Override
    public double[] measure(Operation op, long n) throws Exception {
        return switch (op) {
            case ROUND_TRIP -> SubmittingPeer.timed(() -> roundTrips(n));
            case SEND -> send(n);
            case FETCH -> fetch(n);
            default -> throw new UnsupportedOperationException("a socket does no such thing");
        };
    }

    /** Eight bytes there, eight bytes back. */
    private void roundTrips(long n) throws Exception {
        byte[] reply = new byte[Long.BYTES];
        for (long i = 0; i < n; i++) {
            raw.writeLong(Long.BYTES);
            raw.read(reply);
        }
    }

    private double[] send(long n) throws Exception {
        byte[] data = new byte[Math.toIntExact(n)];
        new Random(n).nextBytes(data);
        return SubmittingPeer.timed(() -> {
            raw.writeLong(-n);
            raw.write(data);
            SubmittingPeer.check(raw.readLong() == n);
        });
    }

    private double[] fetch(long n) throws Exception {
        return SubmittingPeer.timed(() -> {
            raw.writeLong(n);
            raw.read(new byte[Math.toIntExact(n)]);
        });
    }

    @Override
    public void close() throws Exception {
        raw.writeLong(RawChannel.END);
        process.waitFor(10, TimeUnit.SECONDS);
        channel.close();
        SubmittingPeer.delete(directory);
    }
}
