package dev.brigade.context;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.brigade.ContextPropagator;
import dev.brigade.Runner;
import dev.brigade.runner.ThreadRunner;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests of the search for propagators: the loaders that are searched, and the providers that cannot be used. */
@Timeout(60)
class PropagatorsTest {
    private static final ClassLoader SYSTEM = ClassLoader.getSystemClassLoader();

    @TempDir
    Path directory = Path.of("");

    private final @Nullable ClassLoader before = Thread.currentThread().getContextClassLoader();

    @AfterEach
    void restore() {
        Thread.currentThread().setContextClassLoader(before);
        Good.VALUE.remove();
    }

    /** Carries a thread-local. */
    public static class Good implements ContextPropagator {
        static final ThreadLocal<String> VALUE = new ThreadLocal<>();

        @Override
        public String name() {
            return "good";
        }

        @Override
        public Map<String, String> capture() {
            String value = VALUE.get();
            return value == null ? Map.of() : Map.of("value", value);
        }

        @Override
        public Runnable bind(Map<String, String> captured) {
            VALUE.set(captured.get("value"));
            return VALUE::remove;
        }
    }

    /** Has a constructor that throws a checked exception. */
    public static class Checked extends Good {
        /** Throws a checked exception. */
        public Checked() throws IOException {
            throw new IOException("a constructor that throws, on purpose");
        }
    }

    /** Has a constructor that throws an error. */
    public static class Erroneous extends Good {
        /** Throws. */
        public Erroneous() {
            throw new AssertionError("a constructor that throws, on purpose");
        }
    }

    /** Throws when it is asked for its name. */
    public static class Nameless extends Good {
        @Override
        public String name() {
            throw new AssertionError("a name that throws, on purpose");
        }
    }

    /** Throws in its static initializer. */
    public static class Uninitialized extends Good {
        static final int NUMBER = Integer.parseInt("none");
    }

    private URLClassLoader loader(String... providers) throws IOException {
        Path services = Files.createDirectories(directory.resolve("META-INF/services"));
        Files.write(services.resolve(ContextPropagator.class.getName()), List.of(providers));
        return new URLClassLoader(new URL[] {directory.toUri().toURL()}, PropagatorsTest.class.getClassLoader());
    }

    private static List<String> names(@Nullable ClassLoader one, @Nullable ClassLoader other) {
        return Propagators.seenFrom(one, other).stream()
                .map(found -> found.name)
                .toList();
    }

    private Path compiled(String name, String source) throws IOException {
        Path file = directory.resolve(name + ".java");
        Files.writeString(file, source);
        int exit = ToolProvider.getSystemJavaCompiler()
                .run(
                        null,
                        null,
                        null,
                        "-proc:none",
                        "-cp",
                        System.getProperty("java.class.path") + java.io.File.pathSeparator + directory,
                        "-d",
                        directory.toString(),
                        file.toString());
        assertEquals(0, exit, "the compiler's exit code");
        Files.delete(file);
        return directory.resolve(name + ".class");
    }

    private static String propagator(String name) {
        return "import java.util.Map; public class " + name + " implements dev.brigade.ContextPropagator {"
                + " public String name() { return \"" + name + "\"; }"
                + " public Map<String, String> capture() { return Map.of(\"k\", \"v\"); }"
                + " public Runnable bind(Map<String, String> captured) { return () -> {}; } }";
    }

    @ParameterizedTest
    @ValueSource(strings = {"Checked", "Erroneous", "Nameless", "Uninitialized"})
    void oneThatCannotBeMadeIsPassedOver(String bad) throws IOException {
        String prefix = PropagatorsTest.class.getName() + "$";
        try (URLClassLoader loader = loader(prefix + bad, prefix + "Good")) {
            assertEquals(List.of("good"), names(loader, loader));
        }
    }

    @Test
    void oneThatCannotBeLinkedIsPassedOver() throws IOException {
        compiled("Parent", propagator("Parent"));
        compiled("Orphan", "public class Orphan extends Parent {}");
        Files.delete(directory.resolve("Parent.class"));
        try (URLClassLoader loader = loader("Orphan", Good.class.getName())) {
            assertEquals(List.of("good"), names(loader, loader));
        }
    }

    @Test
    void oneOfALaterJavaIsPassedOver() throws IOException {
        Path file = compiled("Later", propagator("Later"));
        byte[] bytes = Files.readAllBytes(file);
        bytes[7] = 99; // the major version
        Files.write(file, bytes);
        try (URLClassLoader loader = loader("Later", "no.such.Provider", "not a name", Good.class.getName())) {
            assertEquals(List.of(), names(loader, loader), "a file that cannot be parsed is refused as a whole");
        }
        try (URLClassLoader loader = loader("Later", "no.such.Provider", "java.lang.String", Good.class.getName())) {
            assertEquals(List.of("good"), names(loader, loader));
        }
    }

    @Test
    void aLoaderThatFailsWithoutEndHoldsUpNobody() {
        ClassLoader failing = new ClassLoader(SYSTEM) {
            @Override
            public Enumeration<URL> getResources(String name) {
                throw new IllegalStateException("a loader that is closed, say");
            }
        };
        assertEquals(List.of(), names(failing, failing));
    }

    @Test
    void eachLoaderIsAskedForItsOwn() throws Exception {
        try (URLClassLoader application = loader(Good.class.getName());
                Runner runner = ThreadRunner.of(1)) {
            Good.VALUE.set("mine");
            Thread.currentThread().setContextClassLoader(SYSTEM); // as on a thread of the common pool
            assertNull(runner.submit(Good.VALUE::get).get());
            Thread.currentThread().setContextClassLoader(application);
            assertEquals("mine", runner.submit(Good.VALUE::get).get());
            Thread.currentThread().setContextClassLoader(SYSTEM);
            assertNull(runner.submit(Good.VALUE::get).get(), "nothing stays on the thread");
        }
    }

    @Test
    void theLoaderOfTheTasksCodeIsAskedToo() throws IOException {
        try (URLClassLoader application = loader(Good.class.getName())) {
            assertEquals(List.of("good"), names(SYSTEM, application));
            assertEquals(List.of("good"), names(null, application));
            assertEquals(List.of("good"), names(application, SYSTEM));
        }
    }

    @Test
    void loadersThatSeeOneClassShareItsPropagator() throws IOException {
        try (URLClassLoader one = loader(Good.class.getName());
                URLClassLoader other = loader(Good.class.getName())) {
            assertSame(
                    Propagators.seenFrom(one, one).get(0),
                    Propagators.seenFrom(other, other).get(0));
            assertEquals(List.of("good"), names(one, other));
        }
    }

    @Test
    void aLoaderIsCollectedThoughItsPropagatorWasUsed() throws Exception {
        compiled("Own", propagator("Own"));
        try (Runner runner = ThreadRunner.of(1)) {
            WeakReference<ClassLoader> loader = used(runner);
            long beganNanos = System.nanoTime();
            while (!loader.refersTo(null)) {
                assertTrue(System.nanoTime() - beganNanos < 30_000_000_000L, "it is still there");
                System.gc();
                TimeUnit.MILLISECONDS.sleep(10);
            }
        }
    }

    /** Runs a task for which the loader's own propagator is found, then closes the loader. Returns a weak reference to it. */
    private WeakReference<ClassLoader> used(Runner runner) throws Exception {
        try (URLClassLoader loader = loader("Own")) {
            Thread.currentThread().setContextClassLoader(loader);
            assertEquals(List.of("Own"), names(loader, loader));
            assertNotNull(runner.submit(() -> Thread.currentThread().getContextClassLoader())
                    .get());
            Thread.currentThread().setContextClassLoader(SYSTEM);
            return new WeakReference<>(loader);
        }
    }
}
