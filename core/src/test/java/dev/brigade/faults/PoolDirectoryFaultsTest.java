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
import org.junit.jupiter.params.provider.ValueSource;

/** Pools' directories that somebody else removes, or that nobody is left to remove. */
@Timeout(value = 6 * WAIT_SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class PoolDirectoryFaultsTest {
    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"", "s", "arguments"})
    void aDirectoryThatACleanerHasRemovedIsReplaced(String removed) throws Exception {
        new OwnParent(directory).run(CleanedParent.class, removed);
    }

    @Test
    void aKilledParentsWorkersRemoveTheDirectoriesOfTheirTasksPools() throws Exception {
        new OwnParent(directory).run(NestingParent.class);
    }

    /** As systemd-tmpfiles does after ten days: first while the worker lives, then without one. */
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

    /** Halts, which is what a kill is to its workers, while each has a pool of its own. */
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
