package dev.brigade.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** The comparisons that look at the workers' lives: start and close, death, memory. */
final class LifecycleComparisons {
    private static final int WORKERS = 2;
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final String BARE = "two bare JVMs";
    private static final String EMPTY = "a bare JVM";
    private static final String TOTAL = "start to closed";

    private LifecycleComparisons() {}

    static List<Comparison> all() {
        return List.of(start(), kill(), memory());
    }

    private static Comparison start() {
        return new SimpleComparison(
                "start",
                "Two workers up, a result from each, pool closed",
                "The bare JVMs are started together with the same class path, print nothing and are waited for. Cold: the first thing that a"
                        + " new program does (the start of that program itself does not count). ojAlgo has no close: the time is without it.",
                Unit.NANOS,
                BARE,
                false,
                new SimpleComparison.Limits(150, 400),
                LifecycleComparisons::starts);
    }

    private static void starts(ComparisonContext bench) throws Exception {
        List<PeerKind> java = List.of(PeerKind.BRIGADE, PeerKind.OJALGO, PeerKind.PP4J);
        List<PeerKind> python = List.of(PeerKind.EXECUTOR, PeerKind.EXECUTOR_SPAWN, PeerKind.POOL, PeerKind.JOBLIB);
        for (int round = 0; round < bench.form().pick(1, 3, 7); round++) {
            bench.sample("cold", BARE, bareNanos());
            for (PeerKind kind : java) {
                ColdMain.sample(bench, "cold", kind, Operation.START, WORKERS, figures -> figures[0]);
            }
        }
        try (PeersInTurn turns = new PeersInTurn(bench, LIMIT, WORKERS, python)) {
            for (int round = 0; round < bench.form().pick(1, 5, 15); round++) {
                bench.sample(TOTAL, BARE, bareNanos());
                for (PeerKind kind : java) {
                    startInThisProgram(bench, kind);
                }
                turns.turn(TOTAL, Operation.START, WORKERS, figures -> figures[0]);
            }
        }
    }

    private static double bareNanos() throws Exception {
        return SubmittingPeer.timed(() -> {
            Process one = Jvm.start(BareMain.class);
            Process other = Jvm.start(BareMain.class);
            SubmittingPeer.check(one.waitFor() + other.waitFor() == 0);
        })[0];
    }

    private static void startInThisProgram(ComparisonContext bench, PeerKind kind) {
        try {
            bench.sample(TOTAL, kind.title(), ColdMain.start(bench, kind, WORKERS)[0]);
        } catch (Exception e) {
            bench.trouble(TOTAL, kind.title(), PeersInTurn.reason(e));
        }
    }

    private static Comparison kill() {
        return new SimpleComparison(
                "kill",
                "A worker killed",
                "One of two workers is killed (SIGKILL) while it runs a task. Reported: until the task's future fails. Whole again: until both"
                        + " workers give results; for a pool that does not recover, with a new pool.",
                Unit.NANOS,
                PeerKind.BRIGADE.title(),
                false,
                new SimpleComparison.Limits(120, 300),
                LifecycleComparisons::kills);
    }

    private static void kills(ComparisonContext bench) {
        List<PeerKind> kinds = List.of(
                PeerKind.BRIGADE, PeerKind.OJALGO, PeerKind.PP4J, PeerKind.EXECUTOR, PeerKind.POOL, PeerKind.JOBLIB);
        try (PeersInTurn turns = new PeersInTurn(bench, LIMIT, WORKERS, kinds)) {
            for (int round = 0; round < bench.form().pick(1, 3, 12); round++) {
                for (PeerKind kind : kinds) {
                    double[] figures = turns.measure(kind, "reported", Operation.KILL, 0);
                    if (figures.length == 2) {
                        bench.sample("reported", kind.title(), figures[0]);
                        bench.sample("whole again", kind.title(), figures[1]);
                    }
                }
            }
        }
    }

    private static Comparison memory() {
        return new SimpleComparison(
                "memory",
                "Private memory of an idle worker",
                "Private_Clean and Private_Dirty of /proc/PID/smaps_rollup, of each of two workers: after one task each, and after 2 000"
                        + " trivial tasks. Python's workers are forks, which share what they do not change. The bare JVM does nothing but"
                        + " wait.",
                Unit.BYTES,
                PeerKind.BRIGADE.title(),
                false,
                new SimpleComparison.Limits(90, 90),
                LifecycleComparisons::memories);
    }

    private static void memories(ComparisonContext bench) throws Exception {
        List<PeerKind> kinds = List.of(
                PeerKind.BRIGADE, PeerKind.OJALGO, PeerKind.PP4J, PeerKind.EXECUTOR, PeerKind.POOL, PeerKind.JOBLIB);
        Process bare = Jvm.start(BareMain.class, "wait");
        try (PeersInTurn turns = new PeersInTurn(bench, LIMIT, WORKERS, kinds)) {
            weigh(bench, turns, kinds, "after one task");
            turns.warmUp(Operation.MAP, 2_000);
            Thread.sleep(bench.form().pick(10, 1_000, 3_000)); // until they are idle in earnest
            weigh(bench, turns, kinds, "after 2 000 tasks");
            bench.sample("after one task", EMPTY, privateBytes(bare.pid()));
        } finally {
            bare.toHandle().destroyForcibly();
        }
    }

    private static void weigh(ComparisonContext bench, PeersInTurn turns, List<PeerKind> kinds, String column)
            throws IOException {
        for (PeerKind kind : kinds) {
            for (double pid : turns.measure(kind, column, Operation.PIDS, 0)) {
                bench.sample(column, kind.title(), privateBytes((long) pid));
            }
        }
    }

    private static double privateBytes(long pid) throws IOException {
        try (var lines = Files.lines(Path.of("/proc", Long.toString(pid), "smaps_rollup"))) {
            return lines.filter(line -> line.startsWith("Private_Clean") || line.startsWith("Private_Dirty"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
                    .sum();
        }
    }
}
