package dev.brigade.runner;

import dev.brigade.Task;
import dev.brigade.WorkerChannel;
import dev.brigade.WorkerOutput;
import dev.brigade.process.config.PoolSettings;
import java.io.ObjectInputFilter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The options of {@link ProcessRunner}. */
abstract class ProcessOptions<B extends ProcessOptions<B>> extends CommonBuilder<B> {
    private static final Logger OUTPUT = LoggerFactory.getLogger("dev.brigade.output");
    private static final int MAX_WORKERS = 1024;
    private static final int MAX_NESTING = 16;
    private static final long MIN_HEAP_BYTES = 8L * 1024 * 1024;
    private static final long MIN_PAYLOAD_BYTES = 64L * 1024;
    private static final long MAX_PAYLOAD_BYTES = 1024L * 1024 * 1024;
    private int workers = Runtime.getRuntime().availableProcessors();
    private @Nullable Long maxHeapBytes;
    private List<String> jvmArgs = List.of();
    private @Nullable Path javaHome;
    private @Nullable List<Path> classPath;
    private Map<String, String> environment = Map.of();
    private @Nullable Path workingDirectory;
    private @Nullable Task<?> initializer;
    private @Nullable Integer maxTasksPerWorker;
    private @Nullable Long maxLiveHeapBytes;
    private @Nullable Duration idleTimeout;
    private Duration grace = Duration.ofSeconds(1);
    private long maxPayloadBytes = 256L * 1024 * 1024;
    private @Nullable ObjectInputFilter resultFilter;
    private String inputFilter = "";
    private Duration startTimeout = Duration.ofSeconds(30);
    private int maxNesting = 2;
    private WorkerChannel channel = WorkerChannel.AUTO;
    private Consumer<? super WorkerOutput> outputListener = ProcessOptions::log;

    ProcessOptions() {
        super("processes");
    }

    /**
     * Sets the largest number of workers. The default is the number of processors that the JVM sees.
     *
     * @param count 1 to 1024
     * @return this
     */
    public B workers(int count) {
        workers = count;
        return self();
    }

    /**
     * Sets the size of each worker's heap. The default is a share of the machine's (or container's) memory: three quarters
     * divided by the number of workers, and at most a quarter.
     *
     * @param bytes at least 8 MiB
     * @return this
     */
    public B maxHeapBytes(long bytes) {
        maxHeapBytes = bytes;
        return self();
    }

    /**
     * Adds options for the workers' JVMs, after those that they inherit and those that are always given.
     *
     * <p>Workers inherit {@code -D}, assertions, and the options for modules and classes: {@code --add-}, {@code --enable-},
     * {@code --patch-module}, {@code --limit-modules}, {@code --upgrade-module-path} and {@code -Xbootclasspath/a}. They also inherit the
     * access that the manifest of {@code java -jar}'s jar gives (its {@code Add-Opens}, {@code Add-Exports} and
     * {@code Enable-Native-Access}), and the modules of this process. They do not inherit agents (the manifest's
     * {@code Launcher-Agent-Class} included), {@code -X}, {@code -XX} and logging. Nor do they inherit the options by which a JVM is
     * managed from outside ({@code -Dcom.sun.management.}), because their port or file would be taken.
     *
     * @param options the options, as on the command line; characters that the locale's charset lacks only in {@code -D}
     * @return this
     * @throws IllegalArgumentException when an option has a NUL character, which ends the text on a command line
     */
    public B jvmArgs(String... options) {
        for (int i = 0; i < options.length; i++) {
            if (options[i].indexOf('\0') >= 0) {
                throw new IllegalArgumentException("jvmArgs: option " + (i + 1) + " has a NUL character: "
                        + options[i].replace('\0', '?') + " (shown as ?); no command line can hold one");
            }
        }
        jvmArgs = List.of(options);
        return self();
    }

    /**
     * Sets the JDK that workers run on. The default is that of this process.
     *
     * @param directory the directory that holds {@code bin/java}
     * @return this
     */
    public B javaHome(Path directory) {
        javaHome = Objects.requireNonNull(directory, "directory");
        return self();
    }

    /**
     * Sets the workers' class path, Brigade's own jar included. The default is that of this process, with the entries that the first
     * task's class loader adds.
     *
     * @param entries directories and jars
     * @return this
     */
    public B classPath(List<Path> entries) {
        classPath = List.copyOf(entries);
        return self();
    }

    /**
     * Sets more environment variables. Workers inherit all but {@code JAVA_TOOL_OPTIONS} and the like.
     *
     * @param variables values by name
     * @return this
     */
    public B environment(Map<String, String> variables) {
        environment = Map.copyOf(variables);
        return self();
    }

    /**
     * Sets the workers' working directory. The default is that of this process.
     *
     * <p>Relative file names still refer to this process's own directory in the class and module path, in {@link #classPath(List)} and
     * {@link #javaHome(Path)}, and in the JDK's own properties ({@code java.io.tmpdir}, {@code java.library.path},
     * {@code javax.net.ssl.trustStore} and the like). In other properties, {@link #jvmArgs(String...)} and {@code user.dir} they refer to
     * the workers' directory.
     *
     * @param directory the directory, which must exist when workers start; relative to this process's own
     * @return this
     */
    public B workingDirectory(Path directory) {
        workingDirectory = Objects.requireNonNull(directory, "directory");
        return self();
    }

    /**
     * Sets the task that each worker runs first, before any other. If it fails, the worker does not get ready.
     *
     * @param task the task; its result is not used
     * @return this
     */
    public B initializer(Task<?> task) {
        initializer = Objects.requireNonNull(task, "task");
        return self();
    }

    /**
     * Sets the number of tasks after which a worker is replaced. The default is no limit.
     *
     * @param tasks at least 1
     * @return this
     */
    public B maxTasksPerWorker(int tasks) {
        maxTasksPerWorker = tasks;
        return self();
    }

    /**
     * Sets the live heap, between two tasks and after a collection, above which a worker is replaced. The default is no limit. If
     * {@code jvmArgs} choose another collector or keep {@link System#gc()} from collecting, the JVM's class histogram decides, which takes
     * longer.
     *
     * @param bytes at least 8 MiB
     * @return this
     */
    public B maxLiveHeapBytes(long bytes) {
        maxLiveHeapBytes = bytes;
        return self();
    }

    /**
     * Sets the time without a task after which a worker ends. The default is never.
     *
     * @param time more than zero
     * @return this
     */
    public B idleTimeout(Duration time) {
        idleTimeout = Objects.requireNonNull(time, "time");
        return self();
    }

    /**
     * Sets the time after which an interrupted task, or a worker that was told to exit, is killed. The default is 1 s. The exit of a worker
     * may take 1 s even if the grace is shorter.
     *
     * @param time zero or more
     * @return this
     */
    public B grace(Duration time) {
        grace = Objects.requireNonNull(time, "time");
        return self();
    }

    /**
     * Sets the largest encoded size of a function, input or result. A larger one fails its own task only. The default is 256 MiB.
     *
     * @param bytes 64 KiB to 1 GiB
     * @return this
     */
    public B maxPayloadBytes(long bytes) {
        maxPayloadBytes = bytes;
        return self();
    }

    /**
     * Sets the filter for the objects in results, in this process. The default only limits depth and array sizes.
     *
     * @param filter the filter, called from several threads
     * @return this
     */
    public B resultFilter(ObjectInputFilter filter) {
        resultFilter = Objects.requireNonNull(filter, "filter");
        return self();
    }

    /**
     * Sets the filter for the objects in functions and inputs, in the workers.
     *
     * @param pattern as for {@link ObjectInputFilter.Config#createFilter(String)}
     * @return this
     */
    public B inputFilter(String pattern) {
        inputFilter = Objects.requireNonNull(pattern, "pattern");
        return self();
    }

    /**
     * Sets the time that a worker may take to get ready, its initializer included, before it is killed. The default is 30 s.
     *
     * @param time more than zero
     * @return this
     */
    public B startTimeout(Duration time) {
        startTimeout = Objects.requireNonNull(time, "time");
        return self();
    }

    /**
     * Sets the greatest depth of nested workers: a pool that a task makes in its worker has workers of depth 2. A deeper call fails with
     * {@link IllegalStateException}. Otherwise pools could start each other without end, such as pools that static initializers use. The
     * default is 2.
     *
     * @param levels 1 to 16; with 1 the runner works in no worker
     * @return this
     */
    public B maxNesting(int levels) {
        maxNesting = levels;
        return self();
    }

    /**
     * Sets the channel between the runner and its workers. The default is {@link WorkerChannel#AUTO}.
     *
     * @param kind the kind of socket
     * @return this
     */
    public B channel(WorkerChannel kind) {
        channel = Objects.requireNonNull(kind, "kind");
        return self();
    }

    /**
     * Sets the listener that gets the lines that workers print. The default logs them, at level info, as {@code dev.brigade.output}.
     * Lines are dropped, with a warning, if the listener is too slow for them. An exception that it throws is logged.
     *
     * @param listener gets each line; called on one thread at a time, perhaps a moment after the task has ended
     * @return this
     */
    public B outputListener(Consumer<? super WorkerOutput> listener) {
        outputListener = Objects.requireNonNull(listener, "listener");
        return self();
    }

    private void checkAll() {
        Bounds.check("workers", workers, 1, MAX_WORKERS, "processes");
        Bounds.check("maxNesting", maxNesting, 1, MAX_NESTING, "levels");
        Bounds.check("maxPayloadBytes", maxPayloadBytes, MIN_PAYLOAD_BYTES, MAX_PAYLOAD_BYTES, "bytes");
        Bounds.checkUnlessUnset("maxHeapBytes", maxHeapBytes, MIN_HEAP_BYTES, "bytes");
        Bounds.checkUnlessUnset("maxLiveHeapBytes", maxLiveHeapBytes, MIN_HEAP_BYTES, "bytes");
        Bounds.checkUnlessUnset("maxTasksPerWorker", maxTasksPerWorker, 1, "tasks");
        Bounds.checkTime("grace", grace, true);
        Bounds.checkTime("startTimeout", startTimeout, false);
        if (idleTimeout != null) {
            Bounds.checkTime("idleTimeout", idleTimeout, false);
        }
        if (!inputFilter.isEmpty()) {
            ObjectInputFilter.Config.createFilter(inputFilter);
        }
    }

    /** Returns the chosen options, after checking them. */
    final PoolSettings settings() {
        checkAll();
        return new PoolSettings(
                name,
                workers,
                maxHeapBytes == null ? 0 : maxHeapBytes,
                jvmArgs,
                Optional.ofNullable(javaHome),
                Optional.ofNullable(classPath),
                environment,
                Optional.ofNullable(workingDirectory),
                Optional.ofNullable(initializer),
                maxTasksPerWorker == null ? 0 : maxTasksPerWorker,
                maxLiveHeapBytes == null ? 0 : maxLiveHeapBytes,
                Optional.ofNullable(idleTimeout),
                grace,
                (int) maxPayloadBytes,
                Optional.ofNullable(resultFilter),
                inputFilter,
                startTimeout,
                maxNesting,
                channel,
                outputListener);
    }

    private static void log(WorkerOutput output) {
        OUTPUT.info("[{}] [{}] {}", output.worker(), output.task(), output.line());
    }
}
