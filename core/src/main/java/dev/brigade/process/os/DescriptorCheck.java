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
 * Starts processes, but only if there are enough descriptors.
 *
 * <p>Design note: a process start of the JDK (17 and 25) that runs out of descriptors midway cleans up fields that it has never written.
 * It closes the descriptor numbers of an earlier start's pipes, which may be other files of this process by now, and leaves a pipe of its
 * own open. So this class first opens as many descriptors as a start needs, and closes them again. That is a check and no reservation, but
 * another thread has only a short time to take them. {@code STARTS} counts the starts under way, so that each leaves enough for the others.
 * One thread checks at a time, and only for a few starts, since the check takes descriptors too.
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
