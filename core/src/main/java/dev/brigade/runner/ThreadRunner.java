package dev.brigade.runner;

import dev.brigade.engine.BackendRunner;
import dev.brigade.spi.ExecutionBackend;
import dev.brigade.threads.OwnThreads;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Runs tasks on threads of this JVM: platform threads, virtual threads, or those of the caller's executor.
 *
 * <p>Use it for work that waits (files, networks, databases) and, with as many threads as there are processors, for work that
 * computes: Java has no global interpreter lock. Do not use it for tasks that may take the whole JVM down or cannot be stopped:
 * a thread cannot be killed; {@link ProcessRunner} can.
 *
 * <pre>{@code
 * try (Runner runner = ThreadRunner.of(4)) {
 *     List<String> pages = runner.map(addresses, Lesson::fetch);
 * }
 * }</pre>
 *
 * <p><b>Concurrency</b>: {@link #of(int)} runs one body at once for each thread, {@link #of()} one for each processor that the JVM
 * sees, {@link #virtual()} {@value #VIRTUAL_MAX_CONCURRENCY}, and {@link #over(ExecutorService, int)} the given number.
 *
 * <p><b>Static initializers</b>: a static initializer that waits for bodies of its own class waits for ever, because their threads
 * wait until the class is initialized.
 *
 * <p><b>Memory consistency</b>: bodies share the caller's memory; data that several of them write needs a lock or an atomic.
 *
 * <p><b>Interruption and cancellation</b>: a deadline or a cancellation interrupts the body's thread, and is reported at once. A
 * body that ignores it goes on, and keeps its permit.
 *
 * <p><b>Resources</b>: daemon threads, started on demand, which end a minute after their last task and with {@link #close()}.
 * The caller must close the executor given to {@code over}.
 */
public final class ThreadRunner extends BackendRunner {
    /** Largest number of bodies that {@link #virtual()} runs at once. */
    public static final int VIRTUAL_MAX_CONCURRENCY = 10_000;

    private static final int MAX_THREADS = 100_000;
    private static final long IDLE_SECONDS = 60;

    private ThreadRunner(Builder builder, ExecutionBackend backend) {
        super(builder.name, builder.backend(backend), builder.closeTimeout);
    }

    /**
     * Returns a runner with a platform thread for each processor that the JVM sees.
     *
     * @return the runner
     */
    public static ThreadRunner of() {
        return builder().build();
    }

    /**
     * Returns a runner on platform threads.
     *
     * @param threads the number of threads, 1 to 100,000
     * @return the runner
     * @throws IllegalArgumentException when {@code threads} is outside its bounds
     */
    public static ThreadRunner of(int threads) {
        return builder().maxConcurrency(threads).build();
    }

    /**
     * Returns a runner with a virtual thread for each body, up to {@value #VIRTUAL_MAX_CONCURRENCY} at once.
     *
     * @return the runner
     * @throws UnsupportedOperationException when the running JDK has no virtual threads: they need 21 or later
     */
    public static ThreadRunner virtual() {
        return builder().virtual().build();
    }

    /**
     * Returns a runner on the caller's executor, with one body at once for each processor that the JVM sees.
     *
     * @param executor the executor, not null; not closed with the runner
     * @return the runner
     */
    public static ThreadRunner over(ExecutorService executor) {
        return over(executor, Runtime.getRuntime().availableProcessors());
    }

    /**
     * Returns a runner on the caller's executor. The executor must run bodies on threads of its own: a body that it runs on the thread
     * that brings it fails with a {@link java.util.concurrent.RejectedExecutionException}. A task that is cancelled in the executor's
     * queue is taken out if the executor is a {@link ThreadPoolExecutor}, and else stays until its turn.
     *
     * <p>An executor drops tasks if {@code shutdownNow} ends it, or if it discards commands. A dropped task fails within seconds if the
     * executor is a {@link ThreadPoolExecutor} and of no subclass. A task that another executor drops fails when that has terminated.
     *
     * <p>Any thread that frees a permit may bring the next body. So if an executor's threads inherit thread-locals from the threads that
     * start them, some inherit another caller's. Give such an executor a thread factory that lets its threads inherit nothing.
     *
     * @param executor the executor, not null; not closed with the runner
     * @param maxConcurrency the largest number of bodies at once, 1 to 100,000
     * @return the runner
     * @throws IllegalArgumentException when {@code maxConcurrency} is outside its bounds
     */
    public static ThreadRunner over(ExecutorService executor, int maxConcurrency) {
        return builder().over(executor, maxConcurrency).build();
    }

    /**
     * Starts from a platform thread for each processor.
     *
     * @return the builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /** Builds a {@link ThreadRunner}. <b>Thread safety</b>: none. */
    public static final class Builder extends InProcessBuilder<Builder> {

        /** Makes the backend when the runner's name is known. */
        @FunctionalInterface
        private interface Threads {
            ExecutionBackend named(String name);
        }

        private Threads source;

        private Builder() {
            super("threads");
            source = platform(Runtime.getRuntime().availableProcessors());
        }

        /**
         * Asks for a number of platform threads, one for each body that runs at once.
         *
         * @param threads the number of threads, 1 to 100,000
         * @return this
         * @throws IllegalArgumentException when outside the bounds
         */
        public Builder maxConcurrency(int threads) {
            source = platform(bounded("maxConcurrency", threads));
            return this;
        }

        /**
         * Asks for virtual threads, up to {@value ThreadRunner#VIRTUAL_MAX_CONCURRENCY} at once.
         *
         * @return this
         */
        public Builder virtual() {
            return virtual(VIRTUAL_MAX_CONCURRENCY);
        }

        /**
         * Asks for virtual threads. Building throws {@link UnsupportedOperationException} if the JDK has none.
         *
         * @param maxConcurrency the largest number of bodies at once, at least 1
         * @return this
         * @throws IllegalArgumentException when less than 1
         */
        public Builder virtual(int maxConcurrency) {
            if (maxConcurrency < 1) {
                throw new IllegalArgumentException("maxConcurrency must be at least 1 (bodies), was " + maxConcurrency);
            }
            source = name -> new ThreadBackend(
                    VirtualThreads.executor("brigade-" + name + "-"), maxConcurrency, ThreadBackend.Threads.OWN_EACH);
            return this;
        }

        /**
         * Asks for the caller's executor.
         *
         * @param executor the executor, not null; not closed with the runner
         * @param maxConcurrency the largest number of bodies at once, 1 to 100,000
         * @return this
         * @throws IllegalArgumentException when outside the bounds
         */
        public Builder over(ExecutorService executor, int maxConcurrency) {
            Objects.requireNonNull(executor, "executor");
            int bodies = bounded("maxConcurrency", maxConcurrency);
            source = name -> new ThreadBackend(executor, bodies, ThreadBackend.Threads.CALLERS);
            return this;
        }

        /**
         * Builds the runner.
         *
         * @return the runner
         * @throws UnsupportedOperationException when virtual threads were asked for and the running JDK has none
         */
        public ThreadRunner build() {
            return new ThreadRunner(this, source.named(name));
        }

        private static int bounded(String option, int value) {
            if (value < 1 || value > MAX_THREADS) {
                throw new IllegalArgumentException(
                        option + " must be between 1 and " + MAX_THREADS + " (bodies at once), was " + value);
            }
            return value;
        }

        private static Threads platform(int threads) {
            return name -> {
                ThreadPoolExecutor pool = new ThreadPoolExecutor(
                        threads,
                        threads,
                        IDLE_SECONDS,
                        TimeUnit.SECONDS,
                        new LinkedBlockingQueue<>(),
                        OwnThreads.named("brigade-" + name + "-"));
                pool.allowCoreThreadTimeOut(true);
                return new ThreadBackend(pool, threads, ThreadBackend.Threads.OWN);
            };
        }
    }
}
