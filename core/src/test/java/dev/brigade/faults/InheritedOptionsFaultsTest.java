package dev.brigade.faults;

import static dev.brigade.faults.PoolUnderTest.WAIT_SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.brigade.runner.ProcessRunner;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Tests that the options by which a program was started reach its workers, unless they are for the program alone. */
@Timeout(value = 5 * WAIT_SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class InheritedOptionsFaultsTest {
    /** Odd values of properties, each of which a command line can hold. */
    private static final List<String> ODD_VALUES = List.of(
            "two\nlines",
            "\nand more\n\n",
            "\r\n",
            "tab\tand form feed\f",
            "\"quoted\" and 'quoted'",
            "back\\slash\\n\\",
            "# no comment",
            " blanks ",
            "",
            "@file",
            "*",
            "$HOME %PATH% `id`",
            "a=b=c",
            "\u00e9\u65e5\u672c\ud83d\ude00");

    @TempDir
    Path directory;

    private ProcessRunner.Builder builder() {
        return ProcessRunner.builder().workers(1).maxHeapBytes(64 << 20);
    }

    @Test
    void propertiesArriveWhateverTheirValuesAre() throws Exception {
        List<String> options = new ArrayList<>();
        for (int i = 0; i < ODD_VALUES.size(); i++) {
            options.add("-Dodd." + i + "=" + ODD_VALUES.get(i));
        }
        options.add("-Dodd.none");
        try (PoolUnderTest pool = new PoolUnderTest(builder().jvmArgs(options.toArray(String[]::new)))) {
            int count = ODD_VALUES.size();
            assertEquals(ODD_VALUES, pool.get(() -> {
                List<String> values = new ArrayList<>();
                for (int i = 0; i < count; i++) {
                    values.add(System.getProperty("odd." + i));
                }
                return values;
            }));
            assertEquals("", pool.get(() -> System.getProperty("odd.none")));
            pool.goesOn();
        }
    }

    @Test
    void aPropertyWithALineBreakIsInherited() throws Exception {
        new ParentJvm(directory).options("-Dx=two\nlines").run(LaunchedParent.class, "x");
    }

    @Test
    void theTemporaryDirectorysNameMayHaveALineBreakAndABackslash() throws Exception {
        Path odd = Files.createDirectory(directory.resolve("a\nb\\n"));
        new ParentJvm(directory).temporary(odd).run(LaunchedParent.class, "java.io.tmpdir");
    }

    @Test
    void anOptionThatNoCommandLineCanHoldIsRefused() {
        IllegalArgumentException refused =
                assertThrows(IllegalArgumentException.class, () -> builder().jvmArgs("-ea", "-Dx=a\0b"));
        assertTrue(refused.getMessage().contains("option 2"), refused.getMessage());
    }

    /** The default charset differs from the one of the {@code java} command's arguments. */
    @Test
    void namesThatTheDefaultCharsetLacksAreInherited() throws Exception {
        Path classes = Files.createDirectory(directory.resolve("\u00e9\u65e5"));
        Files.writeString(classes.resolve("found"), "");
        new ParentJvm(directory)
                .environment(Map.of("LC_ALL", "C.UTF-8"))
                .options("-Dfile.encoding=ISO-8859-1", "-Dx=\u00e9\u65e5")
                .classPath(System.getProperty("java.class.path") + File.pathSeparator + classes)
                .run(LaunchedParent.class, "x", "resource found");
    }

    /** In this locale a JVM decodes its arguments to other characters. Workers must have the same as their parent. */
    @Test
    void whereTheLocaleHasNoMoreThanAsciiPropertiesAreInherited() throws Exception {
        new ParentJvm(directory)
                .environment(Map.of("LC_ALL", "C"))
                .options("-Dx=\u00e9\u65e5")
                .run(LaunchedParent.class, "x");
    }

    @Test
    void whereTheLocaleHasNoMoreThanAsciiPropertiesCanBeSet() throws Exception {
        new ParentJvm(directory).environment(Map.of("LC_ALL", "C")).run(LaunchedParent.class, "own y");
    }

    // ---- The manifest of a jar that is run

    /** Makes a jar with a manifest that names the classes of this test and has the given attributes. */
    private Path runnableJar(String name, Map<String, String> opens) throws IOException {
        Manifest manifest = new Manifest();
        Attributes main = manifest.getMainAttributes();
        main.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        main.put(Attributes.Name.MAIN_CLASS, LaunchedParent.class.getName());
        main.put(
                Attributes.Name.CLASS_PATH,
                Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                        .map(entry -> Path.of(entry).toUri().toString())
                        .collect(Collectors.joining(" ")));
        opens.forEach(main::putValue);
        Path jar = directory.resolve(name);
        new JarOutputStream(Files.newOutputStream(jar), manifest).close();
        return jar;
    }

    private static final Map<String, String> OPENS = Map.of(
            "Add-Opens", "java.base/java.lang  java.base/java.util no.such/module java.base/no.such",
            "Add-Exports", "java.base/sun.nio.ch",
            "Enable-Native-Access", "ALL-UNNAMED");

    private static final String[] OPENED = {
        "opens java.base/java.lang",
        "opens java.base/java.util",
        "opens java.base/java.net",
        "exports java.base/sun.nio.ch",
        "exports java.base/sun.security.x509",
        "native"
    };

    @Test
    void whatTheManifestOfTheMainJarOpensIsOpenInWorkers() throws Exception {
        Path jar = runnableJar("an app.jar", OPENS);
        new ParentJvm(directory).launchedBy("-jar", jar.toString()).run(LaunchedParent.class, OPENED);
    }

    @Test
    void theManifestCountsWhereverTheJarIsNamedFrom() throws Exception {
        runnableJar("app.jar", OPENS);
        Path elsewhere = Files.createDirectory(directory.resolve("elsewhere"));
        new ParentJvm(directory).in(elsewhere).launchedBy("-jar", "../app.jar").run(LaunchedParent.class, OPENED);
    }

    /** Only {@code java -jar} reads the manifest, for the program itself as well. */
    @Test
    void theManifestOfAJarOnTheClassPathOpensNothing() throws Exception {
        Path jar = runnableJar("app.jar", OPENS);
        new ParentJvm(directory).classPath(jar).run(LaunchedParent.class, OPENED);
    }

    @Test
    void whatTheCommandLineOpensIsOpenInWorkers() throws Exception {
        new ParentJvm(directory)
                .options(
                        "--add-opens",
                        "java.base/java.lang=ALL-UNNAMED",
                        "--add-exports=java.base/sun.nio.ch=ALL-UNNAMED")
                .run(LaunchedParent.class, OPENED);
    }

    // ---- Files that are named from the working directory

    @Test
    void whatIsNamedFromTheWorkingDirectoryIsFoundByWorkersElsewhere() throws Exception {
        Path elsewhere = Files.createDirectory(directory.resolve("elsewhere"));
        Files.createDirectory(directory.resolve("relative"));
        Files.writeString(directory.resolve("store"), "");
        String original =
                Files.readString(Path.of(System.getProperty("java.home"), "conf", "security", "java.security"));
        Files.writeString(directory.resolve("properties"), original + "\nx=from the file\n");
        new ParentJvm(directory)
                .in(directory)
                .options("-Djava.io.tmpdir=relative", "-Djava.library.path=one:two", "-Duser.language=fr")
                .options("-Djavax.net.ssl.trustStore=store", "-Djava.security.properties==properties")
                .options("-Djavax.net.ssl.keyStore=NONE")
                .run(
                        LaunchedParent.class,
                        "elsewhere " + elsewhere,
                        "file java.io.tmpdir",
                        "file javax.net.ssl.trustStore",
                        "javax.net.ssl.keyStore",
                        "security x",
                        "user.language");
        assertEquals(List.of(), childrenOf(directory.resolve("relative")));
    }

    private static List<Path> childrenOf(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> !file.getFileName().toString().startsWith("brigade-classes-"))
                    .toList();
        }
    }

    // ---- Options for the program alone

    /** A worker would find the port taken. */
    @Test
    void managementFromOutsideIsNotInherited() throws Exception {
        Path file = Files.writeString(directory.resolve("management.properties"), """
                com.sun.management.jmxremote.port=0
                com.sun.management.jmxremote.ssl=false
                com.sun.management.jmxremote.authenticate=false
                """);
        new ParentJvm(directory)
                .options("-Dcom.sun.management.config.file=" + file)
                .options("-Dcom.sun.management.jmxremote.host=localhost")
                .run(
                        LaunchedParent.class,
                        "not inherited",
                        "com.sun.management.config.file",
                        "com.sun.management.jmxremote.host");
    }
}
