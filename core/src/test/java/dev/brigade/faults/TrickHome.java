package dev.brigade.faults;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * A directory to be given as a JDK, whose {@code bin/java} is a shell script: it does what the test says, and runs the true
 * {@code java} once it is mended. In the script {@code $home} is this directory and {@code $java} the true one.
 */
final class TrickHome {
    static final Path TRUE_JAVA = Path.of(System.getProperty("java.home"), "bin", "java");

    private static final String RUN_TRUE_JAVA = "exec \"$java\" \"$@\"\n";

    final Path directory;

    private TrickHome(Path directory, String script) throws IOException {
        this.directory = directory;
        Path bin = Files.createDirectories(directory.resolve("bin"));
        String head = "#!/bin/sh\nhome='" + directory + "'\njava='" + TRUE_JAVA + "'\n";
        Path file = Files.writeString(bin.resolve("java"), head + script + "\n" + RUN_TRUE_JAVA);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
    }

    /** The fault, each time until it is mended. */
    static TrickHome broken(Path directory, String fault) throws IOException {
        return new TrickHome(directory, "if [ ! -e \"$home/mended\" ]; then\n" + fault + "\nfi");
    }

    /** The fault for whoever is started first, and never again. */
    static TrickHome brokenOnce(Path directory, String fault) throws IOException {
        return new TrickHome(directory, "if mkdir \"$home/once\" 2>/dev/null; then\n" + fault + "\nfi");
    }

    /** What is done before the true {@code java} is run. */
    static TrickHome before(Path directory, String step) throws IOException {
        return new TrickHome(directory, step);
    }

    void mend() throws IOException {
        Files.createFile(file("mended"));
    }

    Path file(String name) {
        return directory.resolve(name);
    }
}
