package dev.brigade.process.worker;

import dev.brigade.TaskFunction;
import dev.brigade.process.protocol.Frame;
import dev.brigade.process.protocol.FrameChannel;
import dev.brigade.process.protocol.WorkerBootstrap;
import dev.brigade.transport.Codec;
import dev.brigade.transport.Payload;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/**
 * The main class of the JVM that writes a {@code launch.CdsArchive}: a worker and its parent in one process. It does what a worker does until the
 * first result, and exits as a worker does. The JVM then archives the classes that this took.
 */
public final class CdsTrainingMain {
    private static final int MAX_BYTES = 1024 * 1024;
    private static final int CALL = 1;

    private CdsTrainingMain() {}

    /**
     * Runs one task, and exits.
     *
     * @param arguments none; as for a worker, all configuration comes on stdin
     * @throws IOException if there is no connection
     */
    public static void main(String[] arguments) throws IOException {
        WorkerBootstrap setup = WorkerBootstrap.read(new FileInputStream(FileDescriptor.in));
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(setup.address().substring("unix:".length())));
        Thread parent = new Thread(() -> play(server), "brigade-training");
        parent.setDaemon(true);
        parent.start();
        WorkerMain.run(setup);
    }

    private static void play(ServerSocketChannel server) {
        try (server;
                Selector selector = Selector.open();
                SocketChannel socket = server.accept()) {
            socket.configureBlocking(false);
            FrameChannel channel = new FrameChannel(socket, socket.register(selector, SelectionKey.OP_READ), MAX_BYTES);
            while (channel.read(frame -> answer(channel, frame))) {
                selector.select(ready -> channel.flush());
            }
        } catch (IOException e) {
            // The worker's side has exited, as it was told to.
        }
    }

    private static void answer(FrameChannel channel, Frame frame) {
        if (frame.type() == Frame.HELLO) {
            Codec codec = Codec.of(CdsTrainingMain.class.getClassLoader());
            TaskFunction<Integer, Integer> next = n -> n + 1;
            Payload function = codec.encode(next);
            Payload input = codec.encode(1);
            channel.append(new Frame(Frame.FUNCTION, 0, CALL, 0, function.kind(), 0, function.bytes()));
            channel.send(new Frame(Frame.RUN, 1, CALL, 1, input.kind(), 0, input.bytes()));
        } else if (frame.type() == Frame.RESULT || frame.type() == Frame.BELL) {
            channel.send(Frame.of(Frame.EXIT, 0));
        }
    }
}
