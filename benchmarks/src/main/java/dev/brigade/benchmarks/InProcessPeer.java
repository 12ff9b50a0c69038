package dev.brigade.benchmarks;

import com.google.common.util.concurrent.MoreExecutors;
import com.pivovarit.collectors.ParallelCollectors;
import dev.brigade.Runner;
import dev.brigade.TaskFunction;
import dev.brigade.runner.AsyncRunner;
import dev.brigade.runner.SequentialRunner;
import dev.brigade.runner.ThreadRunner;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.Future;
import java.util.stream.Collectors;

/** Something that runs tasks in this JVM, opened; each as its own documentation would use it. */
interface InProcessPeer {
    /** The result for each input, in order. */
    List<Integer> map(List<Integer> inputs, TaskFunction<Integer, Integer> body) throws Exception;

    void close();

    /** One task, submitted and waited for. */
    default Integer one(Integer input, TaskFunction<Integer, Integer> body) throws Exception {
        return map(List.of(input), body).get(0);
    }

    /** The ways. */
    enum Kind {
        EXECUTOR("ThreadPoolExecutor"),
        BRIGADE("Brigade ThreadRunner"),
        BRIGADE_SEQUENTIAL("Brigade SequentialRunner"),
        BRIGADE_VIRTUAL("Brigade ThreadRunner.virtual()"),
        BRIGADE_ASYNC("Brigade AsyncRunner"),
        LOOP("plain loop"),
        FORK_JOIN("ForkJoinPool"),
        SUPPLY_ASYNC("CompletableFuture.supplyAsync"),
        VIRTUAL("virtual threads"),
        GUAVA("Guava ListeningExecutorService"),
        COLLECTORS("parallel-collectors");

        final String title;

        Kind(String title) {
            this.title = title;
        }

        boolean isThere() {
            boolean virtual = this == VIRTUAL || this == BRIGADE_VIRTUAL;
            return !virtual || Runtime.version().feature() >= 21;
        }

        InProcessPeer open(int threads) throws Exception {
            return switch (this) {
                case LOOP -> new Loop();
                case BRIGADE -> new OnRunner(ThreadRunner.of(threads));
                case BRIGADE_SEQUENTIAL -> new OnRunner(SequentialRunner.of());
                case BRIGADE_VIRTUAL -> new OnRunner(ThreadRunner.virtual());
                case BRIGADE_ASYNC -> new OnRunner(AsyncRunner.of());
                case EXECUTOR -> new OnExecutor(Executors.newFixedThreadPool(threads));
                case FORK_JOIN -> new OnExecutor(new ForkJoinPool(threads));
                case GUAVA -> new OnExecutor(MoreExecutors.listeningDecorator(Executors.newFixedThreadPool(threads)));
                case VIRTUAL ->
                    new OnExecutor((ExecutorService) Executors.class
                            .getMethod("newVirtualThreadPerTaskExecutor")
                            .invoke(null));
                case SUPPLY_ASYNC -> new WithFutures(Executors.newFixedThreadPool(threads));
                case COLLECTORS -> new WithCollectors(Executors.newFixedThreadPool(threads), threads);
            };
        }
    }

    /** Applies a body, and wraps a checked exception: the other peers take none. */
    static Integer apply(TaskFunction<Integer, Integer> body, Integer input) {
        try {
            return body.apply(input);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** No threads. */
    record Loop() implements InProcessPeer {
        @Override
        public List<Integer> map(List<Integer> inputs, TaskFunction<Integer, Integer> body) throws Exception {
            List<Integer> results = new ArrayList<>(inputs.size());
            for (Integer input : inputs) {
                results.add(body.apply(input));
            }
            return results;
        }

        @Override
        public void close() {}
    }

    /** Brigade's. */
    record OnRunner(Runner runner) implements InProcessPeer {
        @Override
        public List<Integer> map(List<Integer> inputs, TaskFunction<Integer, Integer> body) throws Exception {
            return runner.map(inputs, body);
        }

        @Override
        public Integer one(Integer input, TaskFunction<Integer, Integer> body) throws Exception {
            return runner.submit(() -> body.apply(input)).get();
        }

        @Override
        public void close() {
            runner.close();
        }
    }

    /** All submitted, then all waited for. */
    record OnExecutor(ExecutorService executor) implements InProcessPeer {
        @Override
        public List<Integer> map(List<Integer> inputs, TaskFunction<Integer, Integer> body) throws Exception {
            List<Future<Integer>> futures = new ArrayList<>(inputs.size());
            for (Integer input : inputs) {
                futures.add(executor.submit(() -> body.apply(input)));
            }
            List<Integer> results = new ArrayList<>(inputs.size());
            for (Future<Integer> future : futures) {
                results.add(future.get());
            }
            return results;
        }

        @Override
        public void close() {
            executor.shutdownNow();
        }
    }

    /** On an executor of its own: the common pool of a machine with two cores starts a thread for each task. */
    record WithFutures(ExecutorService executor) implements InProcessPeer {
        @Override
        public List<Integer> map(List<Integer> inputs, TaskFunction<Integer, Integer> body) {
            List<CompletableFuture<Integer>> futures = new ArrayList<>(inputs.size());
            for (Integer input : inputs) {
                futures.add(CompletableFuture.supplyAsync(() -> apply(body, input), executor));
            }
            List<Integer> results = new ArrayList<>(inputs.size());
            for (CompletableFuture<Integer> future : futures) {
                results.add(future.join());
            }
            return results;
        }

        @Override
        public void close() {
            executor.shutdownNow();
        }
    }

    /** A collector of streams. */
    record WithCollectors(ExecutorService executor, int threads) implements InProcessPeer {
        @Override
        public List<Integer> map(List<Integer> inputs, TaskFunction<Integer, Integer> body) {
            return inputs.stream()
                    .collect(ParallelCollectors.parallel(
                            input -> apply(body, input), Collectors.toList(), executor, threads))
                    .join();
        }

        @Override
        public void close() {
            executor.shutdownNow();
        }
    }
}
