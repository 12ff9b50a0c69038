package dev.brigade.faults;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * A directory in place of a JDK, with a shell script as its {@code bin/java}. The script does what a test says, and runs the real
 * {@code java} once it is mended. In the script {@code $home} is this directory, and {@code $java} the real {@code java}.
 */
final class ScriptedJavaHome {
    static final Path TRUE_JAVA = Path.of(System.getProperty("java.home"), "bin", "java");

    private static final String RUN_TRUE_JAVA = "exec \"$java\" \"$@\"\n";

    final Path directory;

    private ScriptedJavaHome(Path directory, String script) throws IOException {
        this.directory = directory;
        Path bin = Files.createDirectories(directory.resolve("bin"));
        String head = "#!/bin/sh\nhome='" + directory + "'\njava='" + TRUE_JAVA + "'\n";
        Path file = Files.writeString(bin.resolve("java"), head + script + "\n" + RUN_TRUE_JAVA);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
    }

    /** Makes a home with a fault in each start, until it is mended. */
    static ScriptedJavaHome broken(Path directory, String fault) throws IOException {
        return new ScriptedJavaHome(directory, "if [ ! -e \"$home/mended\" ]; then\n" + fault + "\nfi");
    }

    /** Makes a home with a fault in the first start alone. */
    static ScriptedJavaHome brokenOnce(Path directory, String fault) throws IOException {
        return new ScriptedJavaHome(directory, "if mkdir \"$home/once\" 2>/dev/null; then\n" + fault + "\nfi");
    }

    /** Makes a home that takes a step before it runs the real {@code java}. */
    static ScriptedJavaHome before(Path directory, String step) throws IOException {
        return new ScriptedJavaHome(directory, step);
    }

    void mend() throws IOException {
        Files.createFile(file("mended"));
    }

    Path file(String name) {
        return directory.resolve(name);
    }
}
