package dev.brigade.process.launch;

import dev.brigade.process.config.PoolSettings;
import java.io.File;
import java.net.URL;
import java.net.URLClassLoader;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The arguments of a worker's JVM. */
final class JvmCommandLine {
    /** With these the user decides on sharing, or changes what is shared. */
    private static final List<String> UNSHARED = List.of(
            "-Xshare",
            "-XX:SharedArchive",
            "-XX:ArchiveClasses",
            "-XX:AOT",
            "-XX:+AutoCreateShared",
            "-classpath",
            "--class-path",
            "-javaagent",
            "-agent",
            "-p",
            "--module-path",
            "--patch-module",
            "--upgrade-module-path",
            "--limit-modules");

    private static final String CLASS_PATH = "-cp";

    /** All workers together may use this share of the machine's memory for their heaps, and one of them at most a quarter. */
    private static final double HEAP_SHARE_PERCENT = 75;

    private static final double MAX_HEAP_PERCENT = 25;

    /** Sets the number of processors that a worker's collector, compilers and parallel streams see: the workers share the machine. */
    private static final String PROCESSORS = "-XX:ActiveProcessorCount=";

    private JvmCommandLine() {}

    /** The JVM's options, in order: ours, the parent's, the user's. */
    static List<String> options(PoolSettings settings, Path directory, @Nullable ClassLoader tasks) {
        List<String> options = new ArrayList<>();
        addHeap(settings, options);
        if (!choosesCollector(settings)) {
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
        options.addAll(InheritedJvmOptions.all(settings));
        options.add(CLASS_PATH);
        options.add(classPath(settings, tasks));
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

    /**
     * The options that an archive of Brigade's own classes is made with; null when no archive may be used.
     *
     * @param options a worker's, the class path among them
     */
    static @Nullable List<String> shared(PoolSettings settings, List<String> options) {
        boolean plain = settings.javaHome().isEmpty()
                && settings.classPath().isEmpty()
                && !settings.jvmArgs().contains(CLASS_PATH)
                && options.stream().noneMatch(option -> UNSHARED.stream().anyMatch(option::startsWith));
        Path jar = plain ? ownJar() : null;
        if (jar == null) {
            return null;
        }
        List<String> shared = new ArrayList<>(options);
        shared.set(options.indexOf(CLASS_PATH) + 1, jar.toString());
        return shared;
    }

    /** Brigade's jar on the class path; null when it is none, or elsewhere. */
    private static @Nullable Path ownJar() {
        CodeSource source = JvmCommandLine.class.getProtectionDomain().getCodeSource();
        Set<String> entries = new LinkedHashSet<>();
        boolean onClassPath = !JvmCommandLine.class.getModule().isNamed();
        if (onClassPath && source != null && source.getLocation() != null) {
            addFile(source.getLocation(), entries);
        }
        return entries.stream()
                .map(Path::of)
                .filter(Files::isRegularFile)
                .findFirst()
                .orElse(null);
    }

    /** Returns true if the settings choose a collector for workers. The JVM does not start with options for two. */
    static boolean choosesCollector(PoolSettings settings) {
        return settings.jvmArgs().stream().anyMatch(JvmCommandLine::isCollector)
                || (settings.javaHome().isEmpty() && InheritedJvmOptions.ofTheImage(JvmCommandLine::isCollector));
    }

    private static boolean isCollector(String option) {
        return option.startsWith("-XX:+Use") && option.endsWith("GC");
    }

    private static String classPath(PoolSettings settings, @Nullable ClassLoader tasks) {
        return settings.classPath()
                .map(paths -> paths.stream()
                        .map(path -> path.toAbsolutePath().toString())
                        .collect(Collectors.joining(File.pathSeparator)))
                .orElseGet(() -> parentClassPath(tasks));
    }

    /** Returns the options that name a main class, with its module if it is in a named one. */
    static List<String> mainClass(Class<?> main) {
        Module module = main.getModule();
        String name = main.getName();
        return module.isNamed() ? List.of("-m", module.getName() + "/" + name) : List.of(name);
    }

    /** Our jar, since an archive is for what a class path begins with; the parent's; what the tasks' class loaders add to it. */
    private static String parentClassPath(@Nullable ClassLoader tasks) {
        Set<String> entries = new LinkedHashSet<>();
        Path own = ownJar();
        if (own != null) {
            entries.add(own.toString());
        }
        String parents = System.getProperty("java.class.path", "");
        // An empty one is the working directory, but for a program that was started by its module.
        if (!parents.isEmpty() || System.getProperty("jdk.module.main") == null) {
            InheritedJvmOptions.entries(parents).forEach(entry -> entries.add(new File(entry).getAbsolutePath()));
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

    /** Said to who misses a class in a worker: which class loader counts, and what to do. */
    static String classesOf(PoolSettings settings, @Nullable ClassLoader tasks) {
        if (settings.classPath().isPresent()) {
            return "; workers have the class path that was set with ProcessRunner.builder().classPath(...):"
                    + " add the jar or directory that holds the class";
        }
        String loader = tasks == null
                ? "none so far"
                : tasks.getClass().getName() + (tasks.getName() == null ? "" : " '" + tasks.getName() + "'");
        return "; workers have the class path of their program, and the files of its first task's class loader ("
                + loader
                + ") and its parents, where those are URLClassLoaders. Classes of another loader, or that exist in memory only"
                + " (as of a source file that java runs), they lack: name the jar or directory that holds them with"
                + " ProcessRunner.builder().classPath(...), Brigade's own jar included, or compile the source first";
    }

    /** As a class loader reads it: it bears blanks, and files without a directory. */
    private static void addFile(URL url, Set<String> entries) {
        try {
            if ("file".equals(url.getProtocol())) {
                String file = URLDecoder.decode(url.getPath().replace("+", "%2B"), StandardCharsets.UTF_8);
                entries.add(new File(file).getAbsolutePath());
            }
        } catch (IllegalArgumentException e) {
            // A class path cannot name this location.
        }
    }
}
