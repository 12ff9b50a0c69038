package dev.brigade.benchmarks;

import dev.brigade.TaskFunction;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** The same work on everything that runs tasks in one JVM; {@link InProcess} runs them, peer by peer in turns. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class InProcessBenchmarks {
    static final int TRIVIAL = 20_000;
    static final int MILLIS = 1_000;
    static final int WAITS = 10_000;
    private static final int WAIT_MILLIS = 10;
    private static final long MILLI_STEPS = 500_000;
    private static final List<Integer> INPUTS =
            IntStream.range(0, TRIVIAL).boxed().toList();

    /** As many threads as the machine this was made on has cores. */
    @State(Scope.Benchmark)
    public static class Two {
        /** The name of an {@link InProcessPeer.Kind}. */
        @Param("BRIGADE")
        public String peer;

        InProcessPeer opened;

        /** Opens it. */
        @Setup
        public void open() throws Exception {
            opened = InProcessPeer.Kind.valueOf(peer).open(2);
        }

        /** Closes it. */
        @TearDown
        public void close() {
            opened.close();
        }
    }

    /** Enough threads for bodies that wait. */
    @State(Scope.Benchmark)
    public static class Many {
        /** The name of an {@link InProcessPeer.Kind}. */
        @Param("BRIGADE")
        public String peer;

        InProcessPeer opened;
        TaskFunction<Integer, Integer> body;

        /** Opens it. */
        @Setup
        public void open() throws Exception {
            InProcessPeer.Kind kind = InProcessPeer.Kind.valueOf(peer);
            opened = kind.open(250);
            body = kind == InProcessPeer.Kind.BRIGADE_ASYNC
                    ? TaskFunction.async(InProcessBenchmarks::later)
                    : InProcessBenchmarks::sleep;
        }

        /** Closes it. */
        @TearDown
        public void close() {
            opened.close();
        }
    }

    /** One trivial task, submitted and waited for. */
    @Benchmark
    public Integer one(Two state) throws Exception {
        return state.opened.one(1, i -> i + 1);
    }

    /** Many trivial tasks at once. */
    @Benchmark
    @OperationsPerInvocation(TRIVIAL)
    public List<Integer> trivial(Two state) throws Exception {
        return checked(state.opened.map(INPUTS, i -> i + 1), TRIVIAL);
    }

    /** Tasks that compute for about a millisecond. */
    @Benchmark
    @OperationsPerInvocation(MILLIS)
    public List<Integer> millis(Two state) throws Exception {
        return checked(state.opened.map(INPUTS.subList(0, MILLIS), InProcessBenchmarks::spin), MILLIS);
    }

    /** Tasks that wait for ten milliseconds. */
    @Benchmark
    @OperationsPerInvocation(WAITS)
    public List<Integer> waits(Many state) throws Exception {
        return checked(state.opened.map(INPUTS.subList(0, WAITS), state.body), WAITS);
    }

    private static List<Integer> checked(List<Integer> results, int size) {
        if (results.size() != size || results.get(size - 1) != size) {
            throw new IllegalStateException("wrong result");
        }
        return results;
    }

    /** A fixed amount of work, about a millisecond: a wait for the clock would count time in which it did not run. */
    private static Integer spin(Integer input) {
        return PeerTasks.sumOfSquares(0, MILLI_STEPS) == 0 ? input : input + 1;
    }

    private static Integer sleep(Integer input) throws InterruptedException {
        Thread.sleep(WAIT_MILLIS);
        return input + 1;
    }

    private static CompletableFuture<Integer> later(Integer input) {
        Executor delayed = CompletableFuture.delayedExecutor(WAIT_MILLIS, TimeUnit.MILLISECONDS, Runnable::run);
        return CompletableFuture.supplyAsync(() -> input + 1, delayed);
    }
}
