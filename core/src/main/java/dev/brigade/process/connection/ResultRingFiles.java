package dev.brigade.process.connection;

import dev.brigade.process.os.PoolDirectory;
import dev.brigade.process.protocol.ResultRing;
import java.io.Closeable;
import java.io.File;
import java.io.IOException;
import java.lang.ref.PhantomReference;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The rings of results of a pool.
 *
 * <p>Design note: a ring's file has a name until its worker has mapped it, so that no task finds a file to cut off: touching memory
 * whose file is gone is an error of the virtual machine. A dead worker's file is cut off by the pool itself, which gives its space
 * back at once; the addresses are given back by the collector, when it comes to it, so there is a bound on those that wait for it,
 * in all pools together ({@code MAPPED}).
 */
public final class ResultRingFiles implements Closeable {
    private static final Logger LOG = LoggerFactory.getLogger(ResultRingFiles.class);
    private static final int MAX_MAPPED = 1024;

    /** Those that the collector has not taken, and what it says of the others. */
    private static final Set<Reference<ResultRing.Reader>> MAPPED = ConcurrentHashMap.newKeySet();

    private static final ReferenceQueue<ResultRing.Reader> COLLECTED = new ReferenceQueue<>();

    /** Where a mapped file cannot be removed (Windows), all results take the socket. */
    private static final boolean REMOVABLE = File.separatorChar == '/';

    private final Path directory;

    /** Those with a file. */
    private final Map<ResultRing.Reader, FileChannel> open = new ConcurrentHashMap<>();

    public ResultRingFiles(Path directory) {
        this.directory = directory;
    }

    /** Returns a ring for the worker of that number; null where none can be had, and then all its results take the socket. */
    public ResultRing.@Nullable Reader make(int worker) {
        forgetCollected();
        if (!REMOVABLE || MAPPED.size() >= MAX_MAPPED) {
            return null;
        }
        try {
            return create(directory.resolve("ring-" + worker));
        } catch (IOException | RuntimeException | Error e) {
            LOG.debug("no ring of results for worker {}; they take the socket instead", worker, e);
            return null;
        }
    }

    private ResultRing.Reader create(Path file) throws IOException {
        FileChannel channel = PoolDirectory.newFile(file);
        try {
            ResultRing.Reader ring = ResultRing.Reader.create(file, channel);
            MAPPED.add(new PhantomReference<>(ring, COLLECTED));
            open.put(ring, channel);
            return ring;
        } catch (IOException | RuntimeException | Error e) {
            channel.close();
            Files.deleteIfExists(file);
            throw e;
        }
    }

    private static void forgetCollected() {
        for (Reference<?> gone = COLLECTED.poll(); gone != null; gone = COLLECTED.poll()) {
            MAPPED.remove(gone);
        }
    }

    /** Removes the file's name: the worker has mapped it, or never will, and nobody else is to find it. */
    static void hide(ResultRing.Reader ring) {
        try {
            Files.deleteIfExists(ring.file);
        } catch (IOException e) {
            LOG.debug("{} stays until the pool is closed", ring.file, e);
        }
    }

    /** Gives a ring's space back: its worker is dead, and it is not touched any more. */
    public void free(ResultRing.Reader ring) {
        FileChannel channel = open.remove(ring);
        if (channel != null) {
            try (channel) {
                channel.truncate(0);
            } catch (IOException e) {
                LOG.debug("{} keeps its space until it is collected", ring.file, e);
            }
            hide(ring);
        }
    }

    /** Lets go of the files, while rings may still be read. */
    @Override
    public void close() {
        for (FileChannel channel : open.values()) {
            try {
                channel.close();
            } catch (IOException e) {
                LOG.debug("closing a ring's file", e);
            }
        }
    }
}
