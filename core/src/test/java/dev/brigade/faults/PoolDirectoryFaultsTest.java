package dev.brigade.faults;

import static dev.brigade.faults.PoolUnderTest.WAIT_SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.brigade.Runner;
import dev.brigade.runner.ProcessRunner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests of pools' directories that another program removes or replaces, or that the parent can no longer remove. */
@Timeout(value = 6 * WAIT_SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class PoolDirectoryFaultsTest {
    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"", "s", "arguments"})
    void aDirectoryThatACleanerHasRemovedIsReplaced(String removed) throws Exception {
        new ParentJvm(directory).run(CleanedParent.class, removed);
    }

    @ParameterizedTest
    @EnumSource(Replacement.class)
    void aDirectoryInPlaceOfThePoolsIsNeitherUsedNorEmptied(Replacement replacement) throws Exception {
        Path precious = Files.createDirectory(directory.resolve("precious"));
        Files.writeString(precious.resolve("arguments"), "-no-such-option");
        Files.createFile(precious.resolve("s"));
        new ParentJvm(directory).run(ReplacedParent.class, replacement.name(), precious.toString());
        try (Stream<Path> files = Files.list(precious)) {
            assertEquals(2, files.count());
        }
    }

    /** The kinds of file that take the name of a pool's directory once that is gone. */
    enum Replacement {
        DIRECTORY,
        LINK
    }

    @Test
    void aKilledParentsWorkersRemoveTheDirectoriesOfTheirTasksPools() throws Exception {
        new ParentJvm(directory).run(NestingParent.class);
    }

    /**
     * A parent with a directory that is cleaned, as by systemd-tmpfiles after ten days: first while the worker lives, then without a
     * worker.
     */
    static final class CleanedParent {
        private CleanedParent() {}

        public static void main(String[] arguments) throws Exception {
            try (Runner runner =
                    ProcessRunner.builder().workers(1).maxTasksPerWorker(2).build()) {
                assertEquals(1, PoolUnderTest.get(runner.submit(() -> 1)));
                for (int i = 0; i < 6; i++) {
                    clean(arguments[0]);
                    assertEquals(2, PoolUnderTest.get(runner.submit(() -> 2)));
                }
            }
        }

        private static void clean(String name) throws IOException {
            for (Path pool : list(Path.of(System.getProperty("java.io.tmpdir")))) {
                for (Path file : list(pool)) {
                    if (name.isEmpty() || file.endsWith(name)) {
                        Files.deleteIfExists(file);
                    }
                }
                if (name.isEmpty()) {
                    Files.deleteIfExists(pool);
                }
            }
        }

        private static List<Path> list(Path of) throws IOException {
            try (Stream<Path> files = Files.list(of)) {
                return files.filter(file -> !of.equals(file.getParent().getRoot()))
                        .filter(file -> of.getFileName().toString().startsWith("brigade-")
                                || file.getFileName().toString().startsWith("brigade-"))
                        .filter(file -> !file.getFileName().toString().startsWith("brigade-classes"))
                        .toList();
            }
        }
    }

    /** A parent with a pool directory that is replaced while the pool has no worker. It finally undoes the replacement. */
    static final class ReplacedParent {
        private ReplacedParent() {}

        public static void main(String[] arguments) throws Exception {
            Path precious = Path.of(arguments[1]);
            Path pool;
            try (Runner runner =
                    ProcessRunner.builder().workers(1).maxTasksPerWorker(1).build()) {
                assertEquals(1, PoolUnderTest.get(runner.submit(() -> 1)));
                pool = CleanedParent.list(Path.of(System.getProperty("java.io.tmpdir")))
                        .get(0);
                Files.move(pool, precious.resolveSibling("cleaned"));
                if (arguments[0].equals(Replacement.LINK.name())) {
                    Files.createSymbolicLink(pool, precious);
                } else {
                    Files.move(precious, pool);
                }
                assertEquals(2, PoolUnderTest.get(runner.submit(() -> 2)));
            }
            if (arguments[0].equals(Replacement.LINK.name())) {
                Files.delete(pool);
            } else {
                Files.move(pool, precious);
            }
        }
    }

    /** A parent that halts while each worker has a pool of its own. To the workers a halt is like a kill. */
    static final class NestingParent {
        private NestingParent() {}

        @SuppressWarnings("MustBeClosedChecker") // the point
        public static void main(String[] arguments) throws Exception {
            Runner runner = ProcessRunner.of(2);
            List<Integer> sums = runner.map(List.of(0, 1), n -> {
                Runner nested = ProcessRunner.of(1);
                return nested.map(List.of(n, n), m -> m).size();
            });
            assertEquals(List.of(2, 2), sums);
            Runtime.getRuntime().halt(0);
        }
    }
}
