package dev.brigade.process.launch;

import dev.brigade.process.os.DescendantReaper;
import dev.brigade.process.os.DescriptorCheck;
import dev.brigade.process.os.PoolDirectory;
import dev.brigade.process.protocol.WorkerBootstrap;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An archive of the classes that every worker loads: the JVM maps it into memory, in place of loading them one by one (class-data
 * sharing, JEP 350). Workers start without it when there is none.
 *
 * <p>Design note: a throw-away JVM writes the archive once, some time after the pool's first worker has started. It writes under another
 * name, and links the file to its own name when it is complete. An existing archive is never written to, since other JVMs have it mapped.
 * The JVM itself refuses an archive that does not fit. A worker that dies before it has connected ends the use of the archive in its
 * pool. The JVM does not check that an archive is complete: a truncated one is found by its length, a changed one by its checksum, and
 * both are written anew.
 */
public final class CdsArchive {
    private static final Logger LOG = LoggerFactory.getLogger(CdsArchive.class);

    /** Time from the first worker's start to the writing: it must not slow down a pool's start, nor a short program. */
    private static final long DELAY_MILLIS = 1000;

    private static final long WRITING_SECONDS = 60;
    private static final String LOG_TAGS = Runtime.version().feature() < 24 ? "cds*" : "cds*=off,aot*";
    private static final Duration UNUSED = Duration.ofDays(30);

    /** Makes what the throw-away JVM must know; it may use that directory. */
    interface Workshop {
        WorkerBootstrap in(Path directory) throws IOException;
    }

    /** In a workshop: the process that is at work there. */
    private static final String WRITER = "writer";

    /** The keys of those that this process has tried to write. */
    private static final Set<String> SETTLED = ConcurrentHashMap.newKeySet();

    /** The archives whose checksum this process has verified. */
    private static final Set<Path> WHOLE = ConcurrentHashMap.newKeySet();

    private final CdsArchiveDirectory place;
    private final List<String> command;
    private final Class<?> mainClass;
    private final String key;

    /** The archive that was found; null while there is none. Two threads may find it at once. */
    private volatile @Nullable Path file;

    /** One way: true to false. */
    private volatile boolean trusted = true;

    /**
     * Makes the handle of an archive, which may or may not exist yet.
     *
     * @param place the directory of archives, which only this user may write to
     * @param command the JVM and the options with which workers are started; their class path is the archived jar only
     * @param mainClass the main class of the JVM that writes the archive; it acts as a worker does, and exits
     */
    CdsArchive(CdsArchiveDirectory place, List<String> command, Class<?> mainClass) {
        this.place = place;
        this.command = command;
        this.mainClass = mainClass;
        key = CdsArchiveDirectory.key(command);
    }

    /** More options for a worker; none while there is no archive. */
    List<String> options() {
        Path found = trusted ? find() : null;
        if (found == null) {
            return List.of();
        }
        // The JVM's complaint about an archive that does not fit is switched off: the start is an ordinary one then.
        return List.of("-XX:SharedArchiveFile=" + found, "-Xlog:" + LOG_TAGS + "=off");
    }

    private @Nullable Path find() {
        Path known = file;
        if (known == null || !place.isOurs(known)) {
            known = place.find(key);
            file = known;
        }
        return known;
    }

    /**
     * A worker has died before it had connected: whatever it was, the pool's next ones do without. All processes of this user share
     * the file, so it stays unless it is damaged, which {@link #writeOnce} sees to.
     */
    public void invalidate() {
        trusted = false;
        Path known = file;
        if (known != null) {
            WHOLE.remove(known);
        }
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            LOG.debug("{} stays", file, e);
        }
    }

    /**
     * Writes it, unless it exists and is whole, or somebody else is at it; ends at once when the calling thread is interrupted.
     *
     * @param setup what the throw-away JVM must know; given the directory that it may use
     * @param cookie marks its process
     */
    void writeOnce(Workshop setup, String cookie) {
        Path found = find();
        boolean looks = found != null && WHOLE.add(found);
        if (!looks && (found != null || !SETTLED.add(key))) {
            return;
        }
        try {
            Thread.sleep(DELAY_MILLIS);
            if (found == null) {
                write(setup, cookie);
            } else if (!CdsArchiveDirectory.isWhole(found)) {
                LOG.debug("{} is damaged, and is written anew", found);
                delete(found);
                WHOLE.remove(found);
                writeOnce(setup, cookie);
            }
        } catch (InterruptedException e) {
            // The pool closes: another one may do it.
            forget(found);
            Thread.currentThread().interrupt();
        } catch (IOException | RuntimeException e) {
            LOG.debug("workers start without an archive of their classes", e);
        }
    }

    private void forget(@Nullable Path found) {
        if (found == null) {
            SETTLED.remove(key);
        } else {
            WHOLE.remove(found);
        }
    }

    private void write(Workshop setup, String cookie) throws IOException, InterruptedException {
        place.removeUnusedSince(Instant.now().minus(UNUSED));
        Path workshop = place.workshop(key);
        if (!open(workshop)) {
            LOG.debug("another process is at work in {}", workshop);
            return;
        }
        try {
            Path made = workshop.resolve("archive");
            if (train(workshop, made, setup.in(workshop), cookie)) {
                Path published = place.publish(key, made);
                WHOLE.add(published);
                LOG.debug("workers will start from {}", published);
            }
        } finally {
            PoolDirectory.delete(workshop);
        }
    }

    /** Makes it, also in place of one whose process is gone; false when somebody is at work there. */
    private static boolean open(Path workshop) throws IOException {
        try {
            Files.createDirectory(workshop);
        } catch (FileAlreadyExistsException e) {
            if (isInUse(workshop)) {
                return false;
            }
            PoolDirectory.delete(workshop);
            Files.createDirectory(workshop);
        }
        Files.writeString(
                workshop.resolve(WRITER), Long.toString(ProcessHandle.current().pid()));
        return true;
    }

    /** Returns true if a living process is named in it, or none can be read, as just after it was made: then its age decides. */
    private static boolean isInUse(Path workshop) {
        try {
            long writer = Long.parseLong(Files.readString(workshop.resolve(WRITER)));
            return ProcessHandle.of(writer).isPresent();
        } catch (IOException | NumberFormatException e) {
            return true;
        }
    }

    /** Has a JVM do what a worker does, and write down which classes that took. */
    private boolean train(Path workshop, Path made, WorkerBootstrap setup, String cookie)
            throws IOException, InterruptedException {
        Path arguments = workshop.resolve("arguments");
        JvmArgumentFile.write(arguments, command.subList(1, command.size()));
        String write = "-XX:ArchiveClassesAtExit=" + made;
        ProcessBuilder builder = new ProcessBuilder(command.get(0), "@" + arguments, write, mainClass.getName())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD);
        WorkerLauncher.strip(builder.environment());
        DescendantReaper.mark(builder.environment(), cookie);
        Process process = DescriptorCheck.start(builder, arguments);
        try {
            WorkerLauncher.tell(process, setup);
            return process.waitFor(WRITING_SECONDS, TimeUnit.SECONDS)
                    && process.exitValue() == 0
                    && Files.isRegularFile(made);
        } finally {
            end(process);
        }
    }

    /** Until it is dead: it must not write what has been removed. */
    private static void end(Process process) {
        process.destroyForcibly();
        boolean interrupted = false;
        while (process.isAlive()) {
            try {
                process.waitFor();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
