package dev.brigade.process.os;

import java.io.Closeable;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Starts processes, and only where there are descriptors enough for it.
 *
 * <p>Design note: a start of the JDK's (17 and 25) that comes to the end of the descriptors half-way cleans up what it has never
 * written: it closes the numbers that an earlier start's pipes had had, whatever of this process has them now, and leaves a pipe
 * of its own open. So as many as it takes are opened first, and closed again: a look, no reservation, but the gap in which another
 * thread may take them is short. {@code STARTS} counts those under way, so that each leaves the others theirs; one looks at a time,
 * and for no more than a few, since looking takes descriptors too.
 */
public final class DescriptorCheck {
    /** Five pipes; and the helper, which has copies of all, loads a library. */
    private static final int PER_START = 12;

    private static final int MAX_COUNTED = 4;

    private static final AtomicInteger STARTS = new AtomicInteger();

    private DescriptorCheck() {}

    /**
     * Starts it.
     *
     * @param readable any file that can be read
     */
    public static Process start(ProcessBuilder builder, Path readable) throws IOException {
        int starts = STARTS.incrementAndGet();
        try {
            look(Math.min(starts, MAX_COUNTED) * PER_START, readable);
            return builder.start();
        } finally {
            STARTS.decrementAndGet();
        }
    }

    private static synchronized void look(int count, Path readable) throws IOException {
        Deque<Closeable> open = new ArrayDeque<>(count);
        try {
            while (open.size() < count) {
                open.add(new FileInputStream(readable.toFile()));
            }
        } catch (IOException e) {
            if (!Files.isRegularFile(readable)) {
                throw e; // somebody has removed it, which says nothing of descriptors
            }
            throw new IOException("a process was not started: it takes " + count + " descriptors", e);
        } finally {
            for (Closeable one : open) {
                one.close();
            }
        }
    }
}
