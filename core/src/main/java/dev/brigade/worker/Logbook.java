package dev.brigade.worker;

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
 * it had been given, which neither the channel nor an exit code tells. Writing costs two stores to mapped memory, no system call;
 * the operating system keeps them when the process is killed.
 *
 * <p>Design note: the body's thread writes; the parent reads when the process has ended.
 */
final class Logbook {
    private static final int ITEM_AT = 0;
    private static final int CALL_AT = Integer.BYTES;
    private static final int BYTES = 2 * Integer.BYTES;
    private static final int NONE = 0;

    private final MappedByteBuffer page;

    /**
     * What was written last.
     *
     * @param item the item that began last, 0 for none
     * @param decoding the call whose function was being decoded, 0 for none
     */
    record Entry(int item, int decoding) {}

    private Logbook(MappedByteBuffer page) {
        this.page = page;
    }

    /** Opens it for writing, empty; in the worker. */
    static Logbook open(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(
                file, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            // Written, so that a full disk is told here: in mapped memory it would end whoever touches it.
            channel.write(ByteBuffer.allocate(BYTES));
            return new Logbook(channel.map(MapMode.READ_WRITE, 0, BYTES));
        }
    }

    /** The item begins: decoding its input is part of it, and so is all until the next one. */
    void begins(int item) {
        page.putInt(ITEM_AT, item);
    }

    /** The function of that call is being decoded. */
    void decodes(int call) {
        page.putInt(CALL_AT, call);
    }

    /** What {@link #decodes} announced is done. */
    void decoded() {
        page.putInt(CALL_AT, NONE);
    }

    /** Reads and removes what a dead worker has left; null when there is nothing, because it never got so far. In the parent. */
    static @Nullable Entry take(Path file) {
        try {
            byte[] bytes = Files.readAllBytes(file);
            Files.delete(file);
            ByteBuffer page = ByteBuffer.wrap(bytes);
            return bytes.length == BYTES ? new Entry(page.getInt(ITEM_AT), page.getInt(CALL_AT)) : null;
        } catch (IOException e) {
            LoggerHolder.LOG.debug("there is no logbook: {}", e.toString());
            return null;
        }
    }

    /** Workers do not load SLF4J for this. */
    private static final class LoggerHolder {
        static final Logger LOG = LoggerFactory.getLogger(Logbook.class);
    }
}
