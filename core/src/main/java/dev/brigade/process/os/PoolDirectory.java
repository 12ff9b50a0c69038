package dev.brigade.process.os;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.UserPrincipal;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The pool's own directory under the temporary one; other users may not enter it.
 *
 * <p>Once a cleaner of temporary directories has removed it, any user may take the name. So a directory is the pool's only while it is the
 * one that was made, and no link is followed when its files are removed.
 */
public final class PoolDirectory {
    /** The directories that this process must remove, with their identities. */
    private static final Map<Path, Identity> OPEN = new ConcurrentHashMap<>();

    /**
     * The identity of a directory. The owner is part of it, because the file system gives the key of a removed directory to another one.
     * The record has comparing methods of its own, since those that the JDK links for a record keep its class loader reachable for long.
     */
    private record Identity(@Nullable Object key, @Nullable UserPrincipal owner) {
        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Identity that && Objects.equals(key, that.key) && Objects.equals(owner, that.owner);
        }

        @Override
        public int hashCode() {
            return Objects.hashCode(key);
        }

        /** Null when there is no such directory, but perhaps a link to one. */
        static @Nullable Identity of(Path directory) throws IOException {
            BasicFileAttributes is =
                    Files.readAttributes(directory, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            return is.isDirectory() ? new Identity(is.fileKey(), owner(directory)) : null;
        }

        private static @Nullable UserPrincipal owner(Path directory) throws IOException {
            try {
                return Files.getOwner(directory, LinkOption.NOFOLLOW_LINKS);
            } catch (UnsupportedOperationException e) {
                return null;
            }
        }
    }

    private PoolDirectory() {}

    /** Returns the prefix of the names of a process's pool directories. */
    public static String prefix(long pid) {
        return "brigade-" + pid + "-";
    }

    /** Makes a directory that only its owner may enter. Its path is absolute, since workers may have another working directory. */
    public static Path create() throws IOException {
        Path directory =
                Files.createTempDirectory(prefix(ProcessHandle.current().pid())).toAbsolutePath();
        Identity identity = Identity.of(directory);
        if (identity == null) {
            throw new NotDirectoryException(directory.toString());
        }
        OPEN.put(directory, identity);
        return directory;
    }

    /** Makes a file that is not there yet, to be read and written. */
    public static FileChannel newFile(Path file) throws IOException {
        return FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE);
    }

    /** Returns true if a directory that this process has made exists, and was not replaced. */
    public static boolean isThere(Path directory) {
        return OPEN.containsKey(directory) && !isReplaced(directory);
    }

    /** Returns true if a directory that this process has made is gone or was replaced. */
    public static boolean isReplaced(@Nullable Path directory) {
        if (directory == null) {
            return false;
        }
        Identity identity = OPEN.get(directory);
        try {
            return identity != null && !identity.equals(Identity.of(directory));
        } catch (IOException e) {
            return true;
        }
    }

    /** Removes those of this process, which is about to halt: its pools will not come to it. */
    public static void deleteOwn() {
        for (Path directory : OPEN.keySet()) {
            BestEffort.attempt("removing " + directory, () -> deleteOwn(directory));
        }
    }

    /** Removes a directory that this process has made, once; a replacement stays. */
    public static void deleteOwn(Path directory) throws IOException {
        if (isThere(directory)) {
            delete(directory);
        }
        OPEN.remove(directory);
    }

    /**
     * Removes it and what is in it; an empty one also where no descriptor is left to look into it. Another process may be at it,
     * too.
     */
    public static void delete(Path directory) throws IOException {
        try {
            Files.deleteIfExists(directory);
            return;
        } catch (DirectoryNotEmptyException e) {
            // The directory itself is removed after its contents.
        }
        try (DirectoryStream<Path> above = Files.newDirectoryStream(directory.resolveSibling("."))) {
            if (above instanceof SecureDirectoryStream<Path> secure) {
                deleteFiles(secure, directory.getFileName());
            } else {
                deleteFiles(directory);
            }
        } catch (NoSuchFileException e) {
            // Another was faster.
        }
        Files.deleteIfExists(directory);
    }

    /** By the directory itself, whatever its name stands for meanwhile. */
    private static void deleteFiles(SecureDirectoryStream<Path> above, Path name) throws IOException {
        try (SecureDirectoryStream<Path> files = above.newDirectoryStream(name, LinkOption.NOFOLLOW_LINKS)) {
            for (Path file : files) {
                try {
                    files.deleteFile(file.getFileName());
                } catch (NoSuchFileException e) {
                    // Another was faster.
                }
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
    }

    private static void deleteFiles(Path directory) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            for (Path file : files) {
                Files.deleteIfExists(file);
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
    }
}
