package dev.brigade.worker;

import com.google.common.base.Splitter;
import java.io.File;
import java.lang.management.ManagementFactory;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The arguments of a worker's JVM.
 *
 * <p>Inherited from the parent: {@code -D}, {@code --add-...}, {@code --enable-...}, assertions, class and module path. Never
 * inherited: agents (a debugger's port would be taken), {@code -X} and {@code -XX} (sized for the parent), logging and recording
 * (every worker would write to the same file).
 */
final class CommandLine {
    private static final List<String> INHERITED = List.of(
            "-D", "--add-", "--enable-", "-ea", "-da", "-enableassertions", "-disableassertions", "-esa", "-dsa");
    private static final List<String> NOT_INHERITED =
            List.of("-Dcom.sun.management.jmxremote", "-Djava.class.path=", "-Djdk.module.");

    /** With these the user decides on sharing, or changes what is shared. */
    private static final List<String> UNSHARED = List.of(
            "-Xshare",
            "-XX:SharedArchive",
            "-XX:ArchiveClasses",
            "-XX:AOT",
            "-XX:+AutoCreateShared",
            "-cp",
            "-classpath",
            "--class-path",
            "-javaagent",
            "-agent",
            "--patch-module",
            "--upgrade-module-path",
            "--limit-modules");

    /** All workers together may use this share of the machine's memory for their heaps, and one of them at most a quarter. */
    private static final double HEAP_SHARE_PERCENT = 75;

    private static final double MAX_HEAP_PERCENT = 25;

    /** Of so many processors a worker's collector, compilers and parallel streams think; together they share the machine. */
    private static final String PROCESSORS = "-XX:ActiveProcessorCount=";

    private CommandLine() {}

    /** The JVM's options, in order: ours, the parent's, the user's. */
    static List<String> options(PoolSettings settings, Path directory, @Nullable ClassLoader tasks) {
        List<String> options = new ArrayList<>();
        addHeap(settings, options);
        if (settings.jvmArgs().stream().noneMatch(CommandLine::choosesCollector)) {
            // The smallest and the quickest to start; many workers share the machine's cores.
            options.add("-XX:+UseSerialGC");
            // A counted loop must be stoppable, or a hung task's stacks come too late.
            options.add("-XX:+UseCountedLoopSafepoints");
            options.add("-XX:LoopStripMiningIter=1000");
        }
        if (settings.jvmArgs().stream().noneMatch(option -> option.startsWith(PROCESSORS))) {
            int processors = Runtime.getRuntime().availableProcessors();
            options.add(PROCESSORS + Math.max(1, processors / settings.workers()));
        }
        options.add("-XX:+ExitOnOutOfMemoryError");
        options.add("-XX:-UsePerfData");
        options.add("-XX:-CreateCoredumpOnCrash");
        options.add("-XX:ErrorFile=" + directory.resolve("hs_err_%p.log"));
        options.add("-Djava.awt.headless=true");
        addInherited(options);
        addPaths(settings, tasks, options);
        options.addAll(settings.jvmArgs());
        return options;
    }

    private static void addHeap(PoolSettings settings, List<String> options) {
        if (settings.maxHeapBytes() > 0) {
            options.add("-Xmx" + settings.maxHeapBytes());
        } else {
            double percent = Math.min(MAX_HEAP_PERCENT, HEAP_SHARE_PERCENT / settings.workers());
            options.add("-XX:MaxRAMPercentage=" + percent);
        }
    }

    /** Brigade's own jar, first on the workers' class path, when an archive of its classes may be used; null otherwise. */
    static @Nullable Path sharedJar(PoolSettings settings) {
        boolean plain = settings.javaHome().isEmpty()
                && settings.classPath().isEmpty()
                && modulePath().isEmpty()
                && settings.jvmArgs().stream()
                        .noneMatch(option -> UNSHARED.stream().anyMatch(option::startsWith));
        return plain ? ownJar() : null;
    }

    private static @Nullable Path ownJar() {
        CodeSource source = WorkerMain.class.getProtectionDomain().getCodeSource();
        Set<String> entries = new LinkedHashSet<>();
        if (source != null && source.getLocation() != null) {
            addFile(source.getLocation(), entries);
        }
        return entries.stream()
                .map(Path::of)
                .filter(Files::isRegularFile)
                .findFirst()
                .orElse(null);
    }

    private static String modulePath() {
        return System.getProperty("jdk.module.path", "");
    }

    private static boolean choosesCollector(String option) {
        return option.startsWith("-XX:+Use") && option.endsWith("GC");
    }

    private static void addInherited(List<String> options) {
        for (String option : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
            if (INHERITED.stream().anyMatch(option::startsWith)
                    && NOT_INHERITED.stream().noneMatch(option::startsWith)) {
                options.add(option);
            }
        }
    }

    private static void addPaths(PoolSettings settings, @Nullable ClassLoader tasks, List<String> options) {
        if (!modulePath().isEmpty()) {
            options.add("--module-path");
            options.add(absolute(modulePath()));
            options.add("--add-modules");
            options.add("ALL-MODULE-PATH");
        }
        options.add("-cp");
        options.add(settings.classPath()
                .map(paths -> paths.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator)))
                .orElseGet(() -> parentClassPath(tasks)));
    }

    /** How the main class is named: by its module, when it is in one. */
    static List<String> mainClass() {
        Module module = WorkerMain.class.getModule();
        String name = WorkerMain.class.getName();
        return module.isNamed() ? List.of("-m", module.getName() + "/" + name) : List.of(name);
    }

    /** Our jar, since an archive is for what a class path begins with; the parent's; what the tasks' class loaders add to it. */
    private static String parentClassPath(@Nullable ClassLoader tasks) {
        Set<String> entries = new LinkedHashSet<>();
        Path own = ownJar();
        if (own != null) {
            entries.add(own.toString());
        }
        for (String entry : entries(System.getProperty("java.class.path", ""))) {
            entries.add(new File(entry).getAbsolutePath());
        }
        for (ClassLoader loader = tasks; loader != null; loader = loader.getParent()) {
            if (loader instanceof URLClassLoader urls) {
                for (URL url : urls.getURLs()) {
                    addFile(url, entries);
                }
            }
        }
        return String.join(File.pathSeparator, entries);
    }

    private static void addFile(URL url, Set<String> entries) {
        try {
            if ("file".equals(url.getProtocol())) {
                entries.add(Path.of(url.toURI()).toString());
            }
        } catch (URISyntaxException | IllegalArgumentException e) {
            // Not a file that a class path can name.
        }
    }

    private static String absolute(String path) {
        return entries(path).stream()
                .map(entry -> new File(entry).getAbsolutePath())
                .collect(Collectors.joining(File.pathSeparator));
    }

    /** An empty entry is the working directory, and workers may have another one. */
    private static List<String> entries(String path) {
        return Splitter.on(File.pathSeparatorChar).splitToList(path);
    }
}
