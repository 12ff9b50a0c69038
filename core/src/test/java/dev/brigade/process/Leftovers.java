package dev.brigade.process;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.brigade.process.os.DescendantReaper;
import dev.brigade.process.os.PoolDirectory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** What a pool must not leave behind: processes, threads, files, descriptors. Of this process's own only. */
public final class Leftovers {
    private static final Path PROC = Path.of("/proc");
    private static final Path DESCRIPTORS = PROC.resolve("self/fd");
    private static final String PREFIX =
            PoolDirectory.prefix(ProcessHandle.current().pid());
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    static {
        prepare();
        warmUp();
    }

    private final Set<Long> processesBefore = processes();
    private final Set<Path> filesBefore = files();
    private final Set<Long> threadsBefore = threads().keySet();
    private final Map<String, Integer> descriptorsBefore = descriptors();

    /** Makes the directory that the build chose for temporary files: a pool needs one that exists. */
    public static void prepare() {
        try {
            Files.createDirectories(Path.of(System.getProperty("java.io.tmpdir")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The JDK keeps a descriptor or two from its first channels on: they are nobody's leftovers. */
    private static void warmUp() {
        try (Selector selector = Selector.open();
                SocketChannel unix = SocketChannel.open(StandardProtocolFamily.UNIX);
                SocketChannel tcp = SocketChannel.open()) {
            assertEquals(true, selector.isOpen() && unix.isOpen() && tcp.isOpen());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Fails when there is more than there was when this was made. */
    public void assertNone() {
        Awaitility.await().pollInterval(Duration.ofMillis(5)).atMost(PATIENCE).untilAsserted(() -> {
            assertEquals(Map.of(), newThreads(), "threads");
            assertEquals(Set.of(), newOnes(processes(), processesBefore), "processes");
            assertEquals(Set.of(), newOnes(files(), filesBefore), "files");
            assertEquals(Map.of(), newDescriptors(), "descriptors");
        });
    }

    /** Whether a process that is perhaps not our child has ended; one that waits for its parent to take notice has. */
    public static boolean isGone(long pid) {
        try {
            String stat = Files.readString(PROC.resolve(pid + "/stat"));
            return stat.charAt(stat.lastIndexOf(')') + 2) == 'Z';
        } catch (IOException e) {
            return ProcessHandle.of(pid).isEmpty();
        }
    }

    private static <T> Set<T> newOnes(Set<T> now, Set<T> before) {
        return now.stream().filter(one -> !before.contains(one)).collect(Collectors.toSet());
    }

    /** Our descendants, and what carries the mark of a pool of ours though its parent is dead. */
    private static Set<Long> processes() {
        Set<Long> found = marked(ProcessHandle.current().pid());
        try (Stream<ProcessHandle> all = ProcessHandle.current().descendants()) {
            all.map(ProcessHandle::pid).forEach(found::add);
        }
        return found;
    }

    /** Fails when a process of a pool of that parent, which has ended, is still there. */
    public static void assertNoneOf(long parent) {
        Awaitility.await()
                .pollInterval(Duration.ofMillis(5))
                .atMost(PATIENCE)
                .untilAsserted(() -> assertEquals(Set.of(), marked(parent), "processes"));
    }

    private static Set<Long> marked(long parent) {
        String mark = DescendantReaper.VARIABLE + "=" + Long.toHexString(parent) + "-";
        Set<Long> found = new HashSet<>();
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
            for (Path process : processes) {
                if (environmentOf(process).contains(mark)) {
                    found.add(Long.parseLong(process.getFileName().toString()));
                }
            }
        } catch (IOException e) {
            // No such file system here: then only descendants are known.
        }
        return found;
    }

    private static String environmentOf(Path process) {
        try {
            return Files.readString(process.resolve("environ"), ISO_8859_1);
        } catch (IOException e) {
            return "";
        }
    }

    private Map<Long, String> newThreads() {
        Map<Long, String> now = threads();
        now.keySet().removeAll(threadsBefore);
        return now;
    }

    /** By number; the one that cleans up after runners that nobody has closed stays. */
    @SuppressWarnings("deprecation") // Thread.threadId is of JDK 19
    private static Map<Long, String> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("brigade-"))
                .filter(thread -> !thread.getName().equals("brigade-cleaner"))
                .collect(Collectors.toMap(Thread::getId, Thread::getName));
    }

    /** The directories of the pools of a process, perhaps a dead one. */
    public static Set<Path> directoriesOf(long pid) {
        try (Stream<Path> all = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
            return all.filter(file -> file.getFileName().toString().startsWith(PoolDirectory.prefix(pid)))
                    .collect(Collectors.toSet());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Set<Path> files() {
        Path[] places = {Path.of(System.getProperty("java.io.tmpdir")), Path.of("")};
        Set<Path> found = new HashSet<>();
        for (Path place : places) {
            try (Stream<Path> all = Files.list(place)) {
                all.filter(Leftovers::isOurs).forEach(found::add);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return found;
    }

    private static boolean isOurs(Path file) {
        String name = file.getFileName().toString();
        return name.startsWith(PREFIX) || name.startsWith("hs_err_pid") || name.matches("core(\\.\\d+)?");
    }

    /** How many descriptors this process has open, of any kind. */
    public static int openDescriptors() {
        return descriptorTargets().size();
    }

    private Map<String, Integer> newDescriptors() {
        Map<String, Integer> more = descriptors();
        more.replaceAll((what, count) -> count - descriptorsBefore.getOrDefault(what, 0));
        more.values().removeIf(count -> count <= 0);
        return more;
    }

    /** How many there are of each; without the jars and libraries that the JVM opens when it likes. */
    private static Map<String, Integer> descriptors() {
        Map<String, Integer> found = new HashMap<>();
        for (String target : descriptorTargets()) {
            boolean counts = target.matches("(socket|pipe|anon_inode):.*") || target.contains("/brigade-");
            if (counts) {
                found.merge(target, 1, Integer::sum);
            }
        }
        return found;
    }

    private static List<String> descriptorTargets() {
        List<String> targets = new ArrayList<>();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(DESCRIPTORS)) {
            for (Path descriptor : all) {
                targets.add(targetOf(descriptor));
            }
        } catch (IOException | DirectoryIteratorException e) {
            // No such file system here: then descriptors are not looked at.
        }
        return targets;
    }

    private static String targetOf(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString();
        } catch (IOException e) {
            // It was closed meanwhile; the listing's own always is.
            return "";
        }
    }
}
