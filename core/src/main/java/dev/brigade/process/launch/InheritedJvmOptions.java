package dev.brigade.process.launch;

import com.google.common.base.Splitter;
import dev.brigade.process.config.PoolSettings;
import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.module.ResolvedModule;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The options of this JVM that its workers get too: those that decide which classes exist, what they may access, and how they behave.
 *
 * <p>Not inherited: agents (a debugger's port would be taken), {@code -X} and {@code -XX} (sized for the parent), logging and
 * recording (every worker would write to the same file), management of the JVM from outside (another port).
 *
 * <p>Names of files are made absolute: workers may have another working directory.
 */
final class InheritedJvmOptions {
    private static final Logger LOG = LoggerFactory.getLogger(InheritedJvmOptions.class);

    private static final List<String> INHERITED = List.of(
            "-D",
            "--add-",
            "--enable-",
            "--limit-modules",
            "-ea",
            "-da",
            "-enableassertions",
            "-disableassertions",
            "-esa",
            "-dsa",
            "-enablesystemassertions",
            "-disablesystemassertions");

    /** Which of them there are depends on the JDK's version. */
    private static final List<String> INHERITED_BY_THE_SAME_JDK =
            List.of("--illegal-", "--finalization", "--sun-misc-unsafe-memory-access");

    /** Followed by files. */
    private static final List<String> PATHS = List.of("--upgrade-module-path=", "-Xbootclasspath/a:");

    private static final String PATCH = "--patch-module=";

    private static final List<String> NOT_INHERITED =
            List.of("-Dcom.sun.management.", "-Djava.class.path=", "-Djdk.module.", "-Dsun.java.");

    /** Properties of the JDK's that name a file, which the parent looks for in its own working directory. */
    private static final List<String> FILES = List.of(
            "java.util.logging.config.file",
            "java.util.prefs.userRoot",
            "java.util.prefs.systemRoot",
            "java.security.krb5.conf",
            "java.security.auth.login.config",
            "javax.net.ssl.keyStore",
            "javax.net.ssl.trustStore",
            "jdk.net.hosts.file");

    /** The same, that a second {@code =} may precede. */
    private static final List<String> SECURITY_FILES = List.of("java.security.policy", "java.security.properties");

    /** Properties of the JDK's that name directories. */
    private static final List<String> DIRECTORIES = List.of("java.io.tmpdir", "java.library.path");

    private static final String WORKING_DIRECTORY = "-Duser.dir=";

    private InheritedJvmOptions() {}

    /** All of them, in the order in which they were given. */
    static List<String> all(PoolSettings settings) {
        List<String> options = new ArrayList<>();
        boolean elsewhere = settings.workingDirectory().isPresent();
        for (String option : arguments()) {
            if (!elsewhere) {
                add(option, settings, options);
            } else if (!option.startsWith(WORKING_DIRECTORY)) {
                add(fromHere(option), settings, options);
            }
        }
        addManifest(options);
        addModules(options);
        return options;
    }

    /**
     * Returns true if {@code jlink} has put such an option into the run-time image. Workers then have it too, whatever else they are
     * given.
     */
    static boolean ofTheImage(Predicate<String> option) {
        // Looked for in the image only where it may be: that takes a while.
        List<String> given = arguments().stream().filter(option).toList();
        return !given.isEmpty() && given.stream().anyMatch(imageOptions()::contains);
    }

    private static String imageOptions() {
        try {
            return Files.readString(Path.of(URI.create("jrt:/java.base/jdk/internal/vm/options")));
        } catch (IOException | RuntimeException e) {
            return "";
        }
    }

    private static List<String> arguments() {
        return ManagementFactory.getRuntimeMXBean().getInputArguments();
    }

    private static void add(String option, PoolSettings settings, List<String> options) {
        boolean sameJdk = settings.javaHome().isEmpty();
        Optional<String> path = PATHS.stream().filter(option::startsWith).findFirst();
        if (path.isPresent()) {
            options.add(path.get() + absolute(option.substring(path.get().length())));
        } else if (option.startsWith(PATCH)) {
            int files = option.indexOf('=', PATCH.length()) + 1;
            options.add(option.substring(0, files) + absolute(option.substring(files)));
        } else if (startsWithAny(option, INHERITED) && !startsWithAny(option, NOT_INHERITED)) {
            options.add(option);
        } else if (sameJdk && startsWithAny(option, INHERITED_BY_THE_SAME_JDK)) {
            options.add(option);
        }
    }

    /** A property that names files means the parent's, whatever the workers' working directory is. */
    private static String fromHere(String option) {
        int value = option.indexOf('=') + 1;
        if (!option.startsWith("-D") || value == 0) {
            return option;
        }
        String name = option.substring(2, value - 1);
        if (DIRECTORIES.contains(name)) {
            return option.substring(0, value) + absolute(option.substring(value));
        }
        boolean replaces = SECURITY_FILES.contains(name) && option.startsWith("=", value);
        int from = replaces ? value + 1 : value;
        File file = new File(option.substring(from));
        boolean named = FILES.contains(name) || SECURITY_FILES.contains(name);
        // Some may also hold a URL, or a word such as NONE.
        return named && file.exists() ? option.substring(0, from) + file.getAbsolutePath() : option;
    }

    private static boolean startsWithAny(String option, List<String> prefixes) {
        return prefixes.stream().anyMatch(option::startsWith);
    }

    static String absolute(String path) {
        return entries(path).stream()
                .map(entry -> new File(entry).getAbsolutePath())
                .collect(Collectors.joining(File.pathSeparator));
    }

    /** The entries of a path of files. An empty one is the working directory. */
    static List<String> entries(String path) {
        return Splitter.on(File.pathSeparatorChar).splitToList(path);
    }

    /** Adds the options of the jar's manifest, which {@code java -jar} reads: workers are started by a class name, without {@code -jar}. */
    private static void addManifest(List<String> options) {
        String jar = System.getProperty("java.class.path", "");
        String command = System.getProperty("sun.java.command", "");
        if (jar.isEmpty() || !(command + ' ').startsWith(jar + ' ') || !Files.isRegularFile(Path.of(jar))) {
            return;
        }
        try (JarFile file = new JarFile(jar)) {
            Manifest manifest = file.getManifest();
            if (manifest != null) {
                addManifest(manifest.getMainAttributes(), options);
            }
        } catch (IOException | RuntimeException e) {
            LOG.warn("what the manifest of {} opens to the program is not opened to its workers", jar, e);
        }
    }

    private static void addManifest(Attributes manifest, List<String> options) {
        addPackages("--add-opens=", manifest.getValue("Add-Opens"), options);
        addPackages("--add-exports=", manifest.getValue("Add-Exports"), options);
        boolean natives = manifest.getValue("Enable-Native-Access") != null;
        if (natives && Runtime.version().feature() >= 22) {
            // Before, the java command does not look at it.
            options.add("--enable-native-access=ALL-UNNAMED");
        }
    }

    /** Modules and packages that do not exist are left out: of an option, unlike the manifest, the JVM would complain. */
    private static void addPackages(String option, String names, List<String> options) {
        if (names == null) {
            return;
        }
        for (String name : Splitter.on(' ').omitEmptyStrings().trimResults().split(names)) {
            List<String> parts = Splitter.on('/').limit(2).splitToList(name);
            boolean exists = parts.size() == 2
                    && ModuleLayer.boot()
                            .findModule(parts.get(0))
                            .filter(module -> module.getPackages().contains(parts.get(1)))
                            .isPresent();
            if (exists) {
                options.add(option + name + "=ALL-UNNAMED");
            }
        }
    }

    /**
     * Adds the modules of this JVM besides the JDK's. A worker's main module is Brigade's, which does not require the program's modules;
     * and modules of a run-time image made by {@code jlink} are on no path.
     */
    private static void addModules(List<String> options) {
        String path = System.getProperty("jdk.module.path", "");
        if (!path.isEmpty()) {
            options.add("--module-path=" + absolute(path));
        }
        List<String> modules = new ArrayList<>();
        for (ResolvedModule module : ModuleLayer.boot().configuration().modules()) {
            if (!isOfTheJdk(module)) {
                modules.add(module.name());
            }
        }
        if (modules.isEmpty()) {
            return;
        }
        if (System.getProperty("jdk.module.main") == null) {
            // A program on the class path sees the JDK's default modules as well.
            modules.add("ALL-DEFAULT");
        }
        options.add("--add-modules=" + String.join(",", modules));
    }

    private static boolean isOfTheJdk(ResolvedModule module) {
        boolean inTheImage = module.reference()
                .location()
                .map(URI::getScheme)
                .filter("jrt"::equals)
                .isPresent();
        return inTheImage && (module.name().startsWith("java.") || module.name().startsWith("jdk."));
    }
}
