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

/** Finds processes, threads, files and descriptors that a pool must not leave behind. Looks at this process's own only. */
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

    /** Makes the build's directory for temporary files, which a pool needs. */
    public static void prepare() {
        try {
            Files.createDirectories(Path.of(System.getProperty("java.io.tmpdir")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Opens the JDK's first channels, from which the JDK keeps a few descriptors. They are no leftovers. */
    private static void warmUp() {
        try (Selector selector = Selector.open();
                SocketChannel unix = SocketChannel.open(StandardProtocolFamily.UNIX);
                SocketChannel tcp = SocketChannel.open()) {
            assertEquals(true, selector.isOpen() && unix.isOpen() && tcp.isOpen());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Fails if there is more than there was when this object was made. */
    public void assertNone() {
        Awaitility.await().pollInterval(Duration.ofMillis(5)).atMost(PATIENCE).untilAsserted(() -> {
            assertEquals(Map.of(), newThreads(), "threads");
            assertEquals(Set.of(), newOnes(processes(), processesBefore), "processes");
            assertEquals(Set.of(), newOnes(files(), filesBefore), "files");
            assertEquals(Map.of(), newDescriptors(), "descriptors");
        });
    }

    /** Returns true if a process, a child of this one or not, has ended. A zombie has ended. */
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

    /** Returns this process's descendants, and all processes with the mark of one of its pools, even if their parent is dead. */
    private static Set<Long> processes() {
        Set<Long> found = marked(ProcessHandle.current().pid());
        try (Stream<ProcessHandle> all = ProcessHandle.current().descendants()) {
            all.map(ProcessHandle::pid).forEach(found::add);
        }
        return found;
    }

    /** Fails if a process of a pool of that parent, which has ended, still exists. */
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
            // Without this file system only descendants are known.
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

    /** Returns the library's threads by number. The thread that cleans up after unclosed runners stays, and is left out. */
    @SuppressWarnings("deprecation") // Thread.threadId is of JDK 19
    private static Map<Long, String> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("brigade-"))
                .filter(thread -> !thread.getName().equals("brigade-cleaner"))
                .collect(Collectors.toMap(Thread::getId, Thread::getName));
    }

    /** Returns the directories of the pools of a process, which may be dead. */
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

    /** Returns the number of descriptors of any kind that this process has open. */
    public static int openDescriptors() {
        return descriptorTargets().size();
    }

    private Map<String, Integer> newDescriptors() {
        Map<String, Integer> more = descriptors();
        more.replaceAll((what, count) -> count - descriptorsBefore.getOrDefault(what, 0));
        more.values().removeIf(count -> count <= 0);
        return more;
    }

    /** Counts the descriptors of each target, without the jars and libraries that the JVM opens at any time. */
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
            // Without this file system descriptors are not checked.
        }
        return targets;
    }

    private static String targetOf(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString();
        } catch (IOException e) {
            // The descriptor was closed meanwhile, as the listing's own always is.
            return "";
        }
    }
}
