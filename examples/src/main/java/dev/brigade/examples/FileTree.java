package dev.brigade.examples;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The files under a directory, the largest first: a large one that starts last would leave the other workers idle.
 *
 * @param files the files; links to files count, links to directories are not followed, pipes and devices are left out
 * @param bytes the size of all files
 * @param unlisted what could not even be listed, and why
 */
record FileTree(List<Path> files, long bytes, List<IOException> unlisted) {
    private record Sized(Path path, long bytes) {}

    static FileTree under(Path directory) throws IOException {
        List<Sized> found = new ArrayList<>();
        List<IOException> unlisted = new ArrayList<>();
        Files.walkFileTree(directory, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path path, BasicFileAttributes attributes) throws IOException {
                if (attributes.isRegularFile()) {
                    found.add(new Sized(path, attributes.size()));
                } else if (attributes.isSymbolicLink() && !Files.exists(path)) {
                    found.add(new Sized(path, 0)); // dangling: its task will say so
                } else if (attributes.isSymbolicLink() && Files.isRegularFile(path)) {
                    found.add(new Sized(path, Files.size(path)));
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path path, IOException reason) {
                unlisted.add(reason);
                return FileVisitResult.CONTINUE;
            }
        });
        found.sort(Comparator.comparingLong(Sized::bytes).reversed().thenComparing(Sized::path));
        long bytes = found.stream().mapToLong(Sized::bytes).sum();
        return new FileTree(found.stream().map(Sized::path).toList(), bytes, unlisted);
    }
}
