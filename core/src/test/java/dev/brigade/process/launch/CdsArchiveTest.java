package dev.brigade.process.launch;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.brigade.Runner;
import dev.brigade.process.ShortTempDir;
import dev.brigade.process.protocol.WorkerBootstrap;
import dev.brigade.process.worker.CdsTrainingMain;
import dev.brigade.process.worker.WorkerMain;
import dev.brigade.runner.ProcessRunner;
import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests that workers start from an archive of their classes if there is one, and that an unusable archive does not keep them from starting.
 */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class CdsArchiveTest {
    private static final int WAIT_SECONDS = 60;

    /** A JVM with this option ends if it cannot use the archive that it is given. */
    private static final String REQUIRE_SHARING = "-XX:+RequireSharedSpaces";

    /** Archives are made from jars only. */
    @TempDir
    static Path jars;

    @TempDir(factory = ShortTempDir.class)
    Path temporary;

    /** A parent with a pool, in a JVM with a jar on its class path. */
    public static final class Parent {
        private Parent() {}

        /**
         * Runs a task and, if told to, waits until there is an archive or until one is being written. Then prints the source of the
         * worker's main class.
         */
        public static void main(String[] arguments) throws Exception {
            List<String> lines = new ArrayList<>();
            Set<Object> before = inodes();
            try (Runner runner = ProcessRunner.builder()
                    .workers(1)
                    .jvmArgs(Stream.concat(
                                    Stream.of("-Xlog:class+load=info:stdout"),
                                    Stream.of(arguments).skip(1))
                            .toArray(String[]::new))
                    .outputListener(printed -> lines.add(printed.line()))
                    .build()) {
                assertEquals(List.of(2), runner.map(List.of(1), n -> n + 1));
                if (arguments[0].equals("wait")) {
                    while (inodes().equals(before) || inodes().isEmpty()) {
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

    /** Returns the identities of the archives: a new file has a number of its own while the old one exists. */
    private static Set<Object> inodes() throws IOException {
        Set<Object> all = new HashSet<>();
        for (Path archive : archives(Path.of(System.getProperty("java.io.tmpdir")))) {
            try {
                BasicFileAttributes is = Files.readAttributes(archive, BasicFileAttributes.class);
                all.add(is.fileKey() + " of " + is.creationTime());
            } catch (NoSuchFileException e) {
                // The archive is being replaced.
            }
        }
        return all;
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
                return FileVisitResult.CONTINUE; // likewise
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
        run("wait", REQUIRE_SHARING);
        Path archive = archives(temporary).get(0);
        assertTrue(archive.toFile().setWritable(true));
        Files.write(archive, new byte[100_000]);
        boolean dies = diesOf(archive);
        String said = run("go", REQUIRE_SHARING);
        assertTrue(said.contains("core.jar"), said);
        assertFalse(dies && archives(temporary).contains(archive), said);
    }

    /** Returns true if a JVM ends because of the archive. Newer JVMs start with the archive that they bring along. */
    private static boolean diesOf(Path archive) throws Exception {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        Process process = new ProcessBuilder(java, REQUIRE_SHARING, "-XX:SharedArchiveFile=" + archive, "-version")
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

    /** Workers also die for other reasons before they have connected, and other processes use the archive, too. */
    @Test
    void workersDoWithoutOneThatIsNotTrustedAnyMoreAndOtherPoolsKeepIt() throws Exception {
        CdsArchiveDirectory place = CdsArchiveDirectory.open(Files.createDirectory(temporary.resolve("pool")));
        List<String> command = List.of("java", "-cp", "none.jar");
        CdsArchive archive = new CdsArchive(place, command, CdsTrainingMain.class);
        assertEquals(List.of(), archive.options());
        Path file = place.publish(
                CdsArchiveDirectory.key(command), Files.writeString(temporary.resolve("made"), "classes"));
        assertTrue(archive.options().get(0).endsWith(file.toString()));
        archive.invalidate();
        assertEquals(List.of(), archive.options());
        archive.writeOnce(CdsArchiveTest::nowhere, "");
        assertTrue(new CdsArchive(place, command, CdsTrainingMain.class)
                .options()
                .get(0)
                .endsWith(file.toString()));
    }

    @Test
    void oneThatIsNotTrustedAnyMoreIsRemovedWhenItIsDamaged() throws Exception {
        CdsArchiveDirectory place = CdsArchiveDirectory.open(Files.createDirectory(temporary.resolve("pool")));
        List<String> command = List.of("java", "-cp", "none-either.jar");
        CdsArchive archive = new CdsArchive(place, command, CdsTrainingMain.class);
        Path file = place.publish(
                CdsArchiveDirectory.key(command), Files.writeString(temporary.resolve("made"), "classes"));
        archive.options();
        archive.writeOnce(CdsArchiveTest::nowhere, "");
        Files.writeString(file, "CLASSES");
        archive.writeOnce(CdsArchiveTest::nowhere, "");
        assertTrue(Files.exists(file), "it has been looked at");
        archive.invalidate();
        archive.writeOnce(CdsArchiveTest::nowhere, "");
        assertFalse(Files.exists(file));
    }

    /** A zip file system has no links. */
    @Test
    void anArchiveIsPutInPlaceWhereThereAreNoLinks() throws Exception {
        Path zip = temporary.resolve("no-links.zip");
        try (FileSystem noLinks = FileSystems.newFileSystem(zip, Map.of("create", "true"))) {
            for (Path directory : List.of(temporary, noLinks.getPath("/"))) {
                Path made = Files.writeString(directory.resolve("made"), "classes");
                Path target = directory.resolve("target");
                assertEquals(target, CdsArchiveDirectory.putInPlace(made, target));
                assertEquals("classes", Files.readString(target));
                Path other = Files.writeString(directory.resolve("other"), "other classes");
                assertThrows(FileAlreadyExistsException.class, () -> CdsArchiveDirectory.putInPlace(other, target));
                assertEquals("classes", Files.readString(target));
            }
        }
    }

    private static WorkerBootstrap nowhere(Path workshop) throws IOException {
        throw new IOException("nothing is made in " + workshop);
    }

    @Test
    void anArchiveThatWasCutOffIsWrittenAnew() throws Exception {
        run("wait");
        Path archive = archives(temporary).get(0);
        assertTrue(archive.toFile().setWritable(true));
        try (FileChannel channel = FileChannel.open(archive, StandardOpenOption.WRITE)) {
            channel.truncate(channel.size() / 2);
        }
        run("wait");
        assertTrue(run("go").contains("shared objects file (top)"));
    }

    /** The changed byte does no harm at once. */
    @Test
    void anArchiveThatWasChangedIsWrittenAnew() throws Exception {
        run("wait");
        Path archive = archives(temporary).get(0);
        assertTrue(archive.toFile().setWritable(true));
        try (FileChannel channel = FileChannel.open(archive, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(new byte[] {1}), channel.size() - 1);
        }
        run("wait");
        assertTrue(run("go").contains("shared objects file (top)"));
    }

    @Test
    void whatAProcessHasLeftThatWasKilledWhileItWroteHoldsUpNobody() throws Exception {
        run("wait");
        Path archive = archives(temporary).get(0);
        Files.delete(archive);
        String key = archive.getFileName().toString().split("-", 2)[0];
        Path workshop = Files.createDirectory(archive.resolveSibling(key + ".jsa.d"));
        Process gone = new ProcessBuilder("true").start();
        assertEquals(0, gone.waitFor());
        Files.writeString(workshop.resolve("writer"), Long.toString(gone.pid()));
        Files.writeString(workshop.resolve("archive"), "half of it");
        run("wait");
        assertTrue(run("go").contains("shared objects file (top)"));
    }

    @Test
    void poolsOnEitherSideOf32GibibytesHaveArchivesOfTheirOwn() throws Exception {
        run("wait");
        run("wait", "-Xmx33g");
        assertEquals(2, archives(temporary).size());
        assertTrue(run("go").contains("shared objects file (top)"));
        assertTrue(run("go", "-Xmx33g").contains("shared objects file (top)"));
    }

    @Test
    void theHeapsSizeMattersFrom31GibibytesOn() {
        String small = CdsArchiveDirectory.key(List.of("java", "-Xmx64m"));
        for (String as : List.of("-Xmx" + (100 << 20), "-Xmx30g", "-XX:MaxHeapSize=1G", "-XX:MaxRAMPercentage=0.01")) {
            assertEquals(small, CdsArchiveDirectory.key(List.of("java", as)), as);
        }
        for (String other : List.of("-Xmx32g", "-Xmx33g", "-XX:MaxHeapSize=40g", "-XX:-UseCompressedOops")) {
            assertNotEquals(small, CdsArchiveDirectory.key(List.of("java", other)), other);
        }
    }
}
