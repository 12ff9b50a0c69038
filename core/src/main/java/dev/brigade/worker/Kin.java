package dev.brigade.worker;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Ends the processes that tasks have started and left.
 *
 * <p>Once a worker is dead its children are nobody's descendants any more. On Linux they are known by the variable that each
 * worker's environment carries and children inherit; elsewhere they are listed before the worker is killed, and what a worker
 * leaves that dies by itself is not found.
 */
final class Kin {
    /** The variable; its value is the worker's cookie. */
    static final String VARIABLE = "BRIGADE_WORKER";

    private static final Path PROC = Path.of("/proc");
    private static final boolean LINUX = Files.isReadable(Path.of("/proc/self/environ"));
    private static final int MAX_SWEEPS = 5;

    private Kin() {}

    /** What must be noted before a worker is killed, so that {@link #end} finds them; empty where the cookie does. */
    static List<ProcessHandle> before(ProcessHandle worker) {
        if (LINUX) {
            return List.of();
        }
        try (Stream<ProcessHandle> all = worker.descendants()) {
            return all.toList();
        }
    }

    /** Kills those noted, and all processes whose cookie begins so; again and again until none is left, as they may multiply. */
    static void end(List<ProcessHandle> noted, String cookie) {
        noted.forEach(ProcessHandle::destroyForcibly);
        byte[] wanted = (VARIABLE + "=" + cookie).getBytes(ISO_8859_1);
        int sweeps = 0;
        while (LINUX && sweeps < MAX_SWEEPS && sweep(wanted) > 0) {
            sweeps++;
        }
    }

    private static int sweep(byte[] wanted) {
        int found = 0;
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
            for (Path process : processes) {
                if (carries(process, wanted)) {
                    long pid = Long.parseLong(process.getFileName().toString());
                    found += ProcessHandle.of(pid)
                                    .map(ProcessHandle::destroyForcibly)
                                    .orElse(false)
                            ? 1
                            : 0;
                }
            }
        } catch (IOException | RuntimeException e) {
            // A process that ends while it is looked at is no fault.
            return found;
        }
        return found;
    }

    private static boolean carries(Path process, byte[] wanted) {
        try {
            byte[] environment = Files.readAllBytes(process.resolve("environ"));
            return contains(environment, wanted);
        } catch (IOException e) {
            // It has ended, or is another user's.
            return false;
        }
    }

    private static boolean contains(byte[] environment, byte[] wanted) {
        int start = 0;
        for (int i = 0; i < environment.length; i++) {
            if (environment[i] == 0) {
                start = i + 1;
            } else if (i - start < wanted.length && environment[i] != wanted[i - start]) {
                start = Integer.MAX_VALUE;
            } else if (i - start == wanted.length - 1) {
                return true;
            }
        }
        return false;
    }

    /** What the operating system says of a process, {@code T} when it is stopped; empty where it cannot be asked. */
    static String state(long pid) {
        try {
            String stat = Files.readString(PROC.resolve(pid + "/stat"), ISO_8859_1);
            int end = stat.lastIndexOf(')');
            return end < 0 ? "" : stat.substring(end + 2, end + 3);
        } catch (IOException | RuntimeException e) {
            return "";
        }
    }
}
