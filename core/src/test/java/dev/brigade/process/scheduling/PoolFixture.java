package dev.brigade.process.scheduling;

import dev.brigade.process.protocol.Frame;
import dev.brigade.process.protocol.ProgressFile;
import dev.brigade.spi.TaskForm;
import dev.brigade.transport.Payload;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A pool's decisions without a process, thread or clock: time stands still unless a test moves it. */
final class PoolFixture {
    static final Payload NOTHING = new Payload((byte) 0, new byte[0]);
    static final long GRACE_NANOS = TimeUnit.SECONDS.toNanos(5);
    static final long START_NANOS = TimeUnit.MINUTES.toNanos(1);

    final PoolState state;
    final NoLoop loop;
    final List<TestWorker> launched = new ArrayList<>();
    long now = 1_000_000_000L;
    private int numbers;

    PoolFixture(int workers) {
        this(limits(workers));
    }

    PoolFixture(PoolLimits limits) {
        this(limits, true);
    }

    /** Makes a fixture; {@code onLoop} is true if decisions are made on the event loop's thread. */
    PoolFixture(PoolLimits limits, boolean onLoop) {
        loop = new NoLoop(onLoop);
        state = new PoolState(limits, TestWorker::new, loop);
    }

    PoolFixture(PoolLimits limits, PoolState.WorkerFactory factory) {
        loop = new NoLoop(true);
        state = new PoolState(limits, factory, loop);
    }

    static PoolLimits limits(int workers) {
        return new PoolLimits(workers, 0, GRACE_NANOS, PoolLimits.NEVER, START_NANOS, 0, "Main");
    }

    /** There is no event loop: every thread does its own actions. */
    static final class NoLoop implements PoolState.EventLoop {
        private final boolean isCurrent;
        int wakeups;

        /** Thrown where an action is left to the loop; null if nothing is. */
        @Nullable
        OutOfMemoryError noMemory;

        NoLoop(boolean isCurrent) {
            this.isCurrent = isCurrent;
        }

        @Override
        public boolean isCurrent() {
            return isCurrent;
        }

        @Override
        public boolean execute(Runnable action) {
            if (noMemory != null) {
                throw noMemory;
            }
            return false;
        }

        @Override
        public void wakeup() {
            wakeups++; // the test ticks
        }
    }

    final class TestWorker extends WorkerRecord {
        final List<Frame> frames = new ArrayList<>();
        int kills;
        boolean brokeOff;

        @Nullable
        String reason;

        TestWorker(int number, int slot, long startDeadlineNanos) {
            super(number, slot, startDeadlineNanos);
        }

        @Override
        protected void launch() {
            launched.add(this);
        }

        @Override
        protected void kill() {
            kills++;
        }

        @Override
        protected void send(Frame frame) {
            frames.add(frame);
        }

        @Override
        protected void sendBrokeOff() {
            brokeOff = true;
        }

        @Override
        protected void reaped(WorkerExit exit, String why, boolean archiveSuspected) {
            reason = why;
        }

        List<Integer> sent(int type) {
            return frames.stream()
                    .filter(frame -> frame.type() == type)
                    .map(Frame::id)
                    .toList();
        }
    }

    static class TestAttempt extends PoolAttempt {
        final List<String> told = new ArrayList<>();

        @Nullable
        Throwable failure;

        TestAttempt(int id, PoolBatch batch, Payload input, LossHistory losses, int number) {
            super(id, batch, input, losses, number, id, 0, false);
        }

        @Override
        protected void started(String workerName) {
            told.add("started");
        }

        @Override
        protected void answered(Payload answer) {
            told.add("answered");
        }

        @Override
        protected void failed(Throwable why) {
            told.add("failed");
            failure = why;
        }

        @Override
        protected void returned() {
            told.add("returned");
        }
    }

    PoolBatch batch(int limit) {
        return batch(1000, limit, NOTHING);
    }

    PoolBatch batch(int id, int limit, Payload function) {
        return state.open(
                id, "", limit, PoolAttempt.NO_DEADLINE, new PoolBatch.Common(function, TaskForm.FUNCTION, null));
    }

    TestAttempt submit(PoolBatch batch) {
        return submit(batch, NOTHING, 1);
    }

    TestAttempt submit(PoolBatch batch, Payload input, int number) {
        TestAttempt attempt = new TestAttempt(++numbers, batch, input, new LossHistory() {}, number);
        state.submit(attempt, now);
        return attempt;
    }

    /** Returns the worker of a slot. */
    TestWorker at(int slot) {
        return state.workers().stream()
                .filter(worker -> worker.slot == slot && worker.state != WorkerRecord.State.LEAVING)
                .map(TestWorker.class::cast)
                .findFirst()
                .orElseThrow(() -> new AssertionError("slot " + slot + " is empty"));
    }

    boolean isEmpty(int slot) {
        return state.workers().stream()
                .noneMatch(worker -> worker.slot == slot && worker.state != WorkerRecord.State.LEAVING);
    }

    void ready(int slot) {
        TestWorker worker = at(slot);
        state.launched(worker, 1000 + worker.number());
        state.connected(worker);
        state.received(worker, Frame.of(Frame.READY, 0), now);
    }

    void answer(WorkerRecord worker, int id, long bodyNanos) {
        state.received(worker, new Frame(Frame.RESULT, id, 0, 0, (byte) 0, bodyNanos, Frame.NO_BYTES), now);
    }

    void die(WorkerRecord worker, ProgressFile.@Nullable Entry last, Map<Integer, ProgressFile.Entry> living) {
        state.ended(worker);
        state.exited(worker, new WorkerExit(1, last, List.of(), null, "", false, living), now);
    }

    void failToStart(WorkerRecord worker) {
        state.launchFailed(worker, WorkerExit.notStarted(new java.io.IOException("none"), List.of()), true, now);
    }

    long tick() {
        return state.tick(false, now);
    }

    void passNanos(long nanos) {
        now += nanos;
    }
}
