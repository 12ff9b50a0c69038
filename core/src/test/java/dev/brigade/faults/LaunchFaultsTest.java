package dev.brigade.faults;

import static dev.brigade.faults.PoolUnderTest.WAIT_SECONDS;
import static dev.brigade.faults.PoolUnderTest.failureOf;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.base.Splitter;
import dev.brigade.Task;
import dev.brigade.WorkerChannel;
import dev.brigade.WorkerLostException;
import dev.brigade.WorkerLostException.Reason;
import dev.brigade.runner.ProcessRunner;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Enumeration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Tests of programs that are packed and run in different ways: their workers are launched, or a message says why not. */
@Timeout(value = 5 * WAIT_SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class LaunchFaultsTest {
    /** A large library that the tests' programs do not need. */
    private static final String UNUSED = "archunit";

    private static final List<String> NOT_COPIED =
            List.of("jmods", "man", "include", "legal", "docs", "src.zip", "ct.sym");

    @TempDir
    Path directory;

    /** Packs everything on this class path into one jar, as the shade plugin does. */
    private Path oneJar(String name, String prefix) throws IOException {
        Path jar = directory.resolve(name);
        Set<String> seen = new HashSet<>();
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar))) {
            out.setLevel(1);
            for (String entry : Splitter.on(File.pathSeparatorChar).split(System.getProperty("java.class.path"))) {
                Path file = Path.of(entry);
                if (Files.isDirectory(file)) {
                    addDirectory(file, prefix, seen, out);
                } else if (Files.exists(file) && !entry.contains(UNUSED)) {
                    addJar(file, prefix, seen, out);
                }
            }
            add(ParentAtALimit.FromInside.class.getName().replace('.', '/') + ".class", "", seen, out);
        }
        return jar;
    }

    private static void addDirectory(Path root, String prefix, Set<String> seen, JarOutputStream out)
            throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                try (InputStream in = Files.newInputStream(file)) {
                    add(prefix + root.relativize(file), in, seen, out);
                }
            }
        }
    }

    private static void addJar(Path file, String prefix, Set<String> seen, JarOutputStream out) throws IOException {
        try (JarFile jar = new JarFile(file.toFile())) {
            for (Enumeration<JarEntry> entries = jar.entries(); entries.hasMoreElements(); ) {
                JarEntry entry = entries.nextElement();
                try (InputStream in = jar.getInputStream(entry)) {
                    add(prefix + entry.getName(), in, seen, out);
                }
            }
        }
    }

    private static void add(String resource, String prefix, Set<String> seen, JarOutputStream out) throws IOException {
        try (InputStream in = LaunchFaultsTest.class.getClassLoader().getResourceAsStream(resource)) {
            add(prefix + resource, in, seen, out);
        }
    }

    private static void add(String name, InputStream content, Set<String> seen, JarOutputStream out)
            throws IOException {
        boolean wanted = !name.endsWith("/") && !name.endsWith("module-info.class");
        if (wanted && seen.add(name)) {
            out.putNextEntry(new JarEntry(name));
            content.transferTo(out);
            out.closeEntry();
        }
    }

    @Test
    void aShadedJarIsLaunched() throws Exception {
        Path jar = oneJar("all in one.jar", "");
        new ParentJvm(directory).classPath(jar).run(ParentAtALimit.class, "nothing", WorkerChannel.AUTO.name());
    }

    @Test
    void aFatJarThatCannotBeLaunchedSaysWhatToSet() throws Exception {
        Path plain = oneJar("plain.jar", "");
        Path fat = oneJar("fat.jar", ParentAtALimit.FromInside.INSIDE);
        new ParentJvm(directory).classPath(fat).run(ParentAtALimit.FromInside.class, plain.toString());
    }

    /** The program in the fat jar. */
    public static final class Inside {
        private Inside() {}

        /** Runs with the default class path, which must fail, and then with the class path in the argument. */
        public static void main(String[] arguments) throws Exception {
            try (PoolUnderTest pool = new PoolUnderTest(ProcessRunner.builder().workers(1))) {
                WorkerLostException lost =
                        assertInstanceOf(WorkerLostException.class, failureOf(pool.runner.submit(() -> 1)));
                assertEquals(Reason.NEVER_READY, lost.reason(), lost::getMessage);
                assertTrue(lost.getMessage().contains("dev.brigade.process.worker.WorkerMain"), lost::getMessage);
                assertTrue(lost.getMessage().contains("set ProcessRunner.builder().classPath("), lost::getMessage);
            }
            List<Path> classPath = List.of(Path.of(arguments[0]));
            try (PoolUnderTest pool =
                    new PoolUnderTest(ProcessRunner.builder().workers(1).classPath(classPath))) {
                pool.goesOn();
            }
        }
    }

    /** Two plug-ins have a class loader each; the workers have the classes of the first one. */
    @Test
    void aClassOfASecondClassLoaderIsMissingWithTheReasonAndTheRemedy() throws Exception {
        try (URLClassLoader first = plugin("First");
                URLClassLoader second = plugin("Second");
                PoolUnderTest pool = new PoolUnderTest(ProcessRunner.builder().workers(1))) {
            assertEquals("First", pool.get(task(first, "First")));
            String said = failureOf(pool.runner.submit(task(second, "Second"))).getMessage();
            assertTrue(said.contains("class not found: Second"), said);
            assertTrue(said.contains("java.net.URLClassLoader 'loader of First'"), said);
            assertTrue(said.contains("ProcessRunner.builder().classPath("), said);
            pool.goesOn();
        }
    }

    @Test
    void aClassThatIsNotOnTheGivenClassPathIsMissingWithTheRemedy() throws Exception {
        List<Path> given = Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(Path::of)
                .toList();
        try (URLClassLoader loader = plugin("Left out");
                PoolUnderTest pool =
                        new PoolUnderTest(ProcessRunner.builder().workers(1).classPath(given))) {
            String said = failureOf(pool.runner.submit(task(loader, "LeftOut"))).getMessage();
            assertTrue(said.contains("class not found: LeftOut; workers have the class path that was set with"), said);
            pool.goesOn();
        }
    }

    /** Returns a class loader with a blank in its URL, which class loaders accept. */
    private URLClassLoader plugin(String name) throws Exception {
        String simple = name.replace("Left out", "LeftOut");
        Path classes = Files.createDirectories(directory.resolve("classes of " + name));
        Path source = Files.writeString(
                directory.resolve(simple + ".java"),
                "public class " + simple + " implements dev.brigade.Task<String> {"
                        + " public String call() { return \"" + simple + "\"; } }");
        ToolProvider javac = ToolProvider.findFirst("javac").orElseThrow();
        String classPath = System.getProperty("java.class.path");
        assertEquals(
                0, javac.run(System.out, System.err, "-d", classes.toString(), "-cp", classPath, source.toString()));
        URL url = new URL("file:" + classes + "/");
        return new URLClassLoader(
                "loader of " + name, new URL[] {url}, getClass().getClassLoader());
    }

    @SuppressWarnings("unchecked")
    private static Task<String> task(URLClassLoader loader, String name) throws Exception {
        return (Task<String>) loader.loadClass(name).getConstructor().newInstance();
    }

    /** The classes of such a program are in memory only. */
    @Test
    void aSourceFileThatJavaRunsSaysWhatToDo() throws Exception {
        Path source = Files.writeString(directory.resolve("Script.java"), """
                import dev.brigade.runner.ProcessRunner;
                import java.util.concurrent.ExecutionException;
                public class Script {
                    public static void main(String[] arguments) throws Exception {
                        try (var runner = ProcessRunner.builder().workers(1).maxHeapBytes(64 << 20).build()) {
                            runner.submit(() -> 1).get();
                            throw new AssertionError("it has run");
                        } catch (ExecutionException e) {
                            String said = e.getCause().getMessage();
                            if (!said.contains("class not found: Script") || !said.contains("MemoryClassLoader")
                                    || !said.contains("compile the source first")) {
                                throw e;
                            }
                        }
                    }
                }
                """);
        new ParentJvm(directory)
                .launchedBy("-cp", System.getProperty("java.class.path"), source.toString())
                .run();
    }

    @Test
    void aJdkThatIsRemovedUnderItsRunningParentIsToldAndMissedOnlyWhileItIsGone() throws Exception {
        Path jdk = copyOfTheJdk();
        new ParentJvm(directory)
                .java(jdk.resolve("bin").resolve("java"))
                .run(ParentAtALimit.class, "its JDK", WorkerChannel.AUTO.name(), jdk.toString());
    }

    private Path copyOfTheJdk() throws IOException {
        Path original = Path.of(System.getProperty("java.home")).toRealPath();
        Path copy = directory.resolve("jdk");
        try (Stream<Path> files = Files.walk(original)) {
            for (Path file : files.toList()) {
                Path relative = original.relativize(file);
                boolean wanted =
                        NOT_COPIED.stream().noneMatch(name -> relative.startsWith(name) || relative.endsWith(name));
                Path target = copy.resolve(relative.toString());
                if (wanted && Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else if (wanted && Files.exists(file)) {
                    Files.copy(file, target, StandardCopyOption.COPY_ATTRIBUTES);
                }
            }
        }
        return copy;
    }
}
