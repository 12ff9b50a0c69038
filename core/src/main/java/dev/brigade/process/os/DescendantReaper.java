package dev.brigade.process.os;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends the processes that tasks have started and left.
 *
 * <p>The children of a dead worker are no longer descendants of this process. On Linux they are found by the environment variable that
 * each worker has and its children inherit. Elsewhere they are listed before the worker is killed; children of a worker that dies by
 * itself are not found there.
 */
public final class DescendantReaper {
    /** The variable; its value is the worker's cookie. */
    public static final String VARIABLE = "BRIGADE_WORKER";

    private static final Path PROC = Path.of("/proc");
    private static final boolean LINUX = Files.isReadable(Path.of("/proc/self/environ"));
    private static final int MAX_SWEEPS = 5;

    private DescendantReaper() {}

    /** Marks all that a process with this environment starts. */
    public static void mark(Map<String, String> environment, String cookie) {
        environment.put(VARIABLE, cookie);
    }

    /** Returns the worker's descendants for {@link #end}, before the worker is killed; empty on systems where the cookie finds them. */
    public static List<ProcessHandle> before(ProcessHandle worker) {
        if (LINUX) {
            return List.of();
        }
        try (Stream<ProcessHandle> all = worker.descendants()) {
            return all.toList();
        }
    }

    /** Kills those noted, and all processes whose cookie begins so; again and again until none is left, as they may multiply. */
    public static void end(List<ProcessHandle> noted, String cookie) {
        noted.forEach(ProcessHandle::destroyForcibly);
        String wanted = VARIABLE + "=" + cookie;
        int sweeps = 0;
        while (LINUX && sweeps < MAX_SWEEPS && sweep(wanted) > 0) {
            sweeps++;
        }
    }

    private static int sweep(String wanted) {
        int found = 0;
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
            for (Path process : processes) {
                // The handle first: it knows when the process began, and kills no other that gets its number meanwhile.
                Optional<ProcessHandle> handle =
                        ProcessHandle.of(Long.parseLong(process.getFileName().toString()));
                if (handle.isPresent() && carries(process, wanted)) {
                    found += kill(handle.get()) ? 1 : 0;
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            LoggerHolder.LOG.debug("looking for what tasks have left", e);
        }
        return found;
    }

    /** A worker that ends does not load SLF4J for this, which may take seconds. */
    private static final class LoggerHolder {
        static final Logger LOG = LoggerFactory.getLogger(DescendantReaper.class);
    }

    private static boolean kill(ProcessHandle process) {
        // A pool inside a worker of another pool carries that one's cookie; but never its own.
        return process.pid() != ProcessHandle.current().pid() && process.destroyForcibly();
    }

    private static boolean carries(Path process, String wanted) {
        try {
            // Variables are separated by zeros.
            return ("\0" + Files.readString(process.resolve("environ"), ISO_8859_1)).contains("\0" + wanted);
        } catch (IOException e) {
            // It has ended, or is another user's.
            return false;
        }
    }

    /** Returns the operating system's state of a process, {@code T} if it is stopped; empty if the system has no such information. */
    public static String state(long pid) {
        try {
            String stat = Files.readString(PROC.resolve(pid + "/stat"), ISO_8859_1);
            int end = stat.lastIndexOf(')');
            return end < 0 ? "" : stat.substring(end + 2, end + 3);
        } catch (IOException | RuntimeException e) {
            return "";
        }
    }
}
