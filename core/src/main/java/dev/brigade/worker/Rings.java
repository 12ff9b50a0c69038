package dev.brigade.worker;

import java.io.File;
import java.io.IOException;
import java.lang.ref.PhantomReference;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the rings of results of a pool.
 *
 * <p>Design note: a ring's file is there until its worker has mapped it, so that no task finds a file to cut off: touching memory
 * whose file is gone is an error of the virtual machine. Mapped memory is given back by the collector, when it comes to it; so
 * there is a bound on what waits for it, in all pools together ({@code alive}).
 */
final class Rings {
    private static final Logger LOG = LoggerFactory.getLogger(Rings.class);
    /** Together 16 MiB. */
    private static final int MAX_ALIVE = 256;

    /** Those that the collector has not taken, and what it says of the others. */
    private static final Set<Reference<ResultRing.Reader>> ALIVE = ConcurrentHashMap.newKeySet();

    private static final ReferenceQueue<ResultRing.Reader> COLLECTED = new ReferenceQueue<>();

    /** Where a mapped file cannot be removed (Windows), all results take the socket. */
    private static final boolean REMOVABLE = File.separatorChar == '/';

    private final Path directory;

    Rings(Path directory) {
        this.directory = directory;
    }

    /** A ring for a worker; null where none can be had, and then all its results take the socket. */
    ResultRing.@Nullable Reader make(Worker worker) {
        forgetCollected();
        if (!REMOVABLE || ALIVE.size() >= MAX_ALIVE) {
            return null;
        }
        try {
            ResultRing.Reader ring = ResultRing.Reader.create(directory.resolve("ring-" + worker.number));
            ALIVE.add(new PhantomReference<>(ring, COLLECTED));
            return ring;
        } catch (IOException | RuntimeException | Error e) {
            LOG.debug("no ring of results for {}; they take the socket instead", worker.name(), e);
            return null;
        }
    }

    private static void forgetCollected() {
        for (Reference<?> gone = COLLECTED.poll(); gone != null; gone = COLLECTED.poll()) {
            ALIVE.remove(gone);
        }
    }

    /** Removes the file: the worker has mapped it, or never will. */
    static void hide(ResultRing.Reader ring) {
        try {
            Files.deleteIfExists(ring.file);
        } catch (IOException e) {
            LOG.debug("{} stays until the pool is closed", ring.file, e);
        }
    }
}
