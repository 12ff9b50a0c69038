package dev.brigade.worker;

import java.io.Closeable;
import java.io.File;
import java.io.IOException;
import java.lang.ref.PhantomReference;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.nio.file.Path;
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
final class Rings implements Closeable {
    private static final Logger LOG = LoggerFactory.getLogger(Rings.class);
    private static final int MAX_MAPPED = 1024;

    /** Those that the collector has not taken, and what it says of the others. */
    private static final Set<Reference<ResultRing.Reader>> MAPPED = ConcurrentHashMap.newKeySet();

    private static final ReferenceQueue<ResultRing.Reader> COLLECTED = new ReferenceQueue<>();

    /** Where a mapped file cannot be removed (Windows), all results take the socket. */
    private static final boolean REMOVABLE = File.separatorChar == '/';

    private final Path directory;

    /** Those with a file. */
    private final Set<ResultRing.Reader> open = ConcurrentHashMap.newKeySet();

    Rings(Path directory) {
        this.directory = directory;
    }

    /** A ring for a worker; null where none can be had, and then all its results take the socket. */
    ResultRing.@Nullable Reader make(Worker worker) {
        forgetCollected();
        if (!REMOVABLE || MAPPED.size() >= MAX_MAPPED) {
            return null;
        }
        try {
            ResultRing.Reader ring = ResultRing.Reader.create(directory.resolve("ring-" + worker.number));
            MAPPED.add(new PhantomReference<>(ring, COLLECTED));
            open.add(ring);
            return ring;
        } catch (IOException | RuntimeException | Error e) {
            LOG.debug("no ring of results for {}; they take the socket instead", worker.name(), e);
            return null;
        }
    }

    private static void forgetCollected() {
        for (Reference<?> gone = COLLECTED.poll(); gone != null; gone = COLLECTED.poll()) {
            MAPPED.remove(gone);
        }
    }

    /** The ring's worker is dead, and all has been read. */
    void free(ResultRing.Reader ring) {
        if (open.remove(ring)) {
            try {
                ring.free();
            } catch (IOException e) {
                LOG.debug("{} stays until the pool is closed", ring.file, e);
            }
        }
    }

    @Override
    public void close() throws IOException {
        for (ResultRing.Reader ring : open) {
            ring.close();
        }
    }
}
