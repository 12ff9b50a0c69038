package dev.brigade.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** What a pool must not leave behind: processes, threads, files. Of this process's own only. */
public final class Leftovers {
    static {
        prepare();
    }

    private final Set<Long> processesBefore = processes();
    private final Set<Path> filesBefore = files();

    /** Makes the directory that the build chose for temporary files: a pool needs one that exists. */
    public static void prepare() {
        try {
            Files.createDirectories(Path.of(System.getProperty("java.io.tmpdir")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Fails when there is more than there was when this was made. */
    public void assertNone() {
        Awaitility.await().atMost(java.time.Duration.ofSeconds(5)).untilAsserted(() -> {
            assertEquals(List.of(), threads(), "threads");
            assertEquals(Set.of(), newOnes(processes(), processesBefore), "processes");
            assertEquals(Set.of(), newOnes(files(), filesBefore), "files");
        });
    }

    /** Whether a process that is perhaps not our child has ended; one that waits for its parent to take notice has. */
    public static boolean isGone(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
            return stat.charAt(stat.lastIndexOf(')') + 2) == 'Z';
        } catch (IOException e) {
            return ProcessHandle.of(pid).isEmpty();
        }
    }

    private static <T> Set<T> newOnes(Set<T> now, Set<T> before) {
        return now.stream().filter(one -> !before.contains(one)).collect(Collectors.toSet());
    }

    private static Set<Long> processes() {
        try (Stream<ProcessHandle> all = ProcessHandle.current().descendants()) {
            return all.map(ProcessHandle::pid).collect(Collectors.toSet());
        }
    }

    private static List<String> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith("brigade-processes"))
                .toList();
    }

    private static Set<Path> files() {
        try (Stream<Path> all = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
            return all.filter(file -> file.getFileName().toString().startsWith("brigade-"))
                    .collect(Collectors.toSet());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
