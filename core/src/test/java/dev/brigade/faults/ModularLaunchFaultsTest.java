package dev.brigade.faults;

import static dev.brigade.faults.PoolUnderTest.WAIT_SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.common.base.Splitter;
import dev.brigade.runner.ProcessRunner;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Tests that the workers of a modular program find its classes, in each way of launching it. */
@Timeout(value = 5 * WAIT_SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class ModularLaunchFaultsTest {
    private static final Path MODULE_INFO = Path.of("src", "main", "java", "module-info.java");

    /** A program that exits with 0 only if a worker has run its task, in the same module as the program. */
    private static final String MAIN = """
            package %s;
            import dev.brigade.runner.ProcessRunner;
            public class %s {
                record Answer(String module, long pid) implements java.io.Serializable {}
                public static void main(String[] arguments) throws Exception {
                    String here = %2$s.class.getModule().getName() + "";
                    try (var runner = ProcessRunner.builder().workers(1).maxHeapBytes(64 << 20).build()) {
                        for (Answer answer : runner.map(java.util.List.of(1, 2), n -> new Answer(
                                %2$s.class.getModule().getName() + "", ProcessHandle.current().pid()))) {
                            if (!answer.module.equals(here) || answer.pid == ProcessHandle.current().pid()) {
                                throw new AssertionError(answer + ", here " + here);
                            }
                        }
                    }
                }
            }
            """;

    /** Brigade, the modules that it needs, and a module {@code app} that uses it. */
    @TempDir
    static Path modules;

    @TempDir
    static Path sources;

    /** Classes that belong to {@code app} but are not in its directory. */
    @TempDir
    static Path patch;

    /** Classes that are in no module. */
    @TempDir
    static Path unnamed;

    @TempDir
    Path directory;

    @BeforeAll
    static void makeModules() throws Exception {
        for (String entry : Splitter.on(File.pathSeparatorChar).split(System.getProperty("java.class.path"))) {
            Path jar = Path.of(entry);
            if (jar.getFileName().toString().matches("(guava|failureaccess|slf4j-api|jspecify)-.*\\.jar")) {
                Files.copy(jar, modules.resolve(jar.getFileName()));
            }
        }
        Path classes = Path.of(ProcessRunner.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        Path brigade = modules.resolve("dev.brigade.core");
        copy(classes, brigade);
        javac(brigade, List.of("--patch-module", "dev.brigade.core=" + classes), MODULE_INFO);
        Path app = Files.createDirectory(sources.resolve("app"));
        Path info = Files.writeString(app.resolve("module-info.java"), "module app { requires dev.brigade.core; }");
        javac(modules.resolve("app"), List.of(), info, main(app, "app", "Main"));
        List<String> patching = List.of("--patch-module", "app=" + sources.resolve("patch"), "--add-modules", "app");
        Path patchSources = Files.createDirectories(sources.resolve("patch"));
        javac(patch, patching, main(patchSources, "app", "Patched"));
        Path booter = Files.writeString(
                sources.resolve("Booter.java"),
                "public class Booter { public static void main(String[] a) throws Exception {"
                        + " var main = Class.forName(a[0]).getDeclaredMethod(\"main\", String[].class);"
                        + " main.invoke(null, (Object) a); } }");
        javac(unnamed, List.of(), booter);
        List<String> brigadeOnly = List.of("--add-modules", "dev.brigade.core");
        javac(unnamed, brigadeOnly, main(sources, "plain", "Plain"));
    }

    private static Path main(Path directory, String packageName, String name) throws IOException {
        return Files.writeString(directory.resolve(name + ".java"), MAIN.formatted(packageName, name));
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Path target = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(file, target);
                }
            }
        }
    }

    private static void javac(Path to, List<String> options, Path... files) {
        List<String> arguments = new ArrayList<>(
                List.of("-nowarn", "-proc:none", "-d", to.toString(), "--module-path", modules.toString()));
        arguments.addAll(options);
        Stream.of(files).map(Path::toString).forEach(arguments::add);
        run("javac", arguments);
    }

    private static void run(String tool, List<String> arguments) {
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(said, true, StandardCharsets.UTF_8);
        int code = ToolProvider.findFirst(tool).orElseThrow().run(out, out, arguments.toArray(String[]::new));
        assertEquals(0, code, () -> tool + " " + arguments + ": " + said.toString(StandardCharsets.UTF_8));
    }

    @Test
    void aModuleThatIsLaunchedFromTheModulePath() throws Exception {
        new ParentJvm(directory)
                .launchedBy("-p", modules.toString(), "-m", "app/app.Main")
                .run();
    }

    @Test
    void aModuleThatIsPatched() throws Exception {
        new ParentJvm(directory)
                .options("--patch-module", "app=" + patch)
                .launchedBy("-p", modules.toString(), "-m", "app/app.Patched")
                .run();
    }

    /** Surefire runs the tests of a module in this way. */
    @Test
    void aModuleThatIsPatchedForAProgramOnTheClassPath() throws Exception {
        new ParentJvm(directory)
                .options("--patch-module=app=" + patch, "--add-modules", "app")
                .options("--add-opens", "app/app=ALL-UNNAMED", "--add-reads", "app=ALL-UNNAMED")
                .launchedBy("-p", modules.toString(), "-cp", unnamed.toString(), "Booter")
                .run("app.Patched");
    }

    @Test
    void aProgramOnTheClassPathThatHasBrigadeAsAModule() throws Exception {
        new ParentJvm(directory)
                .options("--add-modules", "dev.brigade.core")
                .launchedBy("-p", modules.toString(), "-cp", unnamed.toString(), "plain.Plain")
                .run();
    }

    @Test
    void aModuleAmongFewerThanThereAre() throws Exception {
        new ParentJvm(directory)
                .options("--limit-modules", "app")
                .launchedBy("-p", modules.toString(), "-m", "app/app.Main")
                .run();
    }

    @Test
    void modulesThatAreNamedFromTheWorkingDirectory() throws Exception {
        new ParentJvm(directory)
                .in(modules)
                .options("--patch-module", "app=" + modules.relativize(patch))
                .launchedBy("-p", "dev.brigade.core:app:.", "-m", "app/app.Patched")
                .run();
    }

    @Test
    void aModuleInARunTimeImage() throws Exception {
        Path image = directory.resolve("image");
        // Workers get the image's own options, too, and a second collector beside this one would be an error.
        run(
                "jlink",
                List.of(
                        "--add-options=-XX:+UseG1GC",
                        "--module-path",
                        modules.toString(),
                        "--add-modules",
                        "app",
                        "--output",
                        image.toString()));
        ParentJvm parent = new ParentJvm(directory).java(image.resolve("bin").resolve("java"));
        parent.launchedBy("-m", "app/app.Main").run();
        parent.launchedBy("--add-modules", "dev.brigade.core", "-cp", unnamed.toString(), "plain.Plain")
                .run();
    }
}
