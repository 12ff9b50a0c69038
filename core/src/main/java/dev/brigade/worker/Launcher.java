package dev.brigade.worker;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Starts worker processes. The options are worked out once, by the first; class-data sharing will add its own there.
 *
 * <p>Design note: {@code this} guards {@code argumentFile}; processes are started outside it, side by side.
 */
final class Launcher {
    /** Read by every JVM, and meant for the parent's: a debugger or an agent in them would stop each worker. */
    private static final List<String> STRIPPED = List.of("JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS", "JDK_JAVA_OPTIONS");

    private final PoolSettings settings;
    private final Path directory;
    private final long parentPid = ProcessHandle.current().pid();
    private @Nullable Path argumentFile;

    Launcher(PoolSettings settings, Path directory) {
        this.settings = settings;
        this.directory = directory;
    }

    /** Starts the process and tells it what it must know. */
    Process start(Worker worker, String address, @Nullable ClassLoader tasks) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(java().toString());
        command.add("@" + argumentFile(tasks));
        command.addAll(CommandLine.mainClass());
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        settings.workingDirectory().map(Path::toFile).ifPresent(builder::directory);
        Map<String, String> environment = builder.environment();
        STRIPPED.forEach(environment::remove);
        environment.putAll(settings.environment());
        environment.put(Kin.VARIABLE, worker.cookie);
        Process process = builder.start();
        tell(process, setup(worker, address));
        return process;
    }

    private static void tell(Process process, WorkerSetup setup) {
        try (OutputStream stdin = process.getOutputStream()) {
            stdin.write(setup.encode());
        } catch (IOException e) {
            // It has died already; its exit tells more than this does.
        }
    }

    static Path logbook(Path directory, Worker worker) {
        return directory.resolve(worker.name());
    }

    private WorkerSetup setup(Worker worker, String address) {
        return new WorkerSetup(
                address,
                logbook(directory, worker).toString(),
                worker.token,
                worker.number,
                parentPid,
                settings.maxPayloadBytes(),
                settings.grace().toNanos(),
                settings.maxLiveHeapBytes(),
                settings.inputFilter(),
                settings.initializer().isPresent());
    }

    private Path java() {
        Path home = settings.javaHome().orElseGet(() -> Path.of(System.getProperty("java.home")));
        String name = File.separatorChar == '\\' ? "java.exe" : "java";
        return home.resolve("bin").resolve(name);
    }

    private synchronized Path argumentFile(@Nullable ClassLoader tasks) throws IOException {
        Path file = argumentFile;
        if (file == null) {
            file = directory.resolve("arguments");
            List<String> options = CommandLine.options(settings, directory, tasks);
            Files.writeString(file, CommandLine.argumentFile(options), Charset.defaultCharset());
            argumentFile = file;
        }
        return file;
    }
}
