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
 * The stdout and stderr of a process: one thread reads them, and another may end the reading.
 *
 * <p>Design note: a process that a task has started may hold the pipe long after the worker's death. A read of the JDK's stream ends when
 * the last such process does. Neither a close nor an interrupt ends it (17 and 25), and the JDK's thread that cleans up after the process
 * waits for the stream's monitor. A close or an interrupt does end a read of a channel. So the reader opens the pipe once more, as a
 * channel, and closes the stream. That takes Linux's {@code /proc}. Elsewhere the read, its thread and its descriptors last as long as
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
            // Anything may be thrown if descriptors or memory are lacking. The stream is open already.
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
     * Opens the pipe as a channel, if the process is alive. After its exit the JDK reads the rest and closes the descriptor, under the
     * stream's monitor and after {@code isAlive} has become false. While the process is alive, the descriptor is the pipe and holds all
     * unread output.
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
     * Waits until the reader has ended, and ends it if it has read nothing for that long. Output that was written before this call is
     * read, however long the reader takes for it.
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

    /** Closes the channel, and not the stream: its descriptor number could become another file's while the read goes on. */
    private void close() {
        Reopened pipe = reopened;
        if (pipe != null) {
            BestEffort.attempt(
                    "closing what a worker's output is read from",
                    () -> pipe.channel().close());
        }
    }
}
