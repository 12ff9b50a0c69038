package dev.brigade.benchmarks;

import dev.brigade.benchmarks.InProcessPeer.Kind;
import java.time.Duration;
import java.util.Collection;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/** Runs the JMH benchmarks: peer by peer a fork, and that several times over, so that peers take turns. */
final class InProcess implements Comparison {
    private static final String ALLOCATED = ", allocated";
    private static final String ALLOCATION = "gc.alloc.rate.norm";

    private static final Map<String, String> COLUMNS = Map.of(
            "one", "one task",
            "trivial", "20 000 trivial",
            "millis", "1 000 × 1 ms",
            "waits", "10 000 waits");

    @Override
    public String id() {
        return "in-process";
    }

    @Override
    public String title() {
        return "In one JVM";
    }

    @Override
    public String note() {
        return "By JMH, per task. One task: submitted and waited for. Trivial, and about 1 ms of computing: two threads (virtual threads have as many"
                + " carriers as there are cores). Waits: 10 ms each, 250 platform threads, or all at once on virtual threads and"
                + " AsyncRunner (one thread). Allocated: bytes by all threads, from JMH's gc profiler. The plain loop is what the work itself"
                + " costs; SequentialRunner less that is what the engine costs.";
    }

    @Override
    public Unit unit() {
        return Unit.NANOS;
    }

    @Override
    public Unit unit(String column) {
        return column.endsWith(ALLOCATED) ? Unit.BYTES : Unit.NANOS;
    }

    @Override
    public String baseline() {
        return Kind.EXECUTOR.title;
    }

    @Override
    public Duration limit(BenchmarkForm form) {
        return Duration.ofSeconds(form.pick(120, 400, 3600));
    }

    @Override
    public void run(ComparisonContext bench) throws RunnerException {
        System.setProperty("jmh.ignoreLock", "true"); // another project's run is no reason to have no figures
        for (Kind kind : Kind.values()) {
            if (!kind.isThere()) {
                bench.trouble(
                        "",
                        kind.title,
                        "needs JDK 21, this is " + Runtime.version().feature());
            }
        }
        Set<Kind> computing = EnumSet.complementOf(EnumSet.of(Kind.BRIGADE_ASYNC));
        Set<Kind> onThreads = EnumSet.complementOf(
                EnumSet.of(Kind.BRIGADE_ASYNC, Kind.BRIGADE_VIRTUAL, Kind.LOOP, Kind.BRIGADE_SEQUENTIAL));
        Set<Kind> waiting = EnumSet.complementOf(EnumSet.of(Kind.LOOP, Kind.BRIGADE_SEQUENTIAL, Kind.FORK_JOIN));
        for (int round = 0; round < bench.form().pick(1, 2, 4); round++) {
            measure(bench, "trivial", computing);
            if (round == 0 || bench.form() == BenchmarkForm.LONG) {
                measure(bench, "one", computing);
                measure(bench, "millis", onThreads);
                measure(bench, "waits", waiting);
            }
        }
    }

    private static void measure(ComparisonContext bench, String benchmark, Set<Kind> kinds) throws RunnerException {
        for (Kind kind : kinds) {
            if (kind.isThere()) {
                Collection<RunResult> results = new Runner(options(bench.form(), benchmark, kind)).run();
                results.forEach(result -> note(bench, COLUMNS.get(benchmark), kind, result));
                if (results.isEmpty()) {
                    bench.trouble(COLUMNS.get(benchmark), kind.title, "failed in JMH");
                }
            }
        }
    }

    private static Options options(BenchmarkForm form, String benchmark, Kind kind) {
        boolean once = benchmark.equals("millis") || benchmark.equals("waits");
        boolean bar = benchmark.equals("trivial"); // what a bar looks at must be compiled in earnest
        int warmUps = form.pick(1, once ? 1 : bar ? 8 : 2, once ? 2 : bar ? 10 : 5);
        int iterations = form.pick(1, once ? 2 : 3, 5);
        TimeValue time = TimeValue.milliseconds(form.pick(10, once ? 100 : 200, once ? 1000 : 500));
        return new OptionsBuilder()
                .include("\\." + InProcessBenchmarks.class.getSimpleName() + "\\." + benchmark + "$")
                .param("peer", kind.name())
                .forks(1)
                .warmupIterations(warmUps)
                .warmupTime(time)
                .measurementIterations(iterations)
                .measurementTime(time)
                .timeout(TimeValue.seconds(30))
                .shouldDoGC(form == BenchmarkForm.LONG)
                .addProfiler(GCProfiler.class)
                .jvmArgsAppend("-Xmx2g")
                .build();
    }

    private static void note(ComparisonContext bench, String column, Kind kind, RunResult result) {
        result.getBenchmarkResults().forEach(fork -> {
            for (IterationResult iteration : fork.getIterationResults()) {
                bench.sample(column, kind.title, iteration.getPrimaryResult().getScore());
                Result<?> allocated = iteration.getSecondaryResults().get(ALLOCATION);
                if (allocated != null && !column.contains("ms") && !column.contains("waits")) {
                    bench.sample(column + ALLOCATED, kind.title, allocated.getScore());
                }
            }
        });
    }
}
