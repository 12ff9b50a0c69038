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
 * The files of the result rings of a pool.
 *
 * <p>Design note: a ring's file loses its name as soon as its worker has mapped it. So no task can truncate the file: an access to mapped
 * memory behind the end of its file is an error of the virtual machine. The pool itself truncates a dead worker's file, which frees the
 * space at once. The garbage collector unmaps the memory at some later time, so {@code MAPPED} bounds the mappings that wait for it, in
 * all pools together.
 */
public final class ResultRingFiles implements Closeable {
    private static final Logger LOG = LoggerFactory.getLogger(ResultRingFiles.class);
    private static final int MAX_MAPPED = 1024;

    /** The mapped rings of this JVM that the garbage collector has not taken yet. */
    private static final Set<Reference<ResultRing.Reader>> MAPPED = ConcurrentHashMap.newKeySet();

    private static final ReferenceQueue<ResultRing.Reader> COLLECTED = new ReferenceQueue<>();

    /** False on Windows, which cannot remove a mapped file: there all results take the socket. */
    private static final boolean REMOVABLE = File.separatorChar == '/';

    private final Path directory;

    /** The rings whose file is open. */
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

    /** Removes the file's name, since the worker has mapped the file, or never will. */
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
