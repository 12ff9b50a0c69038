package dev.brigade.benchmarks;

import dev.brigade.runner.ProcessRunner;
import java.io.Serializable;
import java.util.List;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

/** Brigade's own, with nothing tuned. */
final class BrigadePeer extends SubmittingPeer {
    private final ProcessRunner runner;

    BrigadePeer(int workers) {
        super(workers);
        runner = ProcessRunner.of(workers);
    }

    @Override
    <T extends Serializable> Future<T> submit(PeerTask<T> job) {
        return runner.submit(job);
    }

    @Override
    void map(int n) throws Exception {
        List<Integer> results = runner.map(() -> IntStream.range(0, n).iterator(), i -> i + 1);
        check(results.size() == n && results.get(n - 1) == n);
    }

    @Override
    int send(byte[] data) throws Exception {
        return runner.map(List.of(data), bytes -> bytes.length).get(0);
    }

    @Override
    byte[] fetch(int n) throws Exception {
        return runner.map(List.of(n), size -> new byte[size]).get(0);
    }

    @Override
    public void close() {
        runner.close();
    }
}
