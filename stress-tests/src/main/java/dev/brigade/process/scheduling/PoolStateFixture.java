package dev.brigade.process.scheduling;

import dev.brigade.process.protocol.Frame;
import dev.brigade.spi.TaskForm;
import dev.brigade.transport.Payload;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The shipped decisions of a pool of one worker, without its process, channel or threads: a test says what happens to them.
 *
 * <p>It costs microseconds, so that a test can have a million of them.
 */
final class PoolStateFixture {
    private static final int ATTEMPT = 7;
    private static final Payload NOTHING = new Payload((byte) 0, new byte[0]);

    /** One worker, which may leave as soon as it is idle. */
    private static final PoolLimits LIMITS =
            new PoolLimits(1, 0, TimeUnit.SECONDS.toNanos(5), 0, TimeUnit.MINUTES.toNanos(1), 0, "Main");

    final AtomicInteger launches = new AtomicInteger();
    private final PoolState state = new PoolState(LIMITS, RigWorker::new, new NoLoop());
    private final PoolBatch batch =
            state.open(1, "", 1, PoolAttempt.NO_DEADLINE, new PoolBatch.Common(NOTHING, TaskForm.FUNCTION, null));
    final FixtureAttempt attempt = new FixtureAttempt(batch);
    private WorkerRecord worker;

    /** Every actor does its own actions. */
    private static final class NoLoop implements PoolState.EventLoop {
        @Override
        public boolean isCurrent() {
            return true;
        }

        @Override
        public boolean execute(Runnable action) {
            return false;
        }

        @Override
        public void wakeup() {
            // The test ticks.
        }
    }

    private final class RigWorker extends WorkerRecord {
        RigWorker(int number, int slot, long startDeadlineNanos) {
            super(number, slot, startDeadlineNanos);
        }

        @Override
        protected void launch() {
            launches.incrementAndGet();
        }

        @Override
        protected void kill() {
            // There is no process.
        }

        @Override
        protected void send(Frame frame) {
            // There is no channel.
        }

        @Override
        protected void sendBrokeOff() {
            // There is no channel.
        }

        @Override
        protected void reaped(WorkerExit exit, String reason, boolean archiveSuspected) {
            // Nothing is left to be done.
        }
    }

    /** What the engine was told, as one word for each answer. */
    static final class FixtureAttempt extends PoolAttempt {
        private String told = "";

        FixtureAttempt(PoolBatch batch) {
            super(ATTEMPT, batch, NOTHING, new LossHistory() {}, 1, 0, 0, false);
        }

        private synchronized void tell(String what) {
            told = told.isEmpty() ? what : told + " " + what;
        }

        synchronized String told() {
            return told;
        }

        @Override
        protected void started(String workerName) {
            // Told before any answer, as the order of the actions is that of the decisions.
        }

        @Override
        protected void answered(Payload answer) {
            tell("result");
        }

        @Override
        protected void failed(Throwable why) {
            tell("lost");
        }

        @Override
        protected void returned() {
            tell("returned");
        }
    }

    /** One whose worker is ready and idle. */
    static PoolStateFixture idle() {
        PoolStateFixture fixture = new PoolStateFixture();
        FixtureAttempt first = new FixtureAttempt(fixture.batch);
        fixture.state.submit(first, 0);
        fixture.worker = fixture.state.workers().get(0);
        fixture.state.received(fixture.worker, Frame.of(Frame.READY, 0), 0);
        fixture.result();
        fixture.launches.set(0);
        return fixture;
    }

    /** One whose worker runs the attempt. */
    static PoolStateFixture busy() {
        PoolStateFixture fixture = idle();
        fixture.dispatch();
        return fixture;
    }

    // ---- what can happen

    /** The engine starts the attempt. */
    void dispatch() {
        state.submit(attempt, 0);
    }

    /** The worker's result for the attempt arrives. */
    void result() {
        state.received(worker, Frame.of(Frame.RESULT, ATTEMPT), 0);
    }

    /** The worker gives the attempt back. */
    void givenBack() {
        state.received(worker, Frame.of(Frame.RETURNED, ATTEMPT), 0);
    }

    /** The worker's process has ended, and its output has been read. */
    void death() {
        state.ended(worker);
        state.exited(worker, new WorkerExit(1, null, List.of(), null, "", false, Map.of()), 0);
    }

    /** The clock has moved on. */
    void tick() {
        state.tick(false, 0);
    }

    // ---- what has become of it

    int outstanding() {
        return batch.outstanding();
    }

    boolean isGiven() {
        return attempt.worker == worker;
    }

    WorkerRecord.State workerState() {
        return worker.state;
    }
}
