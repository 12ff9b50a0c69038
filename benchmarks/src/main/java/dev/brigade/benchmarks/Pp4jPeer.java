package dev.brigade.benchmarks;

import java.io.Serializable;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import net.viktorc.pp4j.impl.JavaProcessPoolExecutor;
import net.viktorc.pp4j.impl.SimpleJavaProcessOptions;

/** PP4J's pool of JVMs, which talks over their standard streams. */
final class Pp4jPeer extends SubmittingPeer {
    private static final long KEEP_ALIVE_FOR_EVER = 0;
    private final JavaProcessPoolExecutor pool;

    Pp4jPeer(int workers) throws InterruptedException {
        super(workers);
        pool = new JavaProcessPoolExecutor(
                new SimpleJavaProcessOptions(KEEP_ALIVE_FOR_EVER), workers, workers, 0, (JobRunnable) () -> {}, false);
    }

    /** The type that PP4J's pool takes. */
    interface JobRunnable extends Runnable, Serializable {}

    @Override
    <T extends Serializable> Future<T> submit(PeerTask<T> job) {
        return pool.submit(job, false);
    }

    @Override
    public void close() throws InterruptedException {
        pool.shutdown();
        pool.awaitTermination(10, TimeUnit.SECONDS);
    }
}
