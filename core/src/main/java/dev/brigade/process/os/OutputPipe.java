package dev.brigade.process.os;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a process writes to its stdout and stderr: one thread reads it, and another may end that.
 *
 * <p>Design note: what a task has started may hold the pipe long after its worker's death. A read of the JDK's stream ends when the
 * last of them does: neither a close nor an interrupt ends it (17 and 25), and the JDK's thread that tidies up after the process
 * waits for the stream's monitor. A read of a channel ends by either. So the reader opens the pipe once more, as a channel, and
 * closes the stream. That takes Linux's {@code /proc}. Elsewhere the read, its thread and its descriptors last as long as
 * the pipe is held.
 */
public final class OutputPipe {
    private static final Logger LOG = LoggerFactory.getLogger(OutputPipe.class);
    private static final Path PROC = Path.of("/proc");

    /** Of one read. */
    static final int MAX_READ_BYTES = 8192;

    private final Process process;
    private final InputStream stream;

    /** Read in place of the stream; null where it cannot be. Set by the reader. */
    private volatile @Nullable Reopened reopened;

    /** Odd while the reader is in a read; another number for each. */
    private final AtomicInteger turns = new AtomicInteger();

    private final CountDownLatch ended = new CountDownLatch(1);

    /** The pipe as a channel; with a buffer, since a channel's read that has to make its own fails where there is no memory for one. */
    private record Reopened(FileChannel channel, ByteBuffer buffer) {
        int read(byte[] bytes) throws IOException {
            int count = channel.read(buffer.clear());
            buffer.flip().get(bytes, 0, Math.max(0, count));
            return count;
        }
    }

    public OutputPipe(Process process) {
        this.process = process;
        stream = process.getInputStream();
    }

    /** Before the first read, by the reader. */
    void open() {
        try {
            Path descriptor = descriptor();
            if (descriptor != null) {
                reopen(descriptor);
            }
        } catch (IOException | RuntimeException | Error e) {
            // Where descriptors or memory are lacking, anything; the stream has what it takes.
            LOG.debug("the output of {} cannot be opened as a channel", process, e);
        }
    }

    /** This process's end of the pipe that is the other's stdout; null where it is not found, perhaps as that has just ended. */
    private @Nullable Path descriptor() throws IOException {
        Path stdout = PROC.resolve(process.pid() + "/fd/1");
        if (!Files.isSymbolicLink(stdout)) {
            return null;
        }
        Path pipe = Files.readSymbolicLink(stdout);
        try (DirectoryStream<Path> own = Files.newDirectoryStream(PROC.resolve("self/fd"))) {
            for (Path one : own) {
                if (isLink(one, pipe)) {
                    return pipe.toString().startsWith("pipe:") ? one : null;
                }
            }
        }
        return null;
    }

    private static boolean isLink(Path descriptor, Path target) {
        try {
            return Files.readSymbolicLink(descriptor).equals(target);
        } catch (IOException e) {
            // It was closed meanwhile.
            return false;
        }
    }

    /**
     * Once the process has exited, the JDK reads what is left, and closes the descriptor: under the stream's monitor, and after it has
     * told that the process is not alive. While it is, the descriptor is the pipe, and all that was written is in it.
     */
    private void reopen(Path descriptor) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocateDirect(MAX_READ_BYTES);
        synchronized (stream) {
            FileChannel channel = FileChannel.open(descriptor, StandardOpenOption.READ);
            if (process.isAlive()) {
                reopened = new Reopened(channel, buffer);
                stream.close();
            } else {
                channel.close();
            }
        }
    }

    /** Reads what there is into an array of {@link #MAX_READ_BYTES}, or waits for some; -1 at the end. By the reader. */
    int read(byte[] bytes) throws IOException {
        Reopened pipe = reopened;
        turns.incrementAndGet();
        try {
            return pipe == null ? stream.read(bytes) : pipe.read(bytes);
        } finally {
            turns.incrementAndGet();
        }
    }

    /** The reader reads no more. */
    void end() {
        ended.countDown();
        close();
    }

    /**
     * Waits until the reader has ended, or has waited that long for more than it has read: then ends it. What was written before
     * this is called is read, however long the reader takes over it.
     */
    public void endOnceSilent(long nanos) throws InterruptedException {
        int turn;
        do {
            turn = turns.get();
            if (ended.await(nanos, TimeUnit.NANOSECONDS)) {
                return;
            }
        } while (turn % 2 == 0 || turn != turns.get());
        close();
    }

    /** Not the stream: its number would be another's while the read goes on. */
    private void close() {
        Reopened pipe = reopened;
        if (pipe != null) {
            BestEffort.attempt(
                    "closing what a worker's output is read from",
                    () -> pipe.channel().close());
        }
    }
}
