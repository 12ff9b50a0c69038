package dev.brigade.process.config;

import dev.brigade.Task;
import dev.brigade.WorkerChannel;
import dev.brigade.WorkerOutput;
import java.io.ObjectInputFilter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * All that can be chosen for a pool; checked by the builder that makes it.
 *
 * @param name the runner's name, for threads and logs
 * @param workers how many processes, at most
 * @param maxHeapBytes each worker's heap; 0 for a share of the machine
 * @param jvmArgs more options for the workers' JVMs, last on the command line
 * @param javaHome the JDK to run; empty for the parent's own
 * @param classPath the workers' class path; empty for the parent's
 * @param environment variables to set, besides the parent's own
 * @param workingDirectory where workers run; empty for the parent's
 * @param initializer run in each worker before it is ready
 * @param maxTasksPerWorker the number of tasks after which a worker is replaced; 0 for no limit
 * @param maxLiveHeapBytes the live heap, measured between tasks, at which a worker is replaced; 0 for no limit
 * @param idleTimeout the time without a task after which a worker ends; empty for never
 * @param grace the time from a task's cancellation to the kill of its worker
 * @param maxPayloadBytes the largest input, function or result
 * @param resultFilter decides what is decoded here; empty for the default
 * @param inputFilter the pattern that decides what is decoded in workers; empty for the default
 * @param startTimeout how long a worker may take to get ready
 * @param maxNesting how deep in pools the workers may be: 1 when the pool is to be used in no worker
 * @param channel how parent and workers talk
 * @param output gets the lines that workers print
 */
public record PoolSettings(
        String name,
        int workers,
        long maxHeapBytes,
        List<String> jvmArgs,
        Optional<Path> javaHome,
        Optional<List<Path>> classPath,
        Map<String, String> environment,
        Optional<Path> workingDirectory,
        Optional<Task<?>> initializer,
        int maxTasksPerWorker,
        long maxLiveHeapBytes,
        Optional<Duration> idleTimeout,
        Duration grace,
        int maxPayloadBytes,
        Optional<ObjectInputFilter> resultFilter,
        String inputFilter,
        Duration startTimeout,
        int maxNesting,
        WorkerChannel channel,
        Consumer<? super WorkerOutput> output) {}
