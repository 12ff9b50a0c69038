package dev.brigade.benchmarks;

import dev.brigade.Outcome;
import dev.brigade.Outcomes;
import dev.brigade.RunOptions;
import dev.brigade.Runner;
import dev.brigade.runner.ProcessRunner;
import dev.brigade.runner.ThreadRunner;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntSupplier;
import java.util.stream.IntStream;

/** The comparisons that look at how cost and gain grow: cores, number of inputs, memory. */
final class ScalingComparisons {
    private static final int WORKERS = 2;
    private static final int PARTS = 8;
    private static final List<Integer> SUM_PARTS =
            IntStream.range(0, PARTS).boxed().toList();
    private static final String ALONE = "sequential";
    private static final String THREADS = "Brigade ThreadRunner";
    private static final String PLAIN = "ThreadPoolExecutor";

    private ScalingComparisons() {}

    static List<Comparison> all() {
        return List.of(squares(), growth(), lazy());
    }

    private static Comparison squares() {
        return new SimpleComparison(
                "squares",
                "Work that computes, on two cores",
                "The sum of squares in 8 parts by two workers, as times faster than one after the other in the same turn; pools are up."
                        + " Python's sum is 20 times shorter and against Python's own time alone. What two plain threads reach is what this"
                        + " machine has.",
                Unit.FACTOR,
                ALONE,
                false,
                new SimpleComparison.Limits(150, 400),
                ScalingComparisons::sumsOfSquares);
    }

    private static void sumsOfSquares(ComparisonContext bench) throws Exception {
        long n = bench.form().pick(8_000_000L, 200_000_000L, 1_000_000_000L);
        List<PeerKind> kinds = List.of(
                PeerKind.BRIGADE, PeerKind.OJALGO, PeerKind.PP4J, PeerKind.EXECUTOR, PeerKind.POOL, PeerKind.JOBLIB);
        ExecutorService plain = Executors.newFixedThreadPool(WORKERS);
        try (Runner threads = ThreadRunner.of(WORKERS);
                PeersInTurn turns = new PeersInTurn(bench, java.time.Duration.ofSeconds(30), WORKERS, kinds)) {
            turns.warmUp(Operation.PIDS, 0);
            turns.warmUp(Operation.SQUARES, n / 10);
            withThreads(threads, n / 10);
            withPlain(plain, n / 10);
            for (int round = 0; round < bench.form().pick(1, 4, 11); round++) {
                bench.sample("speed-up", ALONE, 1);
                turns.turn("speed-up", Operation.SQUARES, n, figures -> figures[0] / figures[1]);
                double alone = SubmittingPeer.timed(() -> SUM_PARTS.forEach(part -> sum(n, part)))[0];
                // each first in turn: it has to spread its threads over cores that have been idle
                for (String peer : round % 2 == 0 ? List.of(THREADS, PLAIN) : List.of(PLAIN, THREADS)) {
                    SubmittingPeer.Action action =
                            peer.equals(PLAIN) ? () -> withPlain(plain, n) : () -> withThreads(threads, n);
                    bench.sample("speed-up", peer, alone / SubmittingPeer.timed(action)[0]);
                }
            }
        } finally {
            plain.shutdownNow();
        }
    }

    private static long sum(long n, int part) {
        return PeerTasks.sumOfSquares(n * part / PARTS, n * (part + 1) / PARTS);
    }

    private static void withThreads(Runner threads, long n) throws Exception {
        threads.map(SUM_PARTS, part -> sum(n, part));
    }

    private static void withPlain(ExecutorService plain, long n) throws Exception {
        List<Future<Long>> futures = new ArrayList<>();
        for (int part : SUM_PARTS) {
            futures.add(plain.submit(() -> sum(n, part)));
        }
        for (Future<Long> future : futures) {
            future.get();
        }
    }

    private static Comparison growth() {
        return new SimpleComparison(
                "growth",
                "Cost against the number of inputs",
                "A map over so many trivial inputs, nothing tuned, runners that are up and warm; per item. In proportion means the same figure"
                        + " in each column, once the cost of the call itself is shared by enough items.",
                Unit.NANOS,
                PLAIN,
                false,
                new SimpleComparison.Limits(120, 400),
                ScalingComparisons::growths);
    }

    private static void growths(ComparisonContext bench) throws Exception {
        ExecutorService plain = Executors.newFixedThreadPool(WORKERS);
        try (Runner threads = ThreadRunner.of(WORKERS);
                Runner processes = ProcessRunner.of(WORKERS)) {
            int warm = bench.form().pick(100, 200_000, 500_000);
            mapOn(processes, warm);
            mapOn(threads, warm);
            submitAll(plain, warm);
            for (int n = 10; n <= bench.form().pick(1_000, 1_000_000, 1_000_000); n *= 10) {
                String column = String.format("%,d", n).replace(',', ' ');
                int size = n;
                int rounds = Math.max(bench.form().pick(1, 3, 7), Math.min(50, 20_000 / n));
                for (int round = 0; round < rounds; round++) {
                    bench.sample(column, PLAIN, SubmittingPeer.timed(() -> submitAll(plain, size))[0] / n);
                    bench.sample(column, THREADS, SubmittingPeer.timed(() -> mapOn(threads, size))[0] / n);
                    bench.sample(
                            column,
                            PeerKind.BRIGADE.title(),
                            SubmittingPeer.timed(() -> mapOn(processes, size))[0] / n);
                }
            }
        } finally {
            plain.shutdownNow();
        }
    }

    private static void mapOn(Runner runner, int n) throws Exception {
        List<Integer> results = runner.map(() -> IntStream.range(0, n).iterator(), i -> i + 1);
        SubmittingPeer.check(results.size() == n && results.get(n - 1) == n);
    }

    private static void submitAll(ExecutorService plain, int n) throws Exception {
        List<Future<Integer>> futures = new ArrayList<>(n);
        for (int i = 0; i < n; i++) {
            int input = i;
            futures.add(plain.submit(() -> input + 1));
        }
        List<Integer> results = new ArrayList<>(n);
        for (Future<Integer> future : futures) {
            results.add(future.get());
        }
        SubmittingPeer.check(results.get(n - 1) == n);
    }

    private static Comparison lazy() {
        return new SimpleComparison(
                "lazy",
                "Memory for a million lazy inputs",
                "Live heap of this JVM (after a collection) above what it was before the call, while outcomes are taken and dropped; "
                        + "the highest of nine looks on the way.",
                Unit.BYTES,
                THREADS,
                false,
                new SimpleComparison.Limits(60, 120),
                ScalingComparisons::lazily);
    }

    private static void lazily(ComparisonContext bench) throws Exception {
        Map<String, Runner> runners = new LinkedHashMap<>();
        runners.put(THREADS, ThreadRunner.of(WORKERS));
        runners.put(PeerKind.BRIGADE.title(), ProcessRunner.of(WORKERS));
        for (Map.Entry<String, Runner> entry : runners.entrySet()) {
            try (Runner runner = entry.getValue()) {
                peakBytes(runner, 20_000, () -> 0);
                for (int n = 10_000; n <= bench.form().pick(10_000, 1_000_000, 1_000_000); n *= 10) {
                    String column = String.format("%,d inputs", n).replace(',', ' ');
                    bench.sample(column, entry.getKey(), peakBytes(runner, n, ScalingComparisons::usedBytes));
                }
            }
        }
    }

    private static int usedBytes() {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        return (int) Math.min(Integer.MAX_VALUE, runtime.totalMemory() - runtime.freeMemory());
    }

    private static double peakBytes(Runner runner, int n, IntSupplier used) {
        int before = used.getAsInt();
        int peak = 0;
        int next = n / 10;
        Iterable<Integer> inputs = () -> IntStream.range(0, n).iterator();
        try (Outcomes<Integer, Integer> outcomes = runner.mapOutcomes(inputs, i -> i + 1, RunOptions.defaults())) {
            for (Outcome<Integer, Integer> outcome : outcomes) {
                if (outcome.index() == next) {
                    peak = Math.max(peak, used.getAsInt() - before);
                    next += n / 10;
                }
            }
        }
        return peak;
    }
}
