package dev.brigade.worker;

import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;

/** The pool's own directory under the temporary one: nobody else may enter. */
final class PoolDirectory {
    private PoolDirectory() {}

    /** What the names of a process's pool directories begin with. */
    static String prefix(long pid) {
        return "brigade-" + pid + "-";
    }

    static Path create() throws IOException {
        FileAttribute<?>[] mode = Files.getFileStore(Path.of(System.getProperty("java.io.tmpdir")))
                        .supportsFileAttributeView("posix")
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))
                }
                : new FileAttribute<?>[0];
        return Files.createTempDirectory(prefix(ProcessHandle.current().pid()), mode);
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
