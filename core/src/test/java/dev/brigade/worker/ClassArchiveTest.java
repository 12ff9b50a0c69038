package dev.brigade.worker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.brigade.Runner;
import dev.brigade.runner.ProcessRunner;
import java.io.File;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Workers start from an archive of their classes when there is one, and it is never in the way. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class ClassArchiveTest {
    private static final int WAIT_SECONDS = 60;

    /** A JVM with this option ends when it cannot use the archive that it is given. */
    private static final String SHARING_OR_DEATH = "-XX:+RequireSharedSpaces";

    /** Archives are of jars only. */
    @TempDir
    static Path jars;

    @TempDir(factory = ShortTempDir.class)
    Path temporary;

    /** The pool, in a JVM with a jar on its class path. */
    public static final class Parent {
        private Parent() {}

        /** Prints where a worker had its main class from; then, when told to, waits until there is an archive. */
        public static void main(String[] arguments) throws Exception {
            List<String> lines = new ArrayList<>();
            try (Runner runner = ProcessRunner.builder()
                    .workers(1)
                    .jvmArgs(Stream.concat(
                                    Stream.of("-Xlog:class+load=info:stdout"),
                                    Stream.of(arguments).skip(1))
                            .toArray(String[]::new))
                    .outputListener((line, worker, task) -> lines.add(line))
                    .build()) {
                assertEquals(List.of(2), runner.map(List.of(1), n -> n + 1));
                if (arguments[0].equals("wait")) {
                    while (archives(Path.of(System.getProperty("java.io.tmpdir")))
                            .isEmpty()) {
                        Thread.sleep(10);
                    }
                } else if (arguments[0].equals("close while it is written")) {
                    while (workshops(Path.of(System.getProperty("java.io.tmpdir")))
                            .isEmpty()) {
                        Thread.sleep(1);
                    }
                }
            }
            lines.stream()
                    .filter(line -> line.contains(" " + WorkerMain.class.getName() + " ") || line.contains("[warning]"))
                    .forEach(System.out::println);
            System.out.println("done");
        }
    }

    @BeforeAll
    static void makeAJar() throws Exception {
        String classes = Path.of(WorkerMain.class
                        .getProtectionDomain()
                        .getCodeSource()
                        .getLocation()
                        .toURI())
                .toString();
        ToolProvider jar = ToolProvider.findFirst("jar").orElseThrow();
        assertEquals(
                0,
                jar.run(
                        System.out,
                        System.err,
                        "--create",
                        "--file",
                        jars.resolve("core.jar").toString(),
                        "-C",
                        classes,
                        "."));
    }

    private String run(String... what) throws Exception {
        String classPath = Stream.concat(
                        Stream.of(jars.resolve("core.jar").toString()),
                        Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                                .filter(entry -> !entry.endsWith("/target/classes")))
                .collect(Collectors.joining(File.pathSeparator));
        Path output = temporary.resolve("output");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Djava.io.tmpdir=" + temporary,
                "-cp",
                classPath,
                Parent.class.getName()));
        command.addAll(List.of(what));
        Process parent = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            assertTrue(parent.waitFor(WAIT_SECONDS, TimeUnit.SECONDS), () -> read(output));
        } finally {
            parent.destroyForcibly();
        }
        String said = read(output);
        assertEquals(0, parent.exitValue(), said);
        assertTrue(said.contains("done"), said);
        return said;
    }

    private static String read(Path file) {
        try {
            return Files.readString(file, UTF_8);
        } catch (IOException e) {
            return e.toString();
        }
    }

    private static List<Path> find(Path temporary, String suffix) throws IOException {
        List<Path> found = new ArrayList<>();
        Files.walkFileTree(temporary, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes is) {
                return visitFile(directory, is);
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes is) {
                if (file.toString().endsWith(suffix)) {
                    found.add(file);
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) {
                return FileVisitResult.CONTINUE; // the pool has removed it meanwhile
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException e) {
                return FileVisitResult.CONTINUE; // as well
            }
        });
        return found;
    }

    private static List<Path> archives(Path temporary) throws IOException {
        return find(temporary, ".jsa");
    }

    private static List<Path> workshops(Path temporary) throws IOException {
        return find(temporary, ".jsa.d");
    }

    @Test
    void theSecondRunStartsFromTheArchiveThatTheFirstHasWritten() throws Exception {
        String first = run("wait");
        assertTrue(first.contains("core.jar"), first);
        List<Path> archives = archives(temporary);
        assertEquals(1, archives.size());
        assertEquals(List.of(), workshops(temporary));
        Path place = archives.get(0).getParent();
        assertEquals(
                "rwx------",
                PosixFilePermissions.toString(Files.getPosixFilePermissions(place, LinkOption.NOFOLLOW_LINKS)));
        String second = run("go");
        assertTrue(second.contains("shared objects file (top)"), second);
    }

    @Test
    void anArchiveThatIsNoneIsNotInTheWay() throws Exception {
        run("wait");
        Path archive = archives(temporary).get(0);
        assertTrue(archive.toFile().setWritable(true));
        Files.write(archive, new byte[100_000]);
        String said = run("go");
        assertTrue(said.contains("core.jar"), said);
        assertFalse(said.contains("warning"), said);
    }

    @Test
    void workersThatAnArchiveKeepsFromStartingStartWithoutIt() throws Exception {
        run("wait", SHARING_OR_DEATH);
        Path archive = archives(temporary).get(0);
        assertTrue(archive.toFile().setWritable(true));
        Files.write(archive, new byte[100_000]);
        boolean dies = diesOf(archive);
        String said = run("go", SHARING_OR_DEATH);
        assertTrue(said.contains("core.jar"), said);
        assertEquals(dies ? List.of() : List.of(archive), archives(temporary));
    }

    /** Newer JVMs do with the archive that they bring along. */
    private static boolean diesOf(Path archive) throws Exception {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        Process process = new ProcessBuilder(java, SHARING_OR_DEATH, "-XX:SharedArchiveFile=" + archive, "-version")
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        assertTrue(process.waitFor(WAIT_SECONDS, TimeUnit.SECONDS));
        return process.exitValue() != 0;
    }

    @Test
    void aPlaceThatOthersMayEnterIsNotUsed() throws Exception {
        run("wait");
        Path place = archives(temporary).get(0).getParent();
        Files.setPosixFilePermissions(place, PosixFilePermissions.fromString("rwxrwxrwx"));
        String said = run("go");
        assertTrue(said.contains("core.jar"), said);
        assertTrue(said.contains("is not used"), said);
    }

    @Test
    void aCloseWhileItIsWrittenLeavesNothing() throws Exception {
        run("close while it is written");
        assertEquals(List.of(), archives(temporary));
        assertEquals(List.of(), workshops(temporary));
    }

    @Test
    void workersDoWithoutOneThatIsNotTrustedAnyMore() throws Exception {
        ArchivePlace place = ArchivePlace.open(Files.createDirectory(temporary.resolve("pool")));
        ClassArchive archive = new ClassArchive(place, List.of("java", "-cp", "none.jar"));
        Path file = place.file(List.of("java", "-cp", "none.jar"));
        assertEquals(List.of(), archive.options());
        Files.createFile(file);
        assertTrue(archive.options().get(0).endsWith(file.toString()));
        archive.distrust();
        assertEquals(List.of(), archive.options());
        assertFalse(Files.exists(file));
    }
}
