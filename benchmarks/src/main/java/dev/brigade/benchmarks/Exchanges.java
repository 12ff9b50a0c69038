package dev.brigade.benchmarks;

import java.time.Duration;
import java.util.List;

/** The stands that send tasks to open pools: round trips, streams, maps, payloads. */
final class Exchanges {
    private static final int WORKERS = 2;
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final List<PeerKind> POOLS = List.of(
            PeerKind.BRIGADE, PeerKind.OJALGO, PeerKind.PP4J, PeerKind.EXECUTOR, PeerKind.POOL, PeerKind.JOBLIB);

    private Exchanges() {}

    static List<Stand> all() {
        return List.of(roundTrip(true), roundTrip(false), submitMany());
    }

    private static Stand roundTrip(boolean pinned) {
        return new Measurement(
                pinned ? "round-trip-pinned" : "round-trip",
                pinned ? "One task at a time, all on one core" : "One task at a time",
                "A trivial task is submitted and its result waited for, one after the other, one worker; per task. The raw echo is 8"
                        + " bytes there and back between two JVMs.",
                Unit.NANOS,
                PeerKind.ECHO.title(),
                pinned,
                new Measurement.Limits(60, 180),
                Exchanges::roundTrips);
    }

    private static void roundTrips(Bench bench) {
        List<PeerKind> kinds = List.of(
                PeerKind.ECHO,
                PeerKind.BRIGADE,
                PeerKind.OJALGO,
                PeerKind.PP4J,
                PeerKind.EXECUTOR,
                PeerKind.POOL,
                PeerKind.JOBLIB);
        try (Turns turns = new Turns(bench, LIMIT, 1, kinds)) {
            int warm = bench.form().pick(20, 1500, 3000);
            for (int i = 0; i < 2; i++) {
                turns.warmUp(Op.ROUND_TRIP, warm);
            }
            int n = bench.form().pick(20, 400, 1000);
            for (int round = 0; round < bench.form().pick(1, 7, 21); round++) {
                turns.turn("per task", Op.ROUND_TRIP, n, figures -> figures[0] / n);
            }
        }
    }

    private static Stand submitMany() {
        return new Measurement(
                "submit-many",
                "Many submitted, then all waited for",
                "Trivial tasks, two workers; per task.",
                Unit.NANOS,
                PeerKind.EXECUTOR.title(),
                false,
                new Measurement.Limits(60, 180),
                Exchanges::submitsMany);
    }

    private static void submitsMany(Bench bench) {
        try (Turns turns = new Turns(bench, LIMIT, WORKERS, POOLS)) {
            int n = bench.form().pick(50, 5_000, 10_000);
            turns.warmUp(Op.SUBMIT_MANY, n);
            turns.warmUp(Op.SUBMIT_MANY, n);
            for (int round = 0; round < bench.form().pick(1, 5, 15); round++) {
                turns.turn("per task", Op.SUBMIT_MANY, n, figures -> figures[0] / n);
            }
        }
    }
}
