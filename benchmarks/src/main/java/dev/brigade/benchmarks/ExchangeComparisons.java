package dev.brigade.benchmarks;

import java.time.Duration;
import java.util.List;

/** The comparisons that send tasks to open pools: round trips, streams, maps, payloads. */
final class ExchangeComparisons {
    private static final int WORKERS = 2;
    private static final int WARM_MAPS = 50;
    private static final int WARM_TRIPS = 12_000;
    private static final Duration LIMIT = Duration.ofSeconds(20);
    /** For one payload; one peer hangs at the largest. */
    private static final Duration PAYLOAD_LIMIT = Duration.ofSeconds(10);

    private static final List<PeerKind> POOLS = List.of(
            PeerKind.BRIGADE, PeerKind.OJALGO, PeerKind.PP4J, PeerKind.EXECUTOR, PeerKind.POOL, PeerKind.JOBLIB);

    private ExchangeComparisons() {}

    static List<Comparison> all() {
        return List.of(roundTrip(true), roundTrip(false), submitMany(), map(), payloads());
    }

    private static Comparison roundTrip(boolean pinned) {
        return new SimpleComparison(
                pinned ? "round-trip-pinned" : "round-trip",
                pinned ? "One task at a time, all on one core" : "One task at a time",
                "A trivial task is submitted and its result waited for, one after the other, one worker; per task, after "
                        + WARM_TRIPS + " others. The raw echo is 8 bytes there and back between two JVMs.",
                Unit.NANOS,
                PeerKind.ECHO.title(),
                pinned,
                new SimpleComparison.Limits(100, 300),
                ExchangeComparisons::roundTrips);
    }

    private static void roundTrips(ComparisonContext bench) {
        List<PeerKind> kinds = List.of(
                PeerKind.ECHO,
                PeerKind.BRIGADE,
                PeerKind.OJALGO,
                PeerKind.PP4J,
                PeerKind.EXECUTOR,
                PeerKind.POOL,
                PeerKind.JOBLIB);
        try (PeersInTurn turns = new PeersInTurn(bench, LIMIT, 1, kinds)) {
            int warm = bench.form().pick(20, WARM_TRIPS / 2, WARM_TRIPS / 2);
            for (int i = 0; i < 2; i++) {
                turns.warmUp(Operation.ROUND_TRIP, warm);
            }
            int n = bench.form().pick(20, 400, 1000);
            for (int round = 0; round < bench.form().pick(1, 7, 21); round++) {
                turns.turn("per task", Operation.ROUND_TRIP, n, figures -> figures[0] / n);
            }
        }
    }

    private static Comparison submitMany() {
        return new SimpleComparison(
                "submit-many",
                "Many submitted, then all waited for",
                "Trivial tasks, two workers; per task.",
                Unit.NANOS,
                PeerKind.EXECUTOR.title(),
                false,
                new SimpleComparison.Limits(100, 300),
                ExchangeComparisons::submitsMany);
    }

    private static void submitsMany(ComparisonContext bench) {
        try (PeersInTurn turns = new PeersInTurn(bench, LIMIT, WORKERS, POOLS)) {
            int n = bench.form().pick(50, 5_000, 10_000);
            turns.warmUp(Operation.SUBMIT_MANY, n);
            turns.warmUp(Operation.SUBMIT_MANY, n);
            for (int round = 0; round < bench.form().pick(1, 4, 15); round++) {
                turns.turn("per task", Operation.SUBMIT_MANY, n, figures -> figures[0] / n);
            }
        }
    }

    private static Comparison map() {
        return new SimpleComparison(
                "map",
                "A map over 20 000 trivial inputs, nothing tuned",
                "Two workers that are up; per item. Pools without a map get a submit for each input. Cold: the first map of the program"
                        + " (for Java in a JVM of its own each time); warm: later ones, Brigade's after " + WARM_MAPS
                        + ", which is what the compilers of three JVMs on two cores take (after 10 it is about twice as slow).",
                Unit.NANOS,
                PeerKind.BRIGADE.title(),
                false,
                new SimpleComparison.Limits(150, 400),
                ExchangeComparisons::maps);
    }

    private static void maps(ComparisonContext bench) throws Exception {
        int n = bench.form().pick(200, 20_000, 20_000);
        for (int round = 0; round < bench.form().pick(1, 2, 7); round++) {
            for (PeerKind kind : List.of(PeerKind.BRIGADE, PeerKind.OJALGO, PeerKind.PP4J)) {
                ColdMain.sample(bench, "cold", kind, Operation.MAP, n, figures -> figures[0] / n);
            }
        }
        List<PeerKind> kinds = List.of(
                PeerKind.BRIGADE,
                PeerKind.OJALGO,
                PeerKind.PP4J,
                PeerKind.EXECUTOR,
                PeerKind.EXECUTOR_CHUNKED,
                PeerKind.POOL,
                PeerKind.JOBLIB);
        try (PeersInTurn turns = new PeersInTurn(bench, LIMIT, WORKERS, kinds)) {
            turns.warmUp(Operation.PIDS, 0);
            for (int round = 0; round < bench.form().pick(1, WARM_MAPS, WARM_MAPS); round++) {
                turns.measure(PeerKind.BRIGADE, "warm-up", Operation.MAP, n);
            }
            turns.warmUp(Operation.MAP, n);
            for (int round = 0; round < bench.form().pick(1, 4, 15); round++) {
                turns.turn("warm", Operation.MAP, n, figures -> figures[0] / n);
            }
        }
    }

    private static Comparison payloads() {
        return new SimpleComparison(
                "payloads",
                "Bytes there and back",
                "To: a byte array to a worker, its length back. From: a length to a worker, a byte array back. The raw echo sends the same"
                        + " arrays in slices of 128 KiB. ojAlgo's frames end at 64 MiB.",
                Unit.NANOS,
                PeerKind.ECHO.title(),
                false,
                new SimpleComparison.Limits(150, 500),
                ExchangeComparisons::payloads);
    }

    private static void payloads(ComparisonContext bench) {
        List<PeerKind> kinds = List.of(
                PeerKind.ECHO,
                PeerKind.BRIGADE,
                PeerKind.OJALGO,
                PeerKind.PP4J,
                PeerKind.EXECUTOR,
                PeerKind.POOL,
                PeerKind.JOBLIB);
        try (PeersInTurn turns = new PeersInTurn(bench, PAYLOAD_LIMIT, 1, kinds)) {
            for (Payload payload : Payload.values()) {
                if (bench.form() == BenchmarkForm.SMOKE && payload.bytes > 1 << 20) {
                    continue;
                }
                for (Operation op : List.of(Operation.SEND, Operation.FETCH)) {
                    payload.measure(bench, turns, op);
                }
            }
        }
    }

    /** The sizes, and how often each is sent; the largest only a few times, since some peers take seconds for it. */
    private enum Payload {
        KIB("1 KiB", 1 << 10, 200, 40),
        MIB("1 MiB", 1 << 20, 30, 7),
        MIB_16("16 MiB", 16 << 20, 8, 5),
        MIB_256("256 MiB", 256 << 20, 0, 1);

        private final String title;
        private final int bytes;
        private final int warmUps;
        private final int turns;

        Payload(String title, int bytes, int warmUps, int turns) {
            this.title = title;
            this.bytes = bytes;
            this.warmUps = warmUps;
            this.turns = turns;
        }

        void measure(ComparisonContext bench, PeersInTurn peers, Operation op) {
            for (int i = 0; i < bench.form().pick(1, warmUps / 2, warmUps); i++) {
                peers.warmUp(op, bytes);
            }
            String column = title + (op == Operation.SEND ? " to" : " from");
            for (int i = 0; i < bench.form().pick(1, turns, 3 * turns); i++) {
                peers.turn(column, op, bytes, figures -> figures[0]);
            }
        }
    }
}
