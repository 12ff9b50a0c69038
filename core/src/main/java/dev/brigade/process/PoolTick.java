package dev.brigade.process;

import dev.brigade.process.connection.PoolEventLoop;
import dev.brigade.process.connection.ResultRingPoller;
import dev.brigade.process.connection.WorkerAcceptor;
import dev.brigade.process.scheduling.PoolState;
import dev.brigade.process.scheduling.WorkerExit;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One round of the event loop: takes results, reaps dead workers, lets the state do what is due, sends the queued frames.
 *
 * <p>Design note: on the event loop's thread only.
 */
final class PoolTick implements PoolEventLoop.Handler {
    /** Longest wait for more output after a worker's exit: a process that it has started may hold the pipe. */
    static final long DRAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    /** Longest time between two rounds: a thread whose stack ends may leave actions of the state, and cannot wake the event loop. */
    static final long MAX_WAIT_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final PoolState state;
    private final ResultRingPoller poller;
    private final Runnable flush;
    private final Supplier<@Nullable WorkerAcceptor> acceptor;

    /** Workers whose process has ended, and whose last output may still come. */
    private final List<Ended> ended = new ArrayList<>();

    /** Something has been asked for that may be due before the time that was worked out. */
    private boolean dueAgain;

    private record Ended(ProcessWorker worker, WorkerExit exit, long reapByNanos) {}

    PoolTick(PoolState state, ResultRingPoller poller, Runnable flush, Supplier<@Nullable WorkerAcceptor> acceptor) {
        this.state = state;
        this.poller = poller;
        this.flush = flush;
        this.acceptor = acceptor;
    }

    /** The worker's process has ended, and its frames have been taken: it is reaped once its output has been read. */
    void ended(ProcessWorker worker, WorkerExit exit) {
        // Twice, so that the end of the output, where that is made, comes before.
        ended.add(new Ended(worker, exit, System.nanoTime() + 2 * DRAIN_NANOS));
    }

    @Override
    public long tick() {
        boolean news = poller.pollAll();
        dueAgain = false;
        state.drain();
        long nextReaping = reap();
        long next = Math.min(nextReaping, state.tick(news, System.nanoTime()));
        flush.run();
        WorkerAcceptor open = acceptor.get();
        long ofAcceptor = open == null ? next : open.tick(System.nanoTime());
        return dueAgain ? 0 : Math.min(MAX_WAIT_NANOS, Math.min(next, ofAcceptor));
    }

    private long reap() {
        long next = PoolState.NEVER_NANOS;
        // No List.remove: a record's equals is linked at run time, and the JDK keeps that class loader reachable for
        // long.
        for (Iterator<Ended> i = ended.iterator(); i.hasNext(); ) {
            Ended one = i.next();
            long left = one.reapByNanos - System.nanoTime();
            if (left <= 0 || one.worker.drained.getCount() == 0) {
                state.exited(one.worker, withStderr(one), System.nanoTime());
                i.remove(); // where that throws, the next round tries again
            } else {
                next = Math.min(next, left);
            }
        }
        return next;
    }

    private static WorkerExit withStderr(Ended one) {
        WorkerExit exit = one.exit;
        return new WorkerExit(
                exit.code(),
                exit.progress(),
                one.worker.stderr().lines(),
                exit.cause(),
                one.worker.stateAtKill,
                exit.fromArchive(),
                exit.living());
    }

    /** There is to be another round before the next wait. */
    void again() {
        dueAgain = true;
    }

    @Override
    public boolean mayWait() {
        return poller.mayWait();
    }

    @Override
    public void waited() {
        poller.waited();
    }
}
