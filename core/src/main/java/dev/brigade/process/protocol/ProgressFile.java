package dev.brigade.process.protocol;

import dev.brigade.process.os.PoolDirectory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The progress of a worker, in a few bytes of a file that outlives the worker. It tells the parent if a dead worker had begun the task that
 * it was sent; neither the connection nor an exit code tells that. A write is a store to mapped memory, without a system call, and the
 * operating system keeps it when the process is killed.
 *
 * <p>Design note: the body's thread writes. The parent creates the file, may peek while the process lives, and reads it when the process
 * has ended.
 */
public final class ProgressFile {
    private static final int ATTEMPT_AT = 0;
    private static final int BATCH_AT = Integer.BYTES;
    private static final int HEAP_AT = 2 * Integer.BYTES;
    private static final int BYTES = HEAP_AT + Long.BYTES;
    public static final int NONE = 0;

    /** Stands for the batch that was being decoded, if it could not be decoded. */
    public static final int FAILED = -2;

    /** Entry that the parent writes first. As a constant it also loads the class, which is needed when no class can be loaded any more. */
    private static final Entry UNOPENED = new Entry(-1, -1, 0);

    private final MappedByteBuffer page;

    /**
     * The last state that was written.
     *
     * @param attempt the number of the attempt that began last, 0 for none
     * @param decoding the number of the batch whose context and function were being decoded; 0 when that was done, {@link #FAILED} when
     *     it failed
     * @param heapBytes the maximum size of the heap
     */
    public record Entry(int attempt, int decoding, long heapBytes) {
        /** Returns true if the function of the attempt's batch is decoded. */
        public boolean hasDecoded() {
            return decoding == NONE;
        }
    }

    private ProgressFile(MappedByteBuffer page) {
        this.page = page;
    }

    /** Opens the file for writing, without a task; in the worker. */
    public static ProgressFile open(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ProgressFile progress = new ProgressFile(channel.map(MapMode.READ_WRITE, 0, BYTES));
            progress.page.putLong(HEAP_AT, Runtime.getRuntime().maxMemory());
            progress.begins(NONE, NONE);
            return progress;
        }
    }

    /**
     * Writes that an attempt begins. Everything until the next one belongs to it, decoding its input too.
     *
     * @param decoding the number of the batch that has to be decoded first, 0 if that has been done
     */
    public void begins(int attempt, int decoding) {
        // One store, so that a reader that peeks sees both numbers or neither.
        page.putLong(ATTEMPT_AT, (long) attempt << Integer.SIZE | Integer.toUnsignedLong(decoding));
    }

    /** Writes that the batch of the current attempt is decoded. */
    public void decoded() {
        page.putInt(BATCH_AT, NONE);
    }

    /** Writes that the batch of the current attempt cannot be decoded. */
    public void failedToDecode() {
        page.putInt(BATCH_AT, FAILED);
    }

    /**
     * The parent's end.
     *
     * <p>Design note: open from before the worker's start until its death. At that moment there may be no descriptor to open the file with,
     * and a task that had not begun must not be blamed for that.
     */
    public static final class Reader {
        public final Path file;
        private final FileChannel channel;

        private Reader(Path file, FileChannel channel) {
            this.file = file;
            this.channel = channel;
        }

        /**
         * Creates the file in its full length, so that a full disk fails here. In mapped memory it would end the process that touches the
         * page.
         */
        public static Reader create(Path file) throws IOException {
            FileChannel channel = PoolDirectory.newFile(file);
            try {
                clear(channel);
                return new Reader(file, channel);
            } catch (IOException | RuntimeException | Error e) {
                channel.close();
                Files.deleteIfExists(file);
                throw e;
            }
        }

        public static void clear(FileChannel file) throws IOException {
            file.write(ByteBuffer.allocate(BYTES)
                    .putInt(UNOPENED.attempt)
                    .putInt(UNOPENED.decoding)
                    .putLong(UNOPENED.heapBytes)
                    .flip());
        }

        /** Returns the current entry; null if it cannot be read, or the worker has not opened the file yet. */
        @Nullable
        public Entry peek() {
            ByteBuffer page = ByteBuffer.allocate(BYTES);
            try {
                channel.read(page, 0);
            } catch (IOException e) {
                return null; // it has just died, and another thread has taken the entry
            }
            return entry(page);
        }

        private static @Nullable Entry entry(ByteBuffer page) {
            Entry last = new Entry(page.getInt(ATTEMPT_AT), page.getInt(BATCH_AT), page.getLong(HEAP_AT));
            return page.hasRemaining() || last.attempt == UNOPENED.attempt ? null : last;
        }

        /** Returns the entry that a dead worker has left, and removes the file; null if the worker never opened it. To be called once. */
        @Nullable
        public Entry take() {
            ByteBuffer page = ByteBuffer.allocate(BYTES);
            try (channel) {
                channel.read(page, 0);
                Files.deleteIfExists(file);
            } catch (IOException e) {
                LoggerHolder.LOG.debug("the progress file: {}", e.toString());
            }
            return entry(page);
        }
    }

    /** Keeps workers from loading SLF4J. */
    private static final class LoggerHolder {
        static final Logger LOG = LoggerFactory.getLogger(ProgressFile.class);
    }
}
