package dev.brigade.worker;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The directory of class archives under the temporary one. Whoever can write there decides what workers run: so it is used only
 * when it is this user's own and nobody else may enter, and nothing in it is trusted that is not this user's.
 */
final class ArchivePlace {
    private static final Logger LOG = LoggerFactory.getLogger(ArchivePlace.class);
    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rwx------");

    /** Sized for the parent, or different in each pool: an archive fits whatever they are. */
    private static final List<String> NO_MATTER =
            List.of("-D", "-Xmx", "-XX:MaxRAMPercentage=", "-XX:ActiveProcessorCount=", "-XX:ErrorFile=");

    /** Enough for those that one user has at a time, and short enough for a socket's path. */
    private static final int NAME_CHARS = 20;

    /** Nobody takes so long to write one. */
    private static final Duration WRITING = Duration.ofMinutes(10);

    private final Path directory;
    private final UserPrincipal owner;

    private ArchivePlace(Path directory, UserPrincipal owner) {
        this.directory = directory;
        this.owner = owner;
    }

    /** Opens it, made when it is not there; null where it cannot be or is not safe. {@code own} is a directory that is ours. */
    static @Nullable ArchivePlace open(Path own) {
        String user = System.getProperty("user.name", "").replaceAll("[^A-Za-z0-9]", "_");
        Path directory = own.resolveSibling("brigade-classes-" + user);
        try {
            ArchivePlace place = new ArchivePlace(directory, Files.getOwner(own));
            make(directory);
            PosixFileAttributes is =
                    Files.readAttributes(directory, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            if (is.isDirectory()
                    && is.owner().equals(place.owner)
                    && is.permissions().equals(OWNER_ONLY)) {
                return place;
            }
            LOG.warn(
                    "{} is not used: it is {}'s, with mode {}, and should be {}'s alone",
                    directory,
                    is.owner(),
                    PosixFilePermissions.toString(is.permissions()),
                    place.owner);
        } catch (IOException | UnsupportedOperationException e) {
            LOG.debug("workers start without an archive of their classes", e);
        }
        return null;
    }

    private static void make(Path directory) throws IOException {
        try {
            Files.createDirectory(directory, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
        } catch (FileAlreadyExistsException e) {
            LOG.trace("{} is there", directory, e);
        }
    }

    /** The archive for workers that are started so: its name holds all that must agree, the JDK and the jars included. */
    Path file(List<String> command) {
        Hasher hash = Hashing.sha256().newHasher();
        add(hash, System.getProperty("java.vm.version", ""));
        addFile(hash, Path.of(System.getProperty("java.home"), "lib", "modules"));
        for (String part : command) {
            if (NO_MATTER.stream().noneMatch(part::startsWith)) {
                add(hash, part);
            }
            if (part.endsWith(".jar")) {
                addFile(hash, Path.of(part));
            }
        }
        return directory.resolve(hash.hash().toString().substring(0, NAME_CHARS) + ".jsa");
    }

    private static void add(Hasher hash, String text) {
        hash.putString(text, UTF_8).putByte((byte) 0);
    }

    private static void addFile(Hasher hash, Path file) {
        try {
            hash.putLong(Files.size(file))
                    .putLong(Files.getLastModifiedTime(file).toMillis());
        } catch (IOException e) {
            LOG.debug("{} cannot be looked at", file, e);
        }
    }

    /** Whether it exists and is this user's. */
    boolean isOurs(Path file) {
        try {
            PosixFileAttributes is = Files.readAttributes(file, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            return is.isRegularFile() && is.owner().equals(owner);
        } catch (IOException e) {
            return false;
        }
    }

    /** Removes what nobody has read for long: old JDKs and jars leave archives behind; and what a killed process has left. */
    void removeUnusedSince(Instant time) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                PosixFileAttributes is =
                        Files.readAttributes(file, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
                if (is.isDirectory()
                        && is.lastModifiedTime()
                                .toInstant()
                                .isBefore(Instant.now().minus(WRITING))) {
                    PoolDirectory.delete(file);
                } else if (is.isRegularFile() && is.lastAccessTime().toInstant().isBefore(time)) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }
}
