package dev.brigade.runner;

import dev.brigade.RunOptions;
import dev.brigade.Task;
import dev.brigade.engine.StrategyRunner;
import dev.brigade.worker.PoolSettings;
import dev.brigade.worker.PoolSettings.ChannelKind;
import dev.brigade.worker.PoolSettings.LineSink;
import dev.brigade.worker.WorkerPool;
import java.io.ObjectInputFilter;
import java.lang.ref.Cleaner;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs tasks in other processes: a pool of child JVMs on this machine.
 *
 * <p>Use it for tasks that may crash, leak, hang or eat the heap (native code, parsers, plug-ins): only the guilty task fails, and
 * a task that ignores its end is killed. Use {@link ThreadRunner} where tasks can be trusted: it needs no start-up, no memory for
 * each worker, and no serialization.
 *
 * <pre>{@code
 * try (Runner runner = ProcessRunner.of(2)) {
 *     List<Long> sums = runner.map(List.of(10, 20, 30), Lesson::sumOfSquares);
 * }
 * }</pre>
 *
 * <p><b>Transport</b>: functions, inputs and results are serialized; null, boxed primitives, strings and primitive arrays
 * quickly, the rest by Java serialization. A worker has its own statics, which live as long as it does.
 *
 * <p><b>Limit</b>: as many bodies at once as workers; {@link #of()} has as many as the JVM sees processors. Workers start when there
 * is work for them.
 *
 * <p><b>Thread safety</b>: as {@link dev.brigade.Runner}.
 *
 * <p><b>Failure</b>: when a worker dies (exit, crash, out of memory, kill) the task that it ran fails with
 * {@link dev.brigade.WorkerLostException}; tasks queued there run elsewhere, and another worker takes its place. When workers keep
 * dying before they are ready, what waits fails with the reason
 * {@link dev.brigade.WorkerLostException.Reason#NEVER_READY}.
 *
 * <p><b>Interruption and cancellation</b>: a body is first asked: its context says cancelled, and its thread is interrupted
 * (not by {@code cancel(false)}). If it goes on for longer than the grace, its worker is killed, and every process that it
 * started. So a time-out is reported when the body is gone.
 *
 * <p><b>Resources</b>: worker JVMs, a few daemon threads and a directory for a socket under {@code java.io.tmpdir}, all gone after
 * {@link #close()}. Workers end by themselves within two seconds when this process dies.
 */
public final class ProcessRunner extends StrategyRunner {
    private static final Logger OUTPUT = LoggerFactory.getLogger("dev.brigade.output");

    /** Of pools that nobody has closed. */
    private static final Cleaner CLEANER = Cleaner.create(task -> {
        Thread thread = new Thread(task, "brigade-cleaner");
        thread.setDaemon(true);
        return thread;
    });

    @SuppressWarnings("unused") // keeps the registration
    private final Cleaner.Cleanable cleanable;

    private ProcessRunner(Builder builder, WorkerPool pool) {
        super(builder.name, pool, builder.closeTimeout);
        cleanable = CLEANER.register(this, pool::abandon);
    }

    /**
     * A runner with a worker for each processor that the JVM sees.
     *
     * @return the runner
     */
    public static ProcessRunner of() {
        return builder().build();
    }

    /**
     * A runner with that many workers.
     *
     * @param workers how many, 1 to 1024
     * @return the runner
     * @throws IllegalArgumentException when {@code workers} is outside its bounds
     */
    public static ProcessRunner of(int workers) {
        return builder().workers(workers).build();
    }

    /**
     * Starts from a worker for each processor.
     *
     * @return the builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /** How the runner and its workers talk. */
    public enum Channel {
        /** Unix-domain sockets where they work, loopback TCP elsewhere. */
        AUTO,
        /** Unix-domain sockets: nobody but this user can even connect. */
        UNIX,
        /** Loopback TCP: other users of the machine can connect, and are turned away. */
        TCP
    }

    /** Gets what workers print; called on one thread at a time, perhaps a moment after the task has ended. */
    @FunctionalInterface
    public interface OutputListener {
        /**
         * Gets one line.
         *
         * @param line the line, without its end; one of more than 64 KiB comes in pieces
         * @param worker the worker's name
         * @param task the call's name and the input's index ({@code "resize #12"}); with a question mark at its end when it is
         *     only probable, since the line came past {@code System.out}; empty when unknown
         */
        void line(String line, String worker, String task);
    }

    /** Builds a {@link ProcessRunner}. Options are checked by {@link #build()}. <b>Thread safety</b>: none. */
    public static final class Builder extends CommonBuilder<Builder> {
        private static final int MAX_WORKERS = 1024;
        private static final long MIN_HEAP_BYTES = 8L * 1024 * 1024;
        private static final long MIN_PAYLOAD_BYTES = 64L * 1024;
        private static final long MAX_PAYLOAD_BYTES = 1024L * 1024 * 1024;

        private int workers = Runtime.getRuntime().availableProcessors();
        private long maxHeapBytes;
        private List<String> jvmArgs = List.of();
        private @Nullable Path javaHome;
        private @Nullable List<Path> classPath;
        private Map<String, String> environment = Map.of();
        private @Nullable Path workingDirectory;
        private @Nullable Task<?> initializer;
        private int maxTasksPerWorker;
        private long maxLiveHeapBytes;
        private @Nullable Duration idleTimeout;
        private Duration grace = Duration.ofSeconds(1);
        private long maxPayloadBytes = 256L * 1024 * 1024;
        private @Nullable ObjectInputFilter resultFilter;
        private String inputFilter = "";
        private Duration startTimeout = Duration.ofSeconds(30);
        private Channel channel = Channel.AUTO;
        private @Nullable OutputListener outputListener;

        private Builder() {
            super("processes");
        }

        /**
         * Sets how many workers there are, at most. The default is the number of processors that the JVM sees.
         *
         * @param count 1 to 1024
         * @return this
         */
        public Builder workers(int count) {
            workers = count;
            return this;
        }

        /**
         * Sets the size of each worker's heap. The default is a share of the machine's (or container's) memory: three quarters
         * divided by the number of workers, and at most a quarter.
         *
         * @param bytes at least 8 MiB
         * @return this
         */
        public Builder maxHeapBytes(long bytes) {
            maxHeapBytes = bytes == 0 ? -1 : bytes;
            return this;
        }

        /**
         * Adds options for the workers' JVMs, after those that they inherit and those that are always given. Inherited are
         * {@code -D}, {@code --add-}, {@code --enable-} and assertion options; not inherited are agents, {@code -X}, {@code -XX},
         * and options for logging.
         *
         * @param options the options, as on the command line
         * @return this
         */
        public Builder jvmArgs(String... options) {
            jvmArgs = List.of(options);
            return this;
        }

        /**
         * Sets the JDK that workers run on. The default is that of this process.
         *
         * @param directory the directory that holds {@code bin/java}
         * @return this
         */
        public Builder javaHome(Path directory) {
            javaHome = Objects.requireNonNull(directory, "directory");
            return this;
        }

        /**
         * Sets the workers' class path. The default is that of this process, and the files of the class loader that the first
         * task came from. Brigade itself must be on it.
         *
         * @param entries directories and jars
         * @return this
         */
        public Builder classPath(List<Path> entries) {
            classPath = List.copyOf(entries);
            return this;
        }

        /**
         * Sets environment variables of the workers, besides those that they inherit. {@code JAVA_TOOL_OPTIONS},
         * {@code _JAVA_OPTIONS} and {@code JDK_JAVA_OPTIONS} are not inherited.
         *
         * @param variables values by name
         * @return this
         */
        public Builder environment(Map<String, String> variables) {
            environment = Map.copyOf(new LinkedHashMap<>(variables));
            return this;
        }

        /**
         * Sets the workers' working directory. The default is that of this process.
         *
         * @param directory the directory, which must exist
         * @return this
         */
        public Builder workingDirectory(Path directory) {
            workingDirectory = Objects.requireNonNull(directory, "directory");
            return this;
        }

        /**
         * Sets what each worker runs before its first task. When it fails, the worker does not get ready.
         *
         * @param task the task; its result is not used
         * @return this
         */
        public Builder initializer(Task<?> task) {
            initializer = Objects.requireNonNull(task, "task");
            return this;
        }

        /**
         * Has each worker replaced after so many tasks. The default is no limit.
         *
         * @param tasks at least 1
         * @return this
         */
        public Builder maxTasksPerWorker(int tasks) {
            maxTasksPerWorker = tasks == 0 ? -1 : tasks;
            return this;
        }

        /**
         * Has a worker replaced when, between two tasks and after a collection, more than this is live on its heap. The default
         * is no limit.
         *
         * @param bytes at least 8 MiB
         * @return this
         */
        public Builder maxLiveHeapBytes(long bytes) {
            maxLiveHeapBytes = bytes == 0 ? -1 : bytes;
            return this;
        }

        /**
         * Ends workers that have had nothing to do for this long. The default is never.
         *
         * @param time more than zero
         * @return this
         */
        public Builder idleTimeout(Duration time) {
            idleTimeout = Objects.requireNonNull(time, "time");
            return this;
        }

        /**
         * Sets how long a task may go on after it was interrupted, and a worker after it was told to exit, before the worker is
         * killed. The default is 1 s.
         *
         * @param time zero or more
         * @return this
         */
        public Builder grace(Duration time) {
            grace = Objects.requireNonNull(time, "time");
            return this;
        }

        /**
         * Sets the largest function, input or result, encoded. A larger one fails its own task only. The default is 256 MiB.
         *
         * @param bytes 64 KiB to 1 GiB
         * @return this
         */
        public Builder maxPayloadBytes(long bytes) {
            maxPayloadBytes = bytes;
            return this;
        }

        /**
         * Sets the filter for what results are made of, in this process. The default only limits depth and array sizes.
         *
         * @param filter the filter, called from several threads
         * @return this
         */
        public Builder resultFilter(ObjectInputFilter filter) {
            resultFilter = Objects.requireNonNull(filter, "filter");
            return this;
        }

        /**
         * Sets the filter for what functions and inputs are made of, in the workers.
         *
         * @param pattern as for {@link ObjectInputFilter.Config#createFilter(String)}
         * @return this
         */
        public Builder inputFilter(String pattern) {
            inputFilter = Objects.requireNonNull(pattern, "pattern");
            return this;
        }

        /**
         * Sets how long a worker may take to get ready, its initializer included, before it is killed. The default is 30 s.
         *
         * @param time more than zero
         * @return this
         */
        public Builder startTimeout(Duration time) {
            startTimeout = Objects.requireNonNull(time, "time");
            return this;
        }

        /**
         * Sets how the runner and its workers talk. The default is {@link Channel#AUTO}.
         *
         * @param kind which kind of socket
         * @return this
         */
        public Builder channel(Channel kind) {
            channel = Objects.requireNonNull(kind, "kind");
            return this;
        }

        /**
         * Sets who gets the lines that workers print. The default logs them, at level info, as {@code dev.brigade.output}. Lines
         * are dropped, with a warning, when the listener is too slow for them.
         *
         * @param listener the listener
         * @return this
         */
        public Builder outputListener(OutputListener listener) {
            outputListener = Objects.requireNonNull(listener, "listener");
            return this;
        }

        /**
         * Builds the runner. No process is started before there is a task.
         *
         * @return the runner
         * @throws IllegalArgumentException when an option is outside its bounds, or the initializer cannot be serialized
         */
        public ProcessRunner build() {
            check("workers", workers, 1, MAX_WORKERS, "processes");
            check("maxPayloadBytes", maxPayloadBytes, MIN_PAYLOAD_BYTES, MAX_PAYLOAD_BYTES, "bytes");
            checkUnlessUnset("maxHeapBytes", maxHeapBytes, MIN_HEAP_BYTES, "bytes");
            checkUnlessUnset("maxLiveHeapBytes", maxLiveHeapBytes, MIN_HEAP_BYTES, "bytes");
            checkUnlessUnset("maxTasksPerWorker", maxTasksPerWorker, 1, "tasks");
            checkTime("grace", grace, true);
            checkTime("startTimeout", startTimeout, false);
            if (idleTimeout != null) {
                checkTime("idleTimeout", idleTimeout, false);
            }
            if (!inputFilter.isEmpty()) {
                ObjectInputFilter.Config.createFilter(inputFilter);
            }
            return new ProcessRunner(this, new WorkerPool(settings()));
        }

        private PoolSettings settings() {
            return new PoolSettings(
                    name,
                    workers,
                    maxHeapBytes,
                    jvmArgs,
                    Optional.ofNullable(javaHome),
                    Optional.ofNullable(classPath),
                    environment,
                    Optional.ofNullable(workingDirectory),
                    Optional.ofNullable(initializer),
                    maxTasksPerWorker,
                    maxLiveHeapBytes,
                    Optional.ofNullable(idleTimeout),
                    grace,
                    (int) maxPayloadBytes,
                    Optional.ofNullable(resultFilter),
                    inputFilter,
                    startTimeout,
                    ChannelKind.valueOf(channel.name()),
                    sink(outputListener));
        }

        private static LineSink sink(@Nullable OutputListener listener) {
            return listener == null
                    ? (worker, task, line) -> OUTPUT.info("[{}] [{}] {}", worker, task, line)
                    : (worker, task, line) -> listener.line(line, worker, task);
        }

        private static void check(String option, long value, long least, long most, String unit) {
            if (value < least || value > most) {
                throw new IllegalArgumentException(
                        option + " must be between " + least + " and " + most + " (" + unit + "), was " + value);
            }
        }

        private static void checkUnlessUnset(String option, long value, long least, String unit) {
            if (value != 0) {
                check(option, value, least, Long.MAX_VALUE, unit);
            }
        }

        private static void checkTime(String option, Duration value, boolean mayBeZero) {
            boolean tooShort = value.isNegative() || (value.isZero() && !mayBeZero);
            if (tooShort || value.compareTo(RunOptions.MAX_DURATION) > 0) {
                throw new IllegalArgumentException(option + " must be " + (mayBeZero ? "at least" : "more than")
                        + " 0 s and at most " + RunOptions.MAX_DURATION + ", was " + value);
            }
        }
    }
}
