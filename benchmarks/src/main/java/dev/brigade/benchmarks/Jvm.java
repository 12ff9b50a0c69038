package dev.brigade.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Starts JVMs like this one. */
final class Jvm {
    private Jvm() {}

    static List<String> command(Class<?> main, String... args) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.add(main.getName());
        command.addAll(List.of(args));
        return command;
    }

    static Process start(Class<?> main, String... args) throws IOException {
        return new ProcessBuilder(command(main, args))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }
}
