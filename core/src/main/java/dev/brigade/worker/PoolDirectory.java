package dev.brigade.worker;

import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The pool's own directory under the temporary one: nobody else may enter. */
final class PoolDirectory {
    private PoolDirectory() {}

    /** What the names of a process's pool directories begin with. */
    static String prefix(long pid) {
        return "brigade-" + pid + "-";
    }

    /** Its path is absolute: workers may have another working directory. Where there are owners, the JDK shuts out all others. */
    static Path create() throws IOException {
        return Files.createTempDirectory(prefix(ProcessHandle.current().pid())).toAbsolutePath();
    }

    /** Removes it and what is in it; an empty one also where no descriptor is left to look into it. */
    static void delete(Path directory) throws IOException {
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
