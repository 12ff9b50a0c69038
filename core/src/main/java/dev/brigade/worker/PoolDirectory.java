package dev.brigade.worker;

import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/** The pool's own directory under the temporary one: nobody else may enter. */
final class PoolDirectory {
    /** Those of this process that are to be removed. */
    private static final Set<Path> OPEN = ConcurrentHashMap.newKeySet();

    private PoolDirectory() {}

    /** What the names of a process's pool directories begin with. */
    static String prefix(long pid) {
        return "brigade-" + pid + "-";
    }

    /** Its path is absolute: workers may have another working directory. Where there are owners, the JDK shuts out all others. */
    static Path create() throws IOException {
        Path directory =
                Files.createTempDirectory(prefix(ProcessHandle.current().pid())).toAbsolutePath();
        OPEN.add(directory);
        return directory;
    }

    /** Removes those of this process, which is about to halt: its pools will not come to it. */
    static void deleteOwn() {
        for (Path directory : OPEN) {
            Cleanup.attempt("removing " + directory, () -> delete(directory));
        }
    }

    /** Removes it and what is in it; an empty one also where no descriptor is left to look into it. */
    static void delete(Path directory) throws IOException {
        OPEN.remove(directory);
        try {
            Files.deleteIfExists(directory);
            return;
        } catch (DirectoryNotEmptyException e) {
            // What is in it comes first.
        }
        try (Stream<Path> files = Files.list(directory)) {
            List<Path> all = files.toList();
            for (Path file : all) {
                Files.deleteIfExists(file);
            }
        }
        Files.deleteIfExists(directory);
    }
}
