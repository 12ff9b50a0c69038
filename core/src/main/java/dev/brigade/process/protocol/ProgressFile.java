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
 * What a worker is at, in a few bytes of a file that outlive it: so the parent knows whether a dead worker had begun the item that
 * it had been given, which neither the channel nor an exit code tells. Writing costs a store to mapped memory, no system call;
 * the operating system keeps them when the process is killed.
 *
 * <p>Design note: the body's thread writes; the parent, which made the file, reads when the process has ended.
 */
public final class ProgressFile {
    private static final int ITEM_AT = 0;
    private static final int CALL_AT = Integer.BYTES;
    private static final int HEAP_AT = 2 * Integer.BYTES;
    private static final int BYTES = HEAP_AT + Long.BYTES;
    public static final int NONE = 0;

    /** In the place of the call that was being decoded: it could not be. */
    public static final int FAILED = -2;

    /** What the parent writes. The class is needed when nothing can be loaded any more. */
    private static final Entry UNOPENED = new Entry(-1, -1, 0);

    private final MappedByteBuffer page;

    /**
     * What was written last.
     *
     * @param item the item that began last, 0 for none
     * @param decoding the call whose context and function were being decoded, 0 when they had been, {@link #FAILED} when they could
     *     not be
     * @param heapBytes how large the heap can get
     */
    public record Entry(int item, int decoding, long heapBytes) {
        /** Whether the item's function is decoded. */
        public boolean hasDecoded() {
            return decoding == NONE;
        }
    }

    private ProgressFile(MappedByteBuffer page) {
        this.page = page;
    }

    /** Opens it for writing, empty; in the worker. */
    public static ProgressFile open(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ProgressFile progress = new ProgressFile(channel.map(MapMode.READ_WRITE, 0, BYTES));
            progress.page.putLong(HEAP_AT, Runtime.getRuntime().maxMemory());
            progress.begins(NONE, NONE);
            return progress;
        }
    }

    /**
     * The item begins: decoding its input is part of it, and so is all until the next one. Whoever reads the item reads what belongs
     * to it.
     *
     * @param decoding the call that has to be decoded before, 0 when that has been done
     */
    public void begins(int item, int decoding) {
        // One store: who peeks sees both or none.
        page.putLong(ITEM_AT, (long) item << Integer.SIZE | Integer.toUnsignedLong(decoding));
    }

    /** The call of the item that has begun is decoded. */
    public void decoded() {
        page.putInt(CALL_AT, NONE);
    }

    /** The call of the item that has begun cannot be decoded. */
    public void failedToDecode() {
        page.putInt(CALL_AT, FAILED);
    }

    /**
     * The parent's end.
     *
     * <p>Design note: open from before the worker's start until its death, since at that moment there may be no descriptor to open
     * it with, and an item that was not begun must not be blamed for that.
     */
    public static final class Reader {
        public final Path file;
        private final FileChannel channel;

        private Reader(Path file, FileChannel channel) {
            this.file = file;
            this.channel = channel;
        }

        /** Makes the file, all of it, so that a full disk is told here: in mapped memory it would end whoever touches it. */
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
                    .putInt(UNOPENED.item)
                    .putInt(UNOPENED.decoding)
                    .putLong(UNOPENED.heapBytes)
                    .flip());
        }

        /** Reads what a worker is at; null when that cannot be read, or it has not got so far. */
        @Nullable
        public Entry peek() {
            ByteBuffer page = ByteBuffer.allocate(BYTES);
            try {
                channel.read(page, 0);
            } catch (IOException e) {
                return null; // it has just died, and was read by those who saw it
            }
            return entry(page);
        }

        private static @Nullable Entry entry(ByteBuffer page) {
            Entry last = new Entry(page.getInt(ITEM_AT), page.getInt(CALL_AT), page.getLong(HEAP_AT));
            return page.hasRemaining() || last.item == UNOPENED.item ? null : last;
        }

        /** Reads and removes what a dead worker has left; null when there is nothing, because it never got so far. Once. */
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

    /** Workers do not load SLF4J for this. */
    private static final class LoggerHolder {
        static final Logger LOG = LoggerFactory.getLogger(ProgressFile.class);
    }
}
