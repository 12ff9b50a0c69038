package dev.brigade.process.launch;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.common.base.Splitter;
import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import dev.brigade.process.os.PoolDirectory;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
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
 * The directory of class archives under the temporary one. A user who can write there decides what workers run. So it is used only if it
 * belongs to this user and no other may enter it, and no file of another user is used.
 */
final class CdsArchiveDirectory {
    private static final Logger LOG = LoggerFactory.getLogger(CdsArchiveDirectory.class);
    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rwx------");

    /** Different in each pool: an archive fits whatever they are. So it does with the heap's size, up to a bound. */
    private static final List<String> NO_MATTER = List.of("-D", "-XX:ActiveProcessorCount=", "-XX:ErrorFile=");

    private static final List<String> HEAP_SIZES = List.of("-Xmx", "-XX:MaxHeapSize=");
    private static final String HEAP_SHARE = "-XX:MaxRAMPercentage=";

    /**
     * Largest heap that certainly has compressed references. At about 32 GiB the JVM gives them up, and refuses an archive of the other
     * kind. So above this bound each heap size has an archive of its own.
     */
    private static final long COMPRESSED_BYTES = 31L << 30;

    /** Names of the JDK's own archives, which are the base of ours. */
    private static final List<String> BASES = List.of("classes.jsa", "classes_nocoops.jsa", "classes_coh.jsa");

    private static final String SUFFIX = ".jsa";

    /** Enough for those that one user has at a time, and short enough for a socket's path. */
    private static final int NAME_CHARS = 20;

    /** Longest time that the writing of an archive can take. */
    private static final Duration WRITING = Duration.ofMinutes(10);

    private final Path directory;
    private final UserPrincipal owner;

    private CdsArchiveDirectory(Path directory, UserPrincipal owner) {
        this.directory = directory;
        this.owner = owner;
    }

    /** Opens it, made when it is not there; null where it cannot be or is not safe. {@code own} is a directory that is ours. */
    static @Nullable CdsArchiveDirectory open(Path own) {
        String user = System.getProperty("user.name", "").replaceAll("[^A-Za-z0-9]", "_");
        Path directory = own.resolveSibling("brigade-classes-" + user);
        try {
            CdsArchiveDirectory place = new CdsArchiveDirectory(directory, Files.getOwner(own));
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

    /** The first part of an archive's name: stands for all that must agree, the JDK and the jars included. */
    static String key(List<String> command) {
        Hasher hash = Hashing.sha256().newHasher();
        add(hash, System.getProperty("java.vm.version", ""));
        Path lib = Path.of(System.getProperty("java.home"), "lib");
        addFile(hash, lib.resolve("modules"));
        BASES.forEach(base -> addFile(hash, lib.resolve("server").resolve(base)));
        for (String part : command) {
            if (NO_MATTER.stream().noneMatch(part::startsWith) && maxHeapBytes(part) >= COMPRESSED_BYTES) {
                add(hash, part);
            }
            if (part.endsWith(".jar")) {
                addFile(hash, Path.of(part));
            }
        }
        return hash.hash().toString().substring(0, NAME_CHARS);
    }

    /** Returns the largest heap that the option permits; {@code Long.MAX_VALUE} if it sets none, or cannot be read. */
    private static long maxHeapBytes(String option) {
        try {
            for (String prefix : HEAP_SIZES) {
                if (option.startsWith(prefix)) {
                    return bytes(option.substring(prefix.length()));
                }
            }
            if (option.startsWith(HEAP_SHARE)) {
                return (long) (Double.parseDouble(option.substring(HEAP_SHARE.length())) / 100 * memoryBytes());
            }
        } catch (NumberFormatException e) {
            LOG.trace("the JVM will say what is wrong with {}", option, e);
        }
        return Long.MAX_VALUE;
    }

    private static long bytes(String size) {
        int unit = size.isEmpty() ? -1 : "kmgt".indexOf(Character.toLowerCase(size.charAt(size.length() - 1)));
        return unit < 0
                ? Long.parseLong(size)
                : Long.parseLong(size.substring(0, size.length() - 1)) << (10 * (unit + 1));
    }

    /** The machine's, of which a container may have less; the largest number where that is not known. */
    private static double memoryBytes() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/meminfo"))) {
            return lines.filter(line -> line.startsWith("MemTotal:"))
                            .mapToDouble(line -> Double.parseDouble(line.replaceAll("[^0-9]", "")))
                            .findFirst()
                            .orElse(Double.MAX_VALUE)
                    * 1024;
        } catch (IOException | RuntimeException e) {
            return Double.MAX_VALUE;
        }
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

    /** Returns the archive with that key; null if there is none. Removes a truncated one. */
    @Nullable
    Path find(String key) {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, key + "-*" + SUFFIX)) {
            for (Path file : files) {
                if (isOurs(file) && Files.size(file) == Long.parseLong(part(file, 1), 16)) {
                    return file;
                }
                LOG.debug("{} has been cut off, and is removed", file);
                Files.deleteIfExists(file);
            }
        } catch (IOException | DirectoryIteratorException | IllegalArgumentException e) {
            LOG.debug("workers start without an archive of their classes", e);
        }
        return null;
    }

    /** Returns true if the archive's checksum is right; reads the whole file. The JVM does not check it, and a damaged archive crashes it. */
    static boolean isWhole(Path file) {
        try {
            return sum(file).equals(part(file, 2));
        } catch (IOException | IllegalArgumentException e) {
            return false;
        }
    }

    /** Gives a finished file its name: the key, and its size and sum, by which a damaged one is known. */
    Path publish(String key, Path made) throws IOException {
        String name = key + "-" + Long.toHexString(Files.size(made)) + "-" + sum(made) + SUFFIX;
        return putInPlace(made, directory.resolve(name));
    }

    /** Never in the place of a file; where there are no links, as far as can be seen, and it is the same one. */
    static Path putInPlace(Path made, Path target) throws IOException {
        try {
            return Files.createLink(target, made);
        } catch (FileAlreadyExistsException e) {
            throw e;
        } catch (FileSystemException | UnsupportedOperationException e) {
            LOG.debug("{} is moved", made, e);
        }
        if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
            throw new FileAlreadyExistsException(target.toString());
        }
        return Files.move(made, target, StandardCopyOption.ATOMIC_MOVE);
    }

    private static String sum(Path file) throws IOException {
        return com.google.common.io.Files.asByteSource(file.toFile())
                .hash(Hashing.crc32c())
                .toString();
    }

    private static String part(Path file, int index) {
        List<String> parts =
                Splitter.on('-').splitToList(file.getFileName().toString().replace(SUFFIX, ""));
        if (parts.size() <= index) {
            throw new IllegalArgumentException(file + " is no name of an archive");
        }
        return parts.get(index);
    }

    /** Returns the directory in which the archive with that key is written, by one process at a time. */
    Path workshop(String key) {
        return directory.resolve(key + SUFFIX + ".d");
    }

    /** Returns true if the file exists and belongs to this user. */
    boolean isOurs(Path file) {
        try {
            PosixFileAttributes is = Files.readAttributes(file, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            return is.isRegularFile() && is.owner().equals(owner);
        } catch (IOException e) {
            return false;
        }
    }

    /** Removes archives that were not read since then, as of old JDKs and jars, and the remains of killed writers. */
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
