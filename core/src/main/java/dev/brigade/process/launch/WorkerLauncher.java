package dev.brigade.process.launch;

import dev.brigade.process.config.PoolSettings;
import dev.brigade.process.os.DescendantReaper;
import dev.brigade.process.os.DescriptorCheck;
import dev.brigade.process.os.PoolDirectory;
import dev.brigade.process.protocol.PoolNesting;
import dev.brigade.process.protocol.ProgressFile;
import dev.brigade.process.protocol.ResultRing;
import dev.brigade.process.protocol.WorkerBootstrap;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Starts worker processes. The options are worked out once, by the first.
 *
 * <p>Design note: {@code this} guards {@code argumentFile} and is held while {@code archive} and {@code properties} are set; processes are started outside
 * it, side by side.
 */
public final class WorkerLauncher {
    /** Read by every JVM, and meant for the parent's: a debugger or an agent in them would stop each worker. */
    private static final List<String> STRIPPED = List.of("JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS", "JDK_JAVA_OPTIONS");

    private final PoolSettings settings;
    private final Path directory;
    private final MainClasses mainClasses;
    private final long parentPid = ProcessHandle.current().pid();
    private @Nullable Path argumentFile;

    /** System properties that the argument file cannot hold; set together with it. */
    private volatile Map<String, String> properties = Map.of();

    /** Set with the argument file; null where workers start without one. */
    private volatile @Nullable CdsArchive archive;

    public WorkerLauncher(PoolSettings settings, Path directory, MainClasses mainClasses) {
        this.settings = settings;
        this.directory = directory;
        this.mainClasses = mainClasses;
    }

    /**
     * The main classes of the JVMs that are started.
     *
     * @param worker that of a worker
     * @param archiveWriter that of the JVM that writes a {@link CdsArchive}
     */
    public record MainClasses(Class<?> worker, Class<?> archiveWriter) {}

    /**
     * The identity of one worker.
     *
     * @param number its number in the pool
     * @param token the secret that proves that a connection is the worker's
     * @param cookie the value of the environment variable that marks the process and all that it starts
     * @param progress the file in which the worker notes its current task
     * @param ring the file of the result ring; null if all results take the socket
     */
    public record Identity(
            int number,
            String token,
            String cookie,
            Path progress,
            @Nullable Path ring) {}

    /**
     * A worker's process.
     *
     * @param archive the archive it was started from; null when it was an ordinary start
     */
    public record Started(Process process, @Nullable CdsArchive archive) {}

    /** Returns true if the files for a worker's start exist. If links are followed, the JDK asks as a user without capabilities. */
    public synchronized boolean isThere() {
        return argumentFile == null || Files.exists(argumentFile, LinkOption.NOFOLLOW_LINKS);
    }

    /** Starts the process and tells it what it must know. */
    public Started start(Identity identity, String address, @Nullable ClassLoader tasks) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(java().toString());
        Path arguments = argumentFile(tasks);
        command.add("@" + arguments);
        CdsArchive known = archive;
        List<String> shared = known == null ? List.of() : known.options();
        command.addAll(shared);
        command.addAll(JvmCommandLine.mainClass(mainClasses.worker()));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        settings.workingDirectory().map(Path::toFile).ifPresent(builder::directory);
        Map<String, String> environment = builder.environment();
        strip(environment);
        environment.putAll(settings.environment());
        DescendantReaper.mark(environment, identity.cookie());
        WorkerBootstrap setup = setup(identity, address, JvmCommandLine.classesOf(settings, tasks));
        Started started = new Started(start(builder, arguments), shared.isEmpty() ? null : known);
        tell(started.process(), setup);
        return started;
    }

    /** Of a directory that is missing the JDK says no more than that a file is. */
    private Process start(ProcessBuilder builder, Path arguments) throws IOException {
        try {
            return DescriptorCheck.start(builder, arguments);
        } catch (IOException e) {
            File directory = builder.directory();
            if (directory != null && !directory.isDirectory()) {
                throw new IOException(
                        "the workers' working directory is missing, or is no directory: "
                                + directory.getAbsolutePath() + "; make it, or set another with"
                                + " ProcessRunner.builder().workingDirectory(...)",
                        e);
            }
            if (!Files.isRegularFile(java())) {
                throw new IOException(
                        "there is no " + java() + " to run workers with: set ProcessRunner.builder().javaHome(...)"
                                + " to a JDK that has one",
                        e);
            }
            throw e;
        }
    }

    static void strip(Map<String, String> environment) {
        STRIPPED.forEach(environment::remove);
    }

    /** Has the archive of the workers' classes written, where there is to be one; may take long. On a helper thread. */
    public void writeArchive(String cookie) {
        CdsArchive known = archive;
        if (known != null) {
            known.writeOnce(this::trainingBootstrap, cookie);
        }
    }

    private WorkerBootstrap trainingBootstrap(Path workshop) throws IOException {
        Path file = workshop.resolve("ring");
        ResultRing.Reader ring;
        try (FileChannel channel = PoolDirectory.newFile(file)) {
            ring = ResultRing.Reader.create(file, channel);
        }
        ring.armDoorbell();
        Path progress = workshop.resolve("progress");
        try (FileChannel channel = PoolDirectory.newFile(progress)) {
            ProgressFile.Reader.clear(channel);
        }
        return setup(new Identity(0, "", "", progress, file), "unix:" + workshop.resolve("s"), "");
    }

    static void tell(Process process, WorkerBootstrap setup) {
        try (OutputStream stdin = process.getOutputStream()) {
            stdin.write(setup.encode());
        } catch (IOException e) {
            // It has died already; its exit tells more than this does.
        }
    }

    private WorkerBootstrap setup(Identity identity, String address, String classes) {
        Path ring = identity.ring();
        return new WorkerBootstrap(
                address,
                identity.progress().toString(),
                ring == null ? "" : ring.toString(),
                identity.token(),
                identity.number(),
                parentPid,
                PoolNesting.depth() + 1,
                settings.maxPayloadBytes(),
                settings.grace().toNanos(),
                settings.maxLiveHeapBytes(),
                !JvmCommandLine.choosesCollector(settings),
                settings.inputFilter(),
                settings.initializer().isPresent(),
                classes,
                properties);
    }

    private Path java() {
        Path home = settings.javaHome().orElseGet(() -> Path.of(System.getProperty("java.home")));
        String name = File.separatorChar == '\\' ? "java.exe" : "java";
        return home.toAbsolutePath().resolve("bin").resolve(name);
    }

    private synchronized Path argumentFile(@Nullable ClassLoader tasks) throws IOException {
        Path file = argumentFile;
        if (file == null) {
            file = directory.resolve("arguments");
            List<String> options = JvmCommandLine.options(settings, directory, tasks);
            properties = JvmArgumentFile.takeUnwritable(options);
            JvmArgumentFile.write(file, options);
            archive = archive(options);
            argumentFile = file;
        }
        return file;
    }

    private @Nullable CdsArchive archive(List<String> options) {
        List<String> command = JvmCommandLine.shared(settings, options);
        CdsArchiveDirectory place = command == null ? null : CdsArchiveDirectory.open(directory);
        if (command == null || place == null) {
            return null;
        }
        command.add(0, java().toString());
        return new CdsArchive(place, command, mainClasses.archiveWriter());
    }
}
