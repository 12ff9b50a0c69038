package dev.brigade.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeoutException;

/** The bodies that workers run; each peer the same. */
final class PeerTasks {
    private static final long PATIENCE_NANOS = 30_000_000_000L;

    private PeerTasks() {}

    static PeerTask<Integer> increment(int i) {
        return () -> i + 1;
    }

    static PeerTask<Integer> length(byte[] data) {
        return () -> data.length;
    }

    static PeerTask<byte[]> make(int size) {
        return () -> new byte[size];
    }

    static PeerTask<Long> squares(long from, long to) {
        return () -> sumOfSquares(from, to);
    }

    /** Modulo 2^64; each step needs the one before it, so that no compiler makes it a formula. */
    static long sumOfSquares(long from, long to) {
        long sum = 0;
        for (long i = from; i < to; i++) {
            sum += i * i;
            sum ^= sum >>> 32;
        }
        return sum;
    }

    /** Comes back once all have come; says which process came. */
    static PeerTask<Long> meet(String directory, int me, int everybody) {
        return () -> {
            Files.createFile(Path.of(directory, Integer.toString(me)));
            long begin = System.nanoTime();
            while (count(directory) < everybody) {
                if (System.nanoTime() - begin > PATIENCE_NANOS) {
                    throw new TimeoutException("the other workers did not come");
                }
                Thread.sleep(1);
            }
            return ProcessHandle.current().pid();
        };
    }

    private static int count(String directory) throws IOException {
        try (var files = Files.list(Path.of(directory))) {
            return (int) files.count();
        }
    }

    /** Writes down its process id and does nothing for a minute. */
    static PeerTask<Integer> hang(String file) {
        return () -> {
            Path part = Path.of(file + ".part");
            Files.writeString(part, Long.toString(ProcessHandle.current().pid()));
            Files.move(part, Path.of(file));
            Thread.sleep(60_000);
            return 0;
        };
    }
}
