package dev.brigade.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The lesson {@code digest}, on a directory with what directories hold. */
@Timeout(120)
class DigestTest {
    /** Of "abc", from FIPS 180-4. */
    private static final String ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    @TempDir
    Path directory = Path.of("");

    @Test
    void everyRunnerGivesTheKnownDigest() throws IOException {
        Files.writeString(directory.resolve("abc"), "abc");
        Files.writeString(Files.createDirectory(directory.resolve("deeper")).resolve("a name"), "abc");
        Path json = directory.resolveSibling(directory.getFileName() + ".json");
        Launch launch =
                Launch.of("digest", directory.toString(), "--list", "--workers", "2", "--json", json.toString());
        assertEquals(0, launch.code(), launch.out() + launch.err());
        assertEquals(
                2, launch.out().lines().filter(l -> l.startsWith(ABC + "  ")).count(), launch.out());
        List<Figure> figures = LessonJson.read(json);
        Files.delete(json);
        for (String runner : List.of("sequential", "threads", "async", "processes")) {
            assertTrue(LessonJson.value(figures, "digest", runner, "wall") > 0, runner);
        }
    }

    @Test
    void unreadableFilesAreReportedAndDoNotStopTheRest() throws IOException {
        Files.writeString(directory.resolve("abc"), "abc");
        Files.createSymbolicLink(directory.resolve("dangling"), directory.resolve("gone"));
        Launch launch = Launch.of("digest", directory.toString(), "--list");
        assertEquals(3, launch.code(), launch.out() + launch.err());
        assertTrue(launch.out().contains("cannot read: java.nio.file.NoSuchFileException: "), launch.out());
        assertTrue(launch.out().contains(ABC), launch.out());
        assertTrue(launch.out().contains("2 files, 1 unreadable"), launch.out());
        assertFalse(launch.out().contains("WRONG"), launch.out());
    }

    @Test
    void aDirectoryWithoutFilesIsNoMistake() {
        Launch launch = Launch.of("digest", directory.toString());
        assertEquals(0, launch.code(), launch.out() + launch.err());
    }

    @Test
    void linksToDirectoriesAreNotFollowed() throws IOException {
        Files.writeString(directory.resolve("abc"), "abc");
        Files.createSymbolicLink(directory.resolve("loop"), directory);
        Files.createSymbolicLink(directory.resolve("same"), directory.resolve("abc"));
        FileTree tree = FileTree.under(directory);
        assertEquals(
                List.of(directory.resolve("abc"), directory.resolve("same")),
                tree.files().stream().sorted().toList());
        assertEquals(6, tree.bytes());
    }

    @Test
    void largeFilesComeFirst() throws IOException {
        Files.writeString(directory.resolve("a"), "1");
        Files.writeString(directory.resolve("b"), "4444");
        Files.writeString(directory.resolve("c"), "22");
        assertEquals(
                List.of("b", "c", "a"),
                FileTree.under(directory).files().stream()
                        .map(p -> p.getFileName().toString())
                        .toList());
    }
}
