package dev.brigade.worker;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The rings of results of a pool: a dead worker's is given to the next one, since mapped memory is only given back by the collector.
 *
 * <p>Design note: {@code this} guards the fields.
 */
final class Rings {
    private static final Logger LOG = LoggerFactory.getLogger(Rings.class);

    /** Where a mapped file cannot be removed (Windows), all results take the socket. */
    private static final boolean REMOVABLE = File.separatorChar == '/';

    private final Path directory;
    private final ArrayDeque<ResultRing.Reader> spares = new ArrayDeque<>();
    private int made;

    Rings(Path directory) {
        this.directory = directory;
    }

    /** One that nobody uses; null where none can be had, and then all results take the socket. */
    synchronized ResultRing.@Nullable Reader take() {
        ResultRing.Reader spare = spares.poll();
        if (spare != null || !REMOVABLE) {
            return spare;
        }
        try {
            return ResultRing.Reader.create(directory.resolve("ring-" + ++made));
        } catch (IOException | RuntimeException | OutOfMemoryError e) {
            LOG.debug("no ring of results; they take the socket instead", e);
            return null;
        }
    }

    /** Nobody writes to it any more: its worker's process has ended. */
    synchronized void giveBack(ResultRing.Reader ring) {
        ring.reset();
        spares.add(ring);
    }
}
