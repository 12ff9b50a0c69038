package dev.brigade.benchmarks;

import java.time.Duration;
import java.util.List;

/** The stands that send tasks to open pools: round trips, streams, maps, payloads. */
final class Exchanges {
    private static final int WORKERS = 2;
    private static final int WARM_MAPS = 50;
    private static final int WARM_TRIPS = 12_000;
    private static final Duration LIMIT = Duration.ofSeconds(20);
    /** For one payload; one peer hangs at the largest. */
    private static final Duration PAYLOAD_LIMIT = Duration.ofSeconds(10);

    private static final List<PeerKind> POOLS = List.of(
            PeerKind.BRIGADE, PeerKind.OJALGO, PeerKind.PP4J, PeerKind.EXECUTOR, PeerKind.POOL, PeerKind.JOBLIB);

    private Exchanges() {}

    static List<Stand> all() {
        return List.of(roundTrip(true), roundTrip(false), submitMany(), map(), payloads());
    }

    private static Stand roundTrip(boolean pinned) {
        return new Measurement(
                pinned ? "round-trip-pinned" : "round-trip",
                pinned ? "One task at a time, all on one core" : "One task at a time",
                "A trivial task is submitted and its result waited for, one after the other, one worker; per task, after "
                        + WARM_TRIPS + " others. The raw echo is 8 bytes there and back between two JVMs.",
                Unit.NANOS,
                PeerKind.ECHO.title(),
                pinned,
                new Measurement.Limits(100, 300),
                Exchanges::roundTrips);
    }

    private static void roundTrips(StandContext bench) {
        List<PeerKind> kinds = List.of(
                PeerKind.ECHO,
                PeerKind.BRIGADE,
                PeerKind.OJALGO,
                PeerKind.PP4J,
                PeerKind.EXECUTOR,
                PeerKind.POOL,
                PeerKind.JOBLIB);
        try (Turns turns = new Turns(bench, LIMIT, 1, kinds)) {
            int warm = bench.form().pick(20, WARM_TRIPS / 2, WARM_TRIPS / 2);
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
                new Measurement.Limits(100, 300),
                Exchanges::submitsMany);
    }

    private static void submitsMany(StandContext bench) {
        try (Turns turns = new Turns(bench, LIMIT, WORKERS, POOLS)) {
            int n = bench.form().pick(50, 5_000, 10_000);
            turns.warmUp(Op.SUBMIT_MANY, n);
            turns.warmUp(Op.SUBMIT_MANY, n);
            for (int round = 0; round < bench.form().pick(1, 4, 15); round++) {
                turns.turn("per task", Op.SUBMIT_MANY, n, figures -> figures[0] / n);
            }
        }
    }

    private static Stand map() {
        return new Measurement(
                "map",
                "A map over 20 000 trivial inputs, nothing tuned",
                "Two workers that are up; per item. Pools without a map get a submit for each input. Cold: the first map of the program"
                        + " (for Java in a JVM of its own each time); warm: later ones, Brigade's after " + WARM_MAPS
                        + ", which is what the compilers of three JVMs on two cores take (after 10 it is about twice as slow).",
                Unit.NANOS,
                PeerKind.BRIGADE.title(),
                false,
                new Measurement.Limits(150, 400),
                Exchanges::maps);
    }

    private static void maps(StandContext bench) throws Exception {
        int n = bench.form().pick(200, 20_000, 20_000);
        for (int round = 0; round < bench.form().pick(1, 2, 7); round++) {
            for (PeerKind kind : List.of(PeerKind.BRIGADE, PeerKind.OJALGO, PeerKind.PP4J)) {
                ColdMain.sample(bench, "cold", kind, Op.MAP, n, figures -> figures[0] / n);
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
        try (Turns turns = new Turns(bench, LIMIT, WORKERS, kinds)) {
            turns.warmUp(Op.PIDS, 0);
            for (int round = 0; round < bench.form().pick(1, WARM_MAPS, WARM_MAPS); round++) {
                turns.measure(PeerKind.BRIGADE, "warm-up", Op.MAP, n);
            }
            turns.warmUp(Op.MAP, n);
            for (int round = 0; round < bench.form().pick(1, 4, 15); round++) {
                turns.turn("warm", Op.MAP, n, figures -> figures[0] / n);
            }
        }
    }

    private static Stand payloads() {
        return new Measurement(
                "payloads",
                "Bytes there and back",
                "To: a byte array to a worker, its length back. From: a length to a worker, a byte array back. The raw echo sends the same"
                        + " arrays in slices of 128 KiB. ojAlgo's frames end at 64 MiB.",
                Unit.NANOS,
                PeerKind.ECHO.title(),
                false,
                new Measurement.Limits(150, 500),
                Exchanges::payloads);
    }

    private static void payloads(StandContext bench) {
        List<PeerKind> kinds = List.of(
                PeerKind.ECHO,
                PeerKind.BRIGADE,
                PeerKind.OJALGO,
                PeerKind.PP4J,
                PeerKind.EXECUTOR,
                PeerKind.POOL,
                PeerKind.JOBLIB);
        try (Turns turns = new Turns(bench, PAYLOAD_LIMIT, 1, kinds)) {
            for (Payload payload : Payload.values()) {
                if (bench.form() == BenchmarkForm.SMOKE && payload.bytes > 1 << 20) {
                    continue;
                }
                for (Op op : List.of(Op.SEND, Op.FETCH)) {
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

        void measure(StandContext bench, Turns peers, Op op) {
            for (int i = 0; i < bench.form().pick(1, warmUps / 2, warmUps); i++) {
                peers.warmUp(op, bytes);
            }
            String column = title + (op == Op.SEND ? " to" : " from");
            for (int i = 0; i < bench.form().pick(1, turns, 3 * turns); i++) {
                peers.turn(column, op, bytes, figures -> figures[0]);
            }
        }
    }
}
