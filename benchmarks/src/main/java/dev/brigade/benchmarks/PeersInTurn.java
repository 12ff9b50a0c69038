package dev.brigade.benchmarks;

import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/**
 * Several peers that are open at once and measured in turns, so that a disturbance of the machine meets all of them.
 *
 * <p>Each peer has a thread of its own. A peer that hangs is dropped with its processes, and the others go on.
 */
final class PeersInTurn implements AutoCloseable {
    private static final Duration OPEN_LIMIT = Duration.ofSeconds(20);
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(5);

    private final ComparisonContext bench;
    private final Duration limit;
    private final Map<PeerKind, Opened> peers = new LinkedHashMap<>();

    /** Pairs of column and peer that have failed once, and are not tried again. */
    private final Set<String> failed = new HashSet<>();

    private record Opened(ExecutorService thread, Peer peer, Set<Long> processes) {}

    PeersInTurn(ComparisonContext bench, Duration limit, int workers, List<PeerKind> kinds) {
        this.bench = bench;
        this.limit = limit;
        kinds.forEach(kind -> open(kind, workers));
    }

    private void open(PeerKind kind, int workers) {
        Set<Long> before = processes();
        ExecutorService thread = Executors.newSingleThreadExecutor(task -> {
            Thread made = new Thread(task, kind.title());
            made.setDaemon(true);
            return made;
        });
        Future<Peer> opening = thread.submit(() -> kind.open(bench, workers));
        try {
            Peer peer = await(opening, OPEN_LIMIT);
            Set<Long> own = processes();
            own.removeAll(before);
            peers.put(kind, new Opened(thread, peer, own));
        } catch (Exception e) {
            thread.shutdownNow();
            bench.trouble("", kind.title(), reason(e));
        }
    }

    private static Set<Long> processes() {
        return ProcessHandle.current()
                .descendants()
                .map(ProcessHandle::pid)
                .collect(Collectors.toCollection(HashSet::new));
    }

    /** Each peer once, unmeasured. */
    void warmUp(Operation op, long n) {
        turn("warm-up", op, n, figures -> Double.NaN);
    }

    /** Each peer once; the sample is made of the figures that the peer gives. */
    void turn(String column, Operation op, long n, ToDoubleFunction<double[]> sample) {
        for (PeerKind kind : List.copyOf(peers.keySet())) {
            double[] figures = measure(kind, column, op, n);
            if (figures.length > 0 && !column.equals("warm-up")) {
                bench.sample(column, kind.title(), sample.applyAsDouble(figures));
            }
        }
    }

    /** The figures of one peer; none when it failed. */
    double[] measure(PeerKind kind, String column, Operation op, long n) {
        Opened opened = peers.get(kind);
        if (opened == null || failed.contains(column + kind)) {
            return new double[0];
        }
        try {
            return await(opened.thread.submit(() -> opened.peer.measure(op, n)), limit);
        } catch (TimeoutException e) {
            bench.trouble("", kind.title(), "hung: " + column + " took more than " + limit.toSeconds() + " s");
            drop(kind);
        } catch (Exception e) {
            failed.add(column + kind);
            if (!column.equals("warm-up")) {
                bench.trouble(column, kind.title(), reason(e));
            }
        }
        return new double[0];
    }

    boolean has(PeerKind kind) {
        return peers.containsKey(kind);
    }

    private static <T> T await(Future<T> future, Duration limit) throws Exception {
        try {
            return future.get(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        } catch (TimeoutException e) {
            future.cancel(true);
            throw e;
        }
    }

    static String reason(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        String message = root.getMessage();
        boolean spoken = root instanceof IllegalStateException || root instanceof UnsupportedOperationException;
        String name = spoken ? "" : root.getClass().getSimpleName() + ": ";
        String text = message == null ? root.getClass().getSimpleName() : name + message;
        return text.length() > 200 ? text.substring(0, 200) + "…" : text;
    }

    private void drop(PeerKind kind) {
        Opened opened = peers.remove(kind);
        opened.thread.shutdownNow();
        Set<Long> others = new HashSet<>();
        peers.values().forEach(peer -> others.addAll(peer.processes));
        opened.processes.stream()
                .filter(pid -> !others.contains(pid))
                .forEach(pid -> ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly));
    }

    @Override
    public void close() {
        for (Opened opened : peers.values()) {
            try {
                await(
                        opened.thread.submit(() -> {
                            opened.peer.close();
                            return null;
                        }),
                        CLOSE_LIMIT);
            } catch (Exception e) {
                // what is left is killed when the comparison ends
            }
            opened.thread.shutdownNow();
        }
    }
}
