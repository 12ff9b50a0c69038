package dev.brigade.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.brigade.process.Leftovers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/** A parent JVM for a single test, for faults that would otherwise hit the tests' JVM. */
final class ParentJvm {
    private final Path directory;
    private Path java = ScriptedJavaHome.TRUE_JAVA;
    private Path temporary;
    private String classPath = System.getProperty("java.class.path");
    private List<String> prefix = List.of();
    private List<String> options = List.of();
    private List<String> launch = List.of();
    private Map<String, String> environment = Map.of();
    private @Nullable Path workingDirectory;

    /** Makes a parent that keeps its files in a directory. */
    ParentJvm(Path directory) throws IOException {
        this.directory = directory;
        temporary = Files.createDirectories(directory.resolve("tmp"));
    }

    /** Sets a command to put before the JVM's, which it must finally execute in its own place. */
    ParentJvm under(String... command) {
        prefix = List.of(command);
        return this;
    }

    ParentJvm java(Path file) {
        java = file;
        return this;
    }

    ParentJvm temporary(Path elsewhere) {
        temporary = elsewhere;
        return this;
    }

    ParentJvm classPath(Path jar) {
        return classPath(jar.toString());
    }

    ParentJvm classPath(String entries) {
        classPath = entries;
        return this;
    }

    /** Adds options of the JVM. */
    ParentJvm options(String... more) {
        options = Stream.concat(options.stream(), Stream.of(more)).toList();
        return this;
    }

    /** Sets the arguments that find and name the main class, in place of a class path and the class's name. */
    ParentJvm launchedBy(String... arguments) {
        launch = List.of(arguments);
        return this;
    }

    ParentJvm environment(Map<String, String> variables) {
        environment = variables;
        return this;
    }

    ParentJvm in(Path elsewhere) {
        workingDirectory = elsewhere;
        return this;
    }

    /** Runs the parent; fails unless it exits with 0, in time, and leaves nothing behind. */
    void run(Class<?> main, String... arguments) throws Exception {
        launched(launch.isEmpty() ? List.of("-cp", classPath, main.getName()) : launch, arguments);
    }

    /** Like {@link #run(Class, String...)}, with the main class of {@link #launchedBy}. */
    void run(String... arguments) throws Exception {
        launched(launch, arguments);
    }

    private void launched(List<String> how, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(prefix);
        command.addAll(List.of(java.toString(), "-Xmx256m", "-Djava.io.tmpdir=" + temporary));
        command.addAll(options);
        command.addAll(how);
        command.addAll(List.of(arguments));
        Path output = directory.resolve("output");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
        builder.environment().putAll(environment);
        if (workingDirectory != null) {
            builder.directory(workingDirectory.toFile());
        }
        Process process = builder.start();
        try {
            process.getOutputStream().close();
            assertTrue(process.waitFor(4 * PoolUnderTest.WAIT_SECONDS, TimeUnit.SECONDS), "it hangs");
            assertEquals(0, process.exitValue(), "exit code");
        } catch (AssertionError e) {
            throw new AssertionError(e.getMessage() + ": " + Files.readString(output), e);
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
        Leftovers.assertNoneOf(process.pid());
        // Workers remove the directory once the process has gone, so the first look may come too early.
        Awaitility.await().atMost(PoolUnderTest.WAIT).untilAsserted(() -> assertEquals(List.of(), directories()));
    }

    private List<Path> directories() throws IOException {
        try (Stream<Path> files = Files.list(temporary)) {
            return files.filter(ParentJvm::isOfAPool).toList();
        }
    }

    /** Returns true for a pool's directory. The archives of classes are meant to stay. */
    private static boolean isOfAPool(Path file) {
        String name = file.getFileName().toString();
        return name.startsWith("brigade-") && !name.startsWith("brigade-classes-");
    }
}
