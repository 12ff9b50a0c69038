package dev.brigade.process.worker;

import dev.brigade.Task;
import dev.brigade.process.protocol.Frame;
import dev.brigade.process.protocol.FrameChannel;
import dev.brigade.process.protocol.PoolNesting;
import dev.brigade.process.protocol.ProgressFile;
import dev.brigade.process.protocol.ProtocolException;
import dev.brigade.process.protocol.ResultRing;
import dev.brigade.process.protocol.WorkerBootstrap;
import dev.brigade.process.protocol.WorkerExitCode;
import dev.brigade.transport.Codec;
import dev.brigade.transport.Payload;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.ObjectInputFilter;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The main class of a worker JVM; started by the pool, never by hand.
 *
 * <p>Design note: the main thread reads the connection and never runs user code. {@link TaskExecutor} runs the bodies on a thread of its
 * own, one at a time; {@link ParentWatchdog} watches the parent. Nothing here loads more classes than it must, because a worker's start is
 * most of the cost of a short batch. {@code batches} and {@code contexts} belong to the main thread.
 */
public final class WorkerMain {
    private final WorkerBootstrap setup;
    private final FrameChannel channel;
    private final Codec codec;
    private final TaskInbox inbox;
    private final ParentWatchdog watchdog;
    private final TaskExecutor bodies;
    private final Map<Integer, WorkerBatch> batches = new HashMap<>();
    private final Map<Integer, Payload> contexts = new HashMap<>();

    /** The parent has asked for the exit. The main thread sets this; the shutdown hook reads it. */
    private volatile boolean dismissed;

    private WorkerMain(
            WorkerBootstrap setup, FrameChannel channel, ProgressFile progress, ResultRing.@Nullable Writer ring) {
        this.setup = setup;
        this.channel = channel;
        codec = Codec.of(ClassLoader.getSystemClassLoader(), filter(setup.inputFilter()))
                .explainingClasses(setup.classes());
        // The inbox calls this under its lock, before the next body can begin and send frames.
        inbox = new TaskInbox(id -> channel.send(Frame.of(Frame.RETURNED, id)));
        watchdog = new ParentWatchdog(setup, channel, inbox);
        bodies = new TaskExecutor(setup, new ResultSender(channel, ring, inbox), inbox, codec, progress);
    }

    /**
     * Connects to the parent and works until the parent asks for the exit, or is gone.
     *
     * @param arguments none; all configuration comes on stdin
     */
    @SuppressWarnings("CatchAndPrintStackTrace") // a worker's stderr is its log: the parent reads it
    public static void main(String[] arguments) {
        try {
            WorkerBootstrap setup = WorkerBootstrap.read(new FileInputStream(FileDescriptor.in));
            try {
                run(setup);
            } catch (IOException e) {
                ParentWatchdog.leaveIfParentIsGone(setup);
                throw e;
            }
        } catch (IOException | RuntimeException | Error e) {
            e.printStackTrace();
            Runtime.getRuntime().halt(WorkerExitCode.NOT_READY);
        }
    }

    static void run(WorkerBootstrap setup) throws IOException {
        for (Map.Entry<String, String> property : setup.properties().entrySet()) {
            System.setProperty(property.getKey(), property.getValue());
        }
        System.setIn(InputStream.nullInputStream());
        PoolNesting.enter(setup.depth());
        ParentWatchdog.ignoreTerminalSignals();
        SigtermHandler termination = SigtermHandler.handle();
        SocketChannel channel = connect(setup.address());
        Selector selector = Selector.open();
        SelectionKey key = channel.register(selector, SelectionKey.OP_READ);
        int maxBytes = setup.maxPayloadBytes();
        ProgressFile progress = ProgressFile.open(Path.of(setup.progress()));
        ResultRing.Writer ring = setup.ring().isEmpty() ? null : ResultRing.Writer.open(Path.of(setup.ring()));
        new WorkerMain(setup, new FrameChannel(channel, key, maxBytes), progress, ring).work(selector, termination);
    }

    private static @Nullable ObjectInputFilter filter(String pattern) {
        return pattern.isEmpty() ? null : ObjectInputFilter.Config.createFilter(pattern);
    }

    private static SocketChannel connect(String address) throws IOException {
        SocketChannel channel;
        SocketAddress remote;
        if (address.startsWith("unix:")) {
            channel = SocketChannel.open(StandardProtocolFamily.UNIX);
            remote = UnixDomainSocketAddress.of(address.substring("unix:".length()));
        } else {
            channel = SocketChannel.open();
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            int port = Integer.parseInt(address.substring("tcp:".length()));
            remote = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        }
        channel.connect(remote);
        channel.configureBlocking(false);
        return channel;
    }

    private void work(Selector selector, SigtermHandler termination) {
        bodies.takeOverStreams();
        bodies.start();
        watchdog.start();
        Runtime.getRuntime().addShutdownHook(new Thread(this::announceExit, "brigade-worker-exit"));
        channel.send(Frame.of(Frame.HELLO, setup.worker(), 0, setup.token().getBytes(StandardCharsets.US_ASCII)));
        termination.tellBy(channel);
        try {
            while (channel.read(this::handle) && !dismissed) {
                selector.select(ready -> channel.flush());
            }
        } catch (ProtocolException e) {
            fail(e, e.getCause() instanceof OutOfMemoryError ? WorkerExitCode.OUT_OF_MEMORY : WorkerExitCode.PROTOCOL);
        } catch (IOException e) {
            fail(e, WorkerExitCode.PARENT_GONE);
        } catch (RuntimeException | Error e) {
            fail(e, WorkerExitCode.PROTOCOL);
        }
        if (dismissed) {
            System.exit(0);
        }
        Throwable why = channel.failure();
        if (why != null) {
            fail(why, why instanceof OutOfMemoryError ? WorkerExitCode.OUT_OF_MEMORY : WorkerExitCode.PROTOCOL);
        }
        watchdog.haltWithDescendants(WorkerExitCode.PARENT_GONE);
    }

    /** Ends the worker. {@code System.err} goes through the connection, so the stack trace is written to the descriptor. */
    private void fail(Throwable e, int code) {
        e.printStackTrace(new PrintStream(new FileOutputStream(FileDescriptor.err), true));
        watchdog.haltWithDescendants(code);
    }

    /**
     * Tells the parent that the JVM shuts down without having been asked to, as by {@code System.exit} in a task. The parent then does not
     * take the exit code for the end of memory, and limits the time for the exit. The frame also says if a signal began the shutdown,
     * because a task may exit with the same code.
     */
    private void announceExit() {
        bodies.endLastLines();
        if (!dismissed) {
            // Waits until the frame is written: another thread may be the writer, and the JVM may end before that
            // thread comes to the frame.
            channel.awaitWritten(channel.send(Frame.of(Frame.EXITING, 0, ParentWatchdog.wasTerminated() ? 1 : 0)));
        }
    }

    private void handle(Frame frame) {
        switch (frame.type()) {
            case Frame.RUN -> run(frame);
            case Frame.FUNCTION -> open(frame);
            case Frame.CONTEXT -> contexts.put(frame.batch(), new Payload(frame.kind(), frame.bytes()));
            case Frame.RELEASE -> batches.remove(frame.batch());
            case Frame.CANCEL -> cancel(frame.id(), frame.number() != 0);
            case Frame.RECALL -> inbox.withdraw(frame.id());
            case Frame.INITIALIZE -> initialize(frame);
            case Frame.EXIT -> dismissed = true;
            default -> throw new IllegalStateException("unknown frame type " + frame.type() + " from the parent");
        }
    }

    private void open(Frame frame) {
        batches.put(frame.batch(), new WorkerBatch(frame, contexts.remove(frame.batch())));
    }

    private void run(Frame frame) {
        WorkerBatch batch = batches.get(frame.batch());
        if (batch == null) {
            throw new IllegalStateException("task " + frame.id() + " of unknown batch " + frame.batch());
        }
        WorkerTaskContext context = new WorkerTaskContext(frame.number(), frame.nanos());
        inbox.offer(new QueuedTask(frame.id(), batch, new Payload(frame.kind(), frame.bytes()), context));
    }

    private void cancel(int id, boolean hard) {
        QueuedTask running = inbox.withdraw(id);
        if (running == null) {
            return;
        }
        running.context().cancel();
        if (hard) {
            inbox.interrupt(id);
            watchdog.expectEnd(id);
        }
    }

    private void initialize(Frame frame) {
        Payload encoded = new Payload(frame.kind(), frame.bytes());
        bodies.initialize(() -> {
            Task<?> initializer = (Task<?>) codec.decode(encoded);
            if (initializer != null) {
                initializer.call();
            }
        });
    }
}
