package dev.brigade.stress;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Runs jcstress in a JVM of its own, with a deadline.
 *
 * <p>The JVM starts with nothing of ours but the class path: jcstress hands its launcher's JVM arguments on to every
 * fork, so that an agent here would be measured there. Each process of a run carries a mark among its arguments,
 * because killing by parentage alone misses a fork that was started while its siblings were being killed.
 */
final class JcstressLauncher {
    static final String LOG = "jcstress.log";

    private static final String MARK = "brigade.stress.run";

    private final Path directory;
    private final String mark = "-D" + MARK + "=" + UUID.randomUUID();

    JcstressLauncher(Path directory) {
        this.directory = directory;
    }

    /** How the launcher ended. */
    record Ended(int exitCode, boolean timedOut, int killed) {}

    Ended run(List<String> options, boolean oneConfiguration, Duration deadline)
            throws IOException, InterruptedException {
        Process process = start(options, oneConfiguration);
        Thread onExit = new Thread(() -> killAll(process));
        Runtime.getRuntime().addShutdownHook(onExit);
        try {
            if (process.waitFor(deadline.toMillis(), TimeUnit.MILLISECONDS)) {
                return new Ended(process.exitValue(), false, 0);
            }
            return new Ended(-1, true, killAll(process));
        } finally {
            killAll(process);
            Runtime.getRuntime().removeShutdownHook(onExit);
        }
    }

    private Process start(List<String> options, boolean oneConfiguration) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                mark,
                // jcstress loads native code through JNA: without this, JDK 25 warns in every fork.
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                absolute(System.getProperty("java.class.path")),
                "org.openjdk.jcstress.Main"));
        command.addAll(options);
        if (oneConfiguration) {
            command.addAll(List.of("-jvmArgs", mark));
        }
        ProcessBuilder builder = new ProcessBuilder(command)
                // jcstress writes its result blob into the working directory, whatever -r says.
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve(LOG).toFile());
        builder.environment().keySet().removeAll(List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS"));
        return builder.start();
    }

    private static String absolute(String classPath) {
        return Stream.of(classPath.split(File.pathSeparator))
                .map(entry -> Path.of(entry).toAbsolutePath().toString())
                .reduce((a, b) -> a + File.pathSeparator + b)
                .orElseThrow();
    }

    /** Kills the launcher, its descendants and whatever else carries the mark; returns how many there were. */
    private int killAll(Process process) {
        List<ProcessHandle> doomed = new ArrayList<>(process.descendants().toList());
        if (process.isAlive()) {
            doomed.add(process.toHandle());
        }
        doomed.forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly().onExit().orTimeout(10, TimeUnit.SECONDS).join();
        List<ProcessHandle> strays = ProcessHandle.allProcesses()
                .filter(handle -> handle.info().arguments().map(this::marked).orElse(false))
                .filter(handle -> !doomed.contains(handle))
                .toList();
        strays.forEach(ProcessHandle::destroyForcibly);
        return doomed.size() + strays.size();
    }

    private boolean marked(String... arguments) {
        return List.of(arguments).contains(mark);
    }
}
