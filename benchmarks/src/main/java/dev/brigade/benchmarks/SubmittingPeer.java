package dev.brigade.benchmarks;

import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A Java pool that is used by {@code submit}. A peer that is faster at some operation in another way overrides it. */
abstract class SubmittingPeer implements Peer {
    private static final int NOTICE_SECONDS = 5;
    private static final int PARTS = 8;
    protected final int workers;

    SubmittingPeer(int workers) {
        this.workers = workers;
    }

    abstract <T extends Serializable> Future<T> submit(PeerTask<T> job) throws Exception;

    @Override
    public final double[] measure(Operation op, long n) throws Exception {
        return switch (op) {
            case ROUND_TRIP -> timed(() -> roundTrips((int) n));
            case SUBMIT_MANY -> timed(() -> submitMany((int) n));
            case MAP -> timed(() -> map((int) n));
            case SEND -> {
                byte[] data = new byte[(int) n];
                new Random(n).nextBytes(data);
                yield timed(() -> check(send(data) == n));
            }
            case FETCH -> timed(() -> check(fetch((int) n).length == n));
            case SQUARES -> squares(n);
            case PIDS -> pids();
            case KILL -> kill();
            case START -> throw new UnsupportedOperationException("not for an open pool");
        };
    }

    /** Code that may throw. */
    interface Action {
        void run() throws Exception;
    }

    static double[] timed(Action action) throws Exception {
        long begin = System.nanoTime();
        action.run();
        return new double[] {System.nanoTime() - begin};
    }

    static void check(boolean fact) {
        if (!fact) {
            throw new IllegalStateException("wrong result");
        }
    }

    private void roundTrips(int n) throws Exception {
        for (int i = 0; i < n; i++) {
            check(submit(PeerTasks.increment(i)).get() == i + 1);
        }
    }

    private void submitMany(int n) throws Exception {
        List<Future<Integer>> futures = new ArrayList<>(n);
        for (int i = 0; i < n; i++) {
            futures.add(submit(PeerTasks.increment(i)));
        }
        for (int i = 0; i < n; i++) {
            check(futures.get(i).get() == i + 1);
        }
    }

    void map(int n) throws Exception {
        submitMany(n);
    }

    int send(byte[] data) throws Exception {
        return submit(PeerTasks.length(data)).get();
    }

    byte[] fetch(int n) throws Exception {
        return submit(PeerTasks.make(n)).get();
    }

    private double[] squares(long n) throws Exception {
        long begin = System.nanoTime();
        long alone = 0;
        for (int i = 0; i < PARTS; i++) {
            alone += PeerTasks.sumOfSquares(n * i / PARTS, n * (i + 1) / PARTS);
        }
        long middle = System.nanoTime();
        List<Future<Long>> futures = new ArrayList<>();
        for (int i = 0; i < PARTS; i++) {
            futures.add(submit(PeerTasks.squares(n * i / PARTS, n * (i + 1) / PARTS)));
        }
        long together = 0;
        for (Future<Long> future : futures) {
            together += future.get();
        }
        check(together == alone);
        return new double[] {middle - begin, System.nanoTime() - middle};
    }

    private double[] pids() throws Exception {
        Path directory = Files.createTempDirectory("brigade-bench");
        try {
            List<Future<Long>> futures = new ArrayList<>();
            for (int i = 0; i < workers; i++) {
                futures.add(submit(PeerTasks.meet(directory.toString(), i, workers)));
            }
            double[] pids = new double[workers];
            for (int i = 0; i < workers; i++) {
                pids[i] = futures.get(i).get();
            }
            check(Arrays.stream(pids).distinct().count() == workers);
            return pids;
        } finally {
            delete(directory);
        }
    }

    private double[] kill() throws Exception {
        pids();
        Path directory = Files.createTempDirectory("brigade-bench");
        try {
            Path file = directory.resolve("pid");
            Future<Integer> hanging = submit(PeerTasks.hang(file.toString()));
            while (!Files.exists(file)) {
                Thread.sleep(1);
            }
            long victim = Long.parseLong(Files.readString(file));
            long begin = System.nanoTime();
            ProcessHandle.of(victim).orElseThrow().destroyForcibly();
            awaitFailure(hanging);
            long noticed = System.nanoTime() - begin;
            pids();
            return new double[] {noticed, System.nanoTime() - begin};
        } finally {
            delete(directory);
        }
    }

    private static void awaitFailure(Future<?> future) throws InterruptedException {
        try {
            future.get(NOTICE_SECONDS, TimeUnit.SECONDS);
            throw new IllegalStateException("the killed task has a result");
        } catch (ExecutionException expected) {
            // the loss is reported
        } catch (TimeoutException e) {
            throw new IllegalStateException("the loss of a worker was not reported within " + NOTICE_SECONDS + " s", e);
        }
    }

    static void delete(Path directory) throws IOException {
        try (var files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
