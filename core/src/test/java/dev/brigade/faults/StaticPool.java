package dev.brigade.faults;

import dev.brigade.Runner;
import dev.brigade.runner.ProcessRunner;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;

/** A class with a static initializer that runs a lambda of the class in a pool. */
final class StaticPool {
    static final String TRACE = "initialized-";
    private static final int ENOUGH = 12;
    static final List<Integer> RESULTS;

    static {
        leaveATrace(Path.of(System.getProperty("java.io.tmpdir")));
        try (Runner runner = ProcessRunner.of(2)) {
            RESULTS = runner.map(List.of(1, 2, 3), n -> n + 1);
        } catch (ExecutionException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private StaticPool() {}

    /** Leaves a file for this process. Halts this JVM beyond {@code ENOUGH} files, so that a failing test does not harm the machine. */
    private static void leaveATrace(Path directory) {
        try (Stream<Path> files = Files.list(directory)) {
            if (files.filter(StaticPool::isTrace).count() > ENOUGH) {
                Runtime.getRuntime().halt(1);
            }
            Files.createFile(directory.resolve(TRACE + ProcessHandle.current().pid()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isTrace(Path file) {
        return file.getFileName().toString().startsWith(TRACE);
    }

    /** The application. */
    static final class Application {
        private Application() {}

        /** Exits with 0 if the exception says what is wrong. */
        public static void main(String[] arguments) {
            try {
                System.out.println(RESULTS);
            } catch (ExceptionInInitializerError e) {
                e.printStackTrace(System.out);
                StringBuilder told = new StringBuilder();
                for (Throwable cause = e; cause != null; cause = cause.getCause()) {
                    told.append(cause).append('\n');
                }
                boolean all = Stream.of(
                                "maxNesting", "at depth 2", "static initializer of " + StaticPool.class.getName())
                        .allMatch(told.toString()::contains);
                System.exit(all ? 0 : 2);
            }
            System.exit(3);
        }
    }
}
