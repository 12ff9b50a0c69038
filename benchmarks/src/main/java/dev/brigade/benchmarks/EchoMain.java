package dev.brigade.benchmarks;

import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;

/** The other end of {@link EchoPeer}: one thread, blocking. Argument: the socket. */
final class EchoMain {
    private EchoMain() {}

    public static void main(String[] args) throws Exception {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(args[0]));
            RawChannel raw = new RawChannel(channel);
            while (true) {
                long order = raw.readLong();
                if (order == RawChannel.END) {
                    return;
                } else if (order >= 0) {
                    raw.write(new byte[Math.toIntExact(order)]);
                } else {
                    byte[] data = new byte[Math.toIntExact(-order)];
                    raw.read(data);
                    raw.writeLong(data.length);
                }
            }
        }
    }
}
