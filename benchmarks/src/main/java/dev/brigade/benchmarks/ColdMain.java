package dev.brigade.benchmarks;

import java.io.BufferedReader;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;

/** A program that does one thing with one pool, once: what a cold JVM makes of it. Arguments: the peer, what, how many. */
final class ColdMain {
    private static final int LIMIT_SECONDS = 30;

    private ColdMain() {}

    public static void main(String[] args) {
        int status = 0;
        try {
            double[] figures = measure(PeerKind.valueOf(args[0]), Operation.valueOf(args[1]), Long.parseLong(args[2]));
            System.out.println("ok " + Arrays.toString(figures));
        } catch (Throwable t) {
            System.out.println("err " + PeersInTurn.reason(t));
            status = 1;
        }
        System.out.flush();
        ProcessHandle.current().descendants().forEach(ProcessHandle::destroyForcibly);
        Runtime.getRuntime().halt(status);
    }

    private static double[] measure(PeerKind kind, Operation op, long n) throws Exception {
        ComparisonContext none = new ComparisonContext(BenchmarkForm.SHORT, "", null);
        if (op == Operation.START) {
            return start(none, kind, (int) n);
        }
        Peer peer = kind.open(none, 2);
        peer.measure(Operation.PIDS, 0);
        double[] figures = peer.measure(op, n);
        peer.close();
        return figures;
    }

    /** A pool opened, a result from each of its workers, the pool closed. */
    static double[] start(ComparisonContext bench, PeerKind kind, int workers) throws Exception {
        return SubmittingPeer.timed(() -> {
            Peer peer = kind.open(bench, workers);
            peer.measure(Operation.PIDS, 0);
            peer.close();
        });
    }

    /** Runs this program in a process of its own and writes down what it says. */
    static void sample(
            ComparisonContext bench,
            String column,
            PeerKind kind,
            Operation op,
            long n,
            ToDoubleFunction<double[]> sample)
            throws Exception {
        Process process = Jvm.start(ColdMain.class, kind.name(), op.name(), Long.toString(n));
        if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.toHandle().destroyForcibly();
            bench.trouble(column, kind.title(), "not done after " + LIMIT_SECONDS + " s");
            return;
        }
        try (BufferedReader reader = process.inputReader()) {
            String line = reader.lines()
                    .filter(text -> text.startsWith("ok ") || text.startsWith("err "))
                    .findFirst()
                    .orElse("err no answer");
            if (line.startsWith("err")) {
                bench.trouble(column, kind.title(), line.substring(4));
                return;
            }
            String[] figures = line.substring(4, line.length() - 1).split(", ");
            bench.sample(
                    column,
                    kind.title(),
                    sample.applyAsDouble(Arrays.stream(figures)
                            .mapToDouble(Double::parseDouble)
                            .toArray()));
        }
    }
}
