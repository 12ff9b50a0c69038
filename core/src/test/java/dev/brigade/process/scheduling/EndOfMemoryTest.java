package dev.brigade.process.scheduling;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.brigade.process.protocol.Frame;
import dev.brigade.process.scheduling.PoolFixture.TestAttempt;
import dev.brigade.process.scheduling.PoolFixture.TestWorker;
import dev.brigade.spi.StopMode;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Tests of the parent's memory ending while a decision is made: an error that is thrown where the decision allocates. */
final class EndOfMemoryTest {
    private static final long QUICK_NANOS = TimeUnit.MICROSECONDS.toNanos(1);

    private final OutOfMemoryError noMemory = new OutOfMemoryError("Java heap space, on purpose");

    /** The frames of an attempt are made when it is handed out. */
    private final class WithoutFrames extends TestAttempt {
        WithoutFrames(int id, PoolBatch batch) {
            super(id, batch, PoolFixture.NOTHING, new LossHistory() {}, 1);
        }

        @Override
        long batchRemainingNanos(long now) {
            throw noMemory;
        }
    }

    @Test
    void anAttemptWhoseFramesCannotBeMadeFailsAloneAndUnbegun() {
        PoolFixture pool = new PoolFixture(1);
        PoolBatch batch = pool.batch(1);
        TestAttempt before = pool.submit(batch);
        TestAttempt guilty = new WithoutFrames(90, batch);
        assertTrue(pool.state.submit(guilty, pool.now));
        TestAttempt behind = pool.submit(batch);
        pool.ready(0);
        TestWorker worker = pool.at(0);
        pool.answer(worker, before.id, QUICK_NANOS);
        pool.answer(worker, behind.id, QUICK_NANOS);
        assertEquals(List.of("failed"), guilty.told);
        assertSame(noMemory, guilty.failure);
        assertEquals(List.of("started", "answered"), before.told);
        assertEquals(List.of("started", "answered"), behind.told);
        assertEquals(List.of(before.id, behind.id), worker.sent(Frame.RUN));
        assertFalse(pool.state.isBroken());
        assertEquals(0, batch.outstanding());
        assertEquals(0, pool.state.waitingAttempts());
        assertTrue(batch.room() > 0);
    }

    /** The first attempt of a batch takes the function along, so the function has to go with the next one. */
    @Test
    void theNextAttemptTakesTheFunctionAlong() {
        PoolFixture pool = new PoolFixture(1);
        PoolBatch other = pool.batch(1);
        TestAttempt first = pool.submit(other);
        pool.ready(0);
        TestWorker worker = pool.at(0);
        pool.answer(worker, first.id, QUICK_NANOS);
        PoolBatch batch = pool.batch(1001, 1, PoolFixture.NOTHING);
        TestAttempt guilty = new WithoutFrames(90, batch);
        assertTrue(pool.state.submit(guilty, pool.now));
        assertEquals(List.of("failed"), guilty.told);
        int framesBefore = worker.frames.size();
        TestAttempt next = pool.submit(batch);
        assertEquals(
                List.of(Frame.FUNCTION, Frame.RUN),
                worker.frames.subList(framesBefore, worker.frames.size()).stream()
                        .map(Frame::type)
                        .toList());
        pool.answer(worker, next.id, QUICK_NANOS);
        assertEquals(List.of("started", "answered"), next.told);
    }

    /** A user's thread has no memory to leave an end to the event loop. */
    @Test
    void anEndThatCannotBeLeftToTheLoopIsTold() {
        PoolFixture pool = new PoolFixture(PoolFixture.limits(1), false);
        PoolBatch batch = pool.batch(1);
        TestAttempt waits = pool.submit(batch);
        pool.loop.noMemory = noMemory;
        pool.state.stop(waits, StopMode.CANCEL, pool.now);
        assertEquals(List.of("returned"), waits.told);
    }

    /** Elsewhere in a decision, an attempt may be half on its way: the pool is broken, and all are told. */
    @Test
    void anyOtherDecisionThatBreaksOffBreaksThePoolAndLosesNothing() throws InterruptedException {
        boolean[] full = {false};
        PoolFixture[] made = new PoolFixture[1];
        PoolState.WorkerFactory factory = (number, slot, startDeadlineNanos) -> {
            if (full[0]) {
                throw noMemory;
            }
            return made[0].new TestWorker(number, slot, startDeadlineNanos);
        };
        PoolFixture pool = new PoolFixture(PoolFixture.limits(2), factory);
        made[0] = pool;
        PoolBatch batch = pool.batch(2);
        TestAttempt running = pool.submit(batch);
        pool.ready(0);
        full[0] = true;
        TestAttempt starving = pool.submit(batch);
        full[0] = false;
        assertTrue(pool.state.isBroken());
        assertEquals(List.of("started", "failed"), running.told);
        assertEquals(List.of("failed"), starving.told);
        for (TestAttempt attempt : List.of(running, starving)) {
            assertInstanceOf(IllegalStateException.class, attempt.failure);
            assertSame(noMemory, attempt.failure.getCause());
        }
        TestWorker worker = pool.at(0);
        assertEquals(1, worker.kills);
        pool.die(worker, null, Map.of());
        assertTrue(pool.state.awaitAllReaped(System.nanoTime()));
    }
}
