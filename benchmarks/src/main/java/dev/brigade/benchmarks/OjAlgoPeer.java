package dev.brigade.benchmarks;

import java.io.Serializable;
import java.util.concurrent.Future;
import org.ojalgo.concurrent.ExternalProcessExecutor;

/** ojAlgo's executor: one child JVM for each thread of a pool; it has no close. */
final class OjAlgoPeer extends SubmittingPeer {
    private final ExternalProcessExecutor executor;

    OjAlgoPeer(int workers) {
        super(workers);
        executor = ExternalProcessExecutor.newInstance(workers);
    }

    @Override
    <T extends Serializable> Future<T> submit(PeerTask<T> job) {
        return executor.call(job);
    }

    @Override
    public void close() {
        // its processes end with this one
    }
}
