package dev.brigade.runner;

import dev.brigade.engine.BackendRunner;
import dev.brigade.process.ProcessPool;

/**
 * Runs tasks in other processes: a pool of child JVMs on this machine.
 *
 * <p>Use it for tasks that may crash, leak, hang or exhaust the heap (native code, parsers, plug-ins): only the blamed task fails, and
 * a task that ignores its end is killed. Use {@link ThreadRunner} for tasks that can be trusted: it needs no start-up, no memory for
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
 * <p><b>Nesting</b>: a body runs its own tasks with {@code TaskContext.current().runner()}, in its own process. A process runner
 * that is used in a worker starts workers of its own, down to a depth of 2 ({@code maxNesting}); deeper calls are refused. A static
 * initializer must not use a process runner for a lambda of its own class, because decoding the lambda initializes the class.
 *
 * <p><b>Concurrency</b>: as many bodies at once as workers; {@link #of()} has a worker for each processor that the JVM sees. Workers start
 * when there is work for them.
 *
 * <p><b>Thread safety</b>: as {@link dev.brigade.Runner}.
 *
 * <p><b>Failure</b>: when a worker dies (exit, crash, out of memory, kill) the task that it ran fails with
 * {@link dev.brigade.WorkerLostException}. Tasks queued there run elsewhere, and another worker takes its place. When workers keep
 * dying before they are ready, waiting tasks fail with the reason
 * {@link dev.brigade.WorkerLostException.Reason#NEVER_READY}.
 *
 * <p><b>Interruption and cancellation</b>: a body is first asked: its context says cancelled, and its thread is interrupted
 * (not by {@code cancel(false)}). If it goes on for longer than the grace, its worker is killed, and every process that the worker
 * started. So a time-out is reported when the body is gone.
 *
 * <p><b>Resources</b>: worker JVMs, a few daemon threads and a directory for a socket under {@code java.io.tmpdir}, all gone after
 * {@link #close()}. Workers end by themselves within two seconds when this process dies, or exits without a close. A shutdown hook
 * may use and close a runner as any thread may. Without such a hook, tasks go on until this process has gone, and for up to two
 * seconds after it. Close the runner in a hook if the next process needs their ports or locks. SIGTERM does not end a worker's task:
 * the worker finishes its tasks and then ends, and another takes its place. SIGKILL ends it at once. If this process is the first of
 * a container, start the container with an init, which takes over the processes that tasks leave behind.
 */
public final class ProcessRunner extends BackendRunner {
    private ProcessRunner(Builder builder, ProcessPool pool) {
        super(builder.name, pool, builder.closeTimeout);
        pool.whenClosed(AbandonedRunnerCleaner.watch(this, pool::abandon)::forget);
    }

    /**
     * Returns a runner with a worker for each processor that the JVM sees.
     *
     * @return the runner
     */
    public static ProcessRunner of() {
        return builder().build();
    }

    /**
     * Returns a runner with a number of workers.
     *
     * @param workers the number, 1 to 1024
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

    /** Builds a {@link ProcessRunner}. Options are checked by {@link #build()}. <b>Thread safety</b>: none. */
    public static final class Builder extends ProcessOptions<Builder> {
        private Builder() {}

        /**
         * Builds the runner. No process is started before there is a task.
         *
         * @return the runner
         * @throws IllegalArgumentException when an option is outside its bounds, or the initializer cannot be serialized
         */
        public ProcessRunner build() {
            return new ProcessRunner(this, new ProcessPool(settings()));
        }
    }
}
