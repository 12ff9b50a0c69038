package dev.brigade.process.scheduling;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.brigade.process.protocol.Frame;
import dev.brigade.process.scheduling.PoolFixture.TestAttempt;
import dev.brigade.process.scheduling.PoolFixture.TestWorker;
import dev.brigade.process.scheduling.WorkerRecord.State;
import dev.brigade.spi.StopMode;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tests of the tasks that workers are given: the decisions of a pool of two workers, without a process. */
final class PoolStateTest {
    private static final int WORKERS = 2;
    private static final long QUICK_NANOS = TimeUnit.MICROSECONDS.toNanos(1);

    private final PoolFixture pool = new PoolFixture(WORKERS);
    private final PoolBatch batch = pool.batch(WORKERS);
    private TestAttempt first = pool.submit(batch);

    /** Slot 0 is up and has one quick task, another task waits, and the second worker is being started. */
    @BeforeEach
    void oneIsUpAndOneIsToCome() {
        pool.ready(0);
        batch.depth.sample(QUICK_NANOS);
        pool.submit(batch);
    }

    @Test
    void nothingWaitsAtAWorkerWhileAnotherIsToCome() {
        pool.tick();
        assertEquals(State.STARTING, pool.at(1).state);
        assertEquals(1, pool.at(0).queue.size());
        assertEquals(1, batch.waiting.size());
    }

    @Test
    void whereTheOtherCannotBeStartedItIsNotWaitedFor() {
        pool.failToStart(pool.at(1));
        pool.tick();
        assertEquals(2, pool.at(0).queue.size());
        assertEquals(0, batch.waiting.size());
    }

    @Test
    void onceBothAreUpQuickTasksWaitAtThem() {
        pool.ready(1);
        pool.submit(batch);
        pool.submit(batch);
        assertEquals(2, pool.at(0).queue.size());
        assertEquals(2, pool.at(1).queue.size());
        assertEquals(0, batch.waiting.size());
    }

    @Test
    void noWorkerIsStartedForWhatMayNotMove() {
        PoolFixture narrow = new PoolFixture(WORKERS);
        PoolBatch atOne = narrow.batch(1);
        atOne.depth.sample(QUICK_NANOS);
        narrow.submit(atOne);
        narrow.ready(0);
        narrow.submit(atOne);
        assertEquals(2, narrow.at(0).queue.size());
        narrow.passNanos(TimeUnit.SECONDS.toNanos(1));
        narrow.tick();
        assertTrue(narrow.isEmpty(1));
    }

    @Test
    void aTaskIsToldToHaveStartedBeforeItsEnd() {
        pool.answer(pool.at(0), first.id, QUICK_NANOS);
        assertEquals(List.of("started", "answered"), first.told);
        pool.answer(pool.at(0), first.id, QUICK_NANOS);
        assertEquals(List.of("started", "answered"), first.told);
    }

    @Test
    void framesAreSentInTheOrderOfTheQueue() {
        pool.ready(1);
        List<Integer> queued = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            pool.submit(batch);
        }
        TestWorker worker = pool.at(0);
        for (PoolAttempt attempt : worker.queue.toList()) {
            queued.add(attempt.id);
        }
        assertTrue(queued.size() > 1);
        assertEquals(queued, worker.sent(Frame.RUN));
        assertEquals(1, worker.sent(Frame.FUNCTION).size());
    }

    /** Only the socket tells that a task before this one was given back; the ring cannot. */
    @Test
    void aResultOfTheRingBehindAnotherTaskWaitsForTheSocket() {
        pool.ready(1);
        TestAttempt behind = pool.submit(batch);
        pool.submit(batch);
        TestWorker worker = (TestWorker) behind.worker;
        PoolAttempt head = worker.queue.first();
        assertFalse(head == behind);
        List<Frame> results = List.of(Frame.of(Frame.RESULT, behind.id));
        assertEquals(0, pool.state.results(worker, results, pool.now));
        pool.state.received(worker, Frame.of(Frame.RETURNED, head.id), pool.now);
        assertEquals(1, pool.state.results(worker, results, pool.now));
        assertEquals(List.of("started", "answered"), behind.told);
    }

    @Test
    void aWaitingTaskThatIsStoppedIsGivenBackToTheEngine() {
        TestAttempt waiting = pool.submit(batch);
        pool.state.stop(waiting, StopMode.CANCEL, pool.now);
        assertEquals(List.of("returned"), waiting.told);
        pool.ready(1);
        assertEquals(List.of("returned"), waiting.told);
    }

    @Test
    void aTaskThatIgnoresItsEndCostsItsWorkerAfterTheGrace() {
        pool.state.stop(first, StopMode.INTERRUPT, pool.now);
        TestWorker worker = pool.at(0);
        assertEquals(List.of(first.id), worker.sent(Frame.CANCEL));
        pool.passNanos(PoolFixture.GRACE_NANOS - 1);
        assertTrue(pool.tick() <= 1);
        assertEquals(0, worker.kills);
        pool.passNanos(1);
        pool.tick();
        assertEquals(1, worker.kills);
    }

    @Test
    void aWorkerThatIsNotReadyInTimeIsKilled() {
        pool.passNanos(PoolFixture.START_NANOS);
        TestWorker late = pool.at(1);
        pool.tick();
        assertEquals(1, late.kills);
        pool.die(late, null, java.util.Map.of());
        assertEquals("NEVER_READY", late.reason);
    }

    @Test
    void closingGivesBackWhatWaitsAndKillsWhoRuns() throws InterruptedException {
        TestAttempt waiting = pool.submit(batch);
        pool.state.close(pool.now);
        assertEquals(List.of("returned"), waiting.told);
        assertEquals(1, pool.at(0).kills);
        assertEquals(1, pool.at(1).kills);
        TestAttempt late = new TestAttempt(99, batch, PoolFixture.NOTHING, new LossHistory() {}, 1);
        assertFalse(pool.state.submit(late, pool.now));
        assertEquals(List.of(), late.told);
        pool.die(pool.at(0), null, java.util.Map.of());
        pool.die(pool.at(1), null, java.util.Map.of());
        assertTrue(pool.state.awaitAllReaped(System.nanoTime()));
        assertEquals(List.of("started", "failed"), first.told);
    }

    @Test
    void aBrokenPoolFailsAllWithTheCauseAndSaysSoFromThenOn() throws InterruptedException {
        TestAttempt waiting = pool.submit(batch);
        OutOfMemoryError cause = new OutOfMemoryError("Java heap space");
        pool.state.breakDown(cause);
        for (TestAttempt attempt : List.of(first, waiting)) {
            assertEquals("failed", attempt.told.get(attempt.told.size() - 1));
            assertInstanceOf(IllegalStateException.class, attempt.failure);
            assertEquals(cause, attempt.failure.getCause());
        }
        assertEquals(
                List.of(1, 1),
                pool.launched.stream().map(worker -> worker.kills).toList());
        TestAttempt late = pool.submit(batch);
        assertEquals(List.of("failed"), late.told);
        assertEquals(cause, late.failure.getCause());
        for (TestWorker worker : pool.launched) {
            pool.die(worker, null, java.util.Map.of());
        }
        assertTrue(pool.state.awaitAllReaped(System.nanoTime()));
    }

    @Test
    void aMapsTaskTakesTheLockTwice() {
        pool.ready(1);
        long before = pool.state.decisions();
        int tasks = 100;
        for (int i = 0; i < tasks; i++) {
            TestAttempt attempt = pool.submit(batch);
            TestWorker worker = (TestWorker) attempt.worker;
            if (worker != null) {
                List<Frame> results = new ArrayList<>();
                for (PoolAttempt queued : worker.queue.toList()) {
                    results.add(new Frame(Frame.RESULT, queued.id, 0, 0, (byte) 0, QUICK_NANOS, Frame.NO_BYTES));
                }
                pool.state.results(worker, results, pool.now);
            }
        }
        assertTrue(pool.state.decisions() - before <= 2L * tasks);
    }

    /** The event loop may wait without end while the pool is idle, and any thread may close the pool. */
    @Test
    void aCloseWakesTheLoopForTheExitsThatItAsksFor() {
        PoolFixture idle = new PoolFixture(1);
        TestAttempt only = idle.submit(idle.batch(1));
        idle.ready(0);
        idle.answer(idle.at(0), only.id, QUICK_NANOS);
        assertEquals(PoolState.NEVER_NANOS, idle.tick());
        int before = idle.loop.wakeups;
        idle.state.close(idle.now);
        assertTrue(idle.loop.wakeups > before, "the loop was not woken");
        assertEquals(PoolFixture.GRACE_NANOS, idle.tick());
    }

    /** A body of an in-process runner may submit with hardly any stack left. Nothing stays half done, and other tasks go on. */
    @Test
    void theEndOfTheCallersStackLosesNothing() throws InterruptedException {
        PoolFixture deep = new PoolFixture(PoolFixture.limits(WORKERS), false);
        PoolBatch many = deep.batch(WORKERS);
        List<TestAttempt> attempts = new ArrayList<>();
        Thread thread = new Thread(null, () -> submitAtTheEnd(deep, many, attempts), "deep", 256 * 1024);
        thread.start();
        thread.join(TimeUnit.SECONDS.toMillis(60));
        assertFalse(thread.isAlive());
        assertTrue(attempts.size() > 10, () -> attempts.size() + " attempts");
        deep.tick();
        deep.ready(0);
        deep.ready(1);
        for (int round = 0; round < 10 * attempts.size(); round++) {
            for (int slot = 0; slot < WORKERS; slot++) {
                PoolAttempt head = deep.at(slot).queue.first();
                if (head != null) {
                    deep.answer(deep.at(slot), head.id, QUICK_NANOS);
                }
            }
        }
        for (TestAttempt attempt : attempts) {
            boolean never = attempt.phase == PoolAttempt.Phase.NEW;
            assertTrue(
                    never || attempt.told.equals(List.of("started", "answered")),
                    () -> attempt.phase + " " + attempt.told);
        }
        TestAttempt later = deep.submit(many);
        deep.answer(later.worker, later.id, QUICK_NANOS);
        assertEquals(List.of("started", "answered"), later.told);
    }

    /** Submits from the deepest frame, and again from each frame above it, until enough submits have succeeded. */
    @SuppressWarnings("InfiniteRecursion") // until the stack ends
    private static int submitAtTheEnd(PoolFixture pool, PoolBatch batch, List<TestAttempt> attempts) {
        int succeeded = 0;
        try {
            succeeded = submitAtTheEnd(pool, batch, attempts);
        } catch (StackOverflowError e) {
            // The stack has ended here.
        }
        if (succeeded < 20) {
            TestAttempt attempt =
                    new TestAttempt(attempts.size() + 5000, batch, PoolFixture.NOTHING, new LossHistory() {}, 1);
            attempts.add(attempt);
            pool.state.submit(attempt, pool.now);
            return succeeded + 1;
        }
        return succeeded;
    }
}
