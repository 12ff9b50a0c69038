package dev.brigade.process.scheduling;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.brigade.WorkerLostException;
import dev.brigade.process.protocol.Frame;
import dev.brigade.process.protocol.ProgressFile;
import dev.brigade.process.scheduling.PoolFixture.TestAttempt;
import dev.brigade.process.scheduling.PoolFixture.TestWorker;
import dev.brigade.transport.Payload;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tests of the blame for the deaths of workers: the decisions of a pool of two workers, without a process. */
final class BlameResolverTest {
    private static final int WORKERS = 2;
    private static final int BATCH = 1000;
    private static final int OTHER_BATCH = 2000;
    private static final int MANY = 20;

    private final PoolFixture pool = new PoolFixture(WORKERS);
    private final PoolBatch batch = pool.batch(BATCH, WORKERS, PoolFixture.NOTHING);
    private final List<TestAttempt> attempts = new ArrayList<>();

    @BeforeEach
    void manyWait() {
        for (int i = 0; i < MANY; i++) {
            attempts.add(pool.submit(batch));
        }
        pool.ready(0);
        pool.ready(1);
    }

    @Test
    void aFunctionThatNoWorkerHasDecodedFailsItsBatchAtTheThirdDeath() {
        dieDecoding(0);
        dieDecoding(0);
        assertNull(batch.failure);
        dieDecoding(0);
        assertNotNull(batch.failure);
        assertTrue(failures() > 3);
    }

    /** Another worker still has tasks of the batch then, and gives one back. */
    @Test
    void whatComesBackToABatchThatHasFailedFailsUntried() {
        batch.depth.sample(TimeUnit.MICROSECONDS.toNanos(1));
        pool.tick();
        PoolAttempt behind = pool.at(1).queue.toList().get(1);
        for (int i = 0; i < 3; i++) {
            dieDecoding(0);
        }
        assertNotNull(batch.failure);
        pool.state.received(pool.at(1), Frame.of(Frame.RETURNED, behind.id), pool.now);
        TestAttempt untried =
                attempts.stream().filter(one -> one == behind).findFirst().orElseThrow();
        assertEquals(List.of("failed"), untried.told);
        assertInstanceOf(WorkerLostException.class, untried.failure);
        assertEquals(0, batch.waiting.size());
    }

    @Test
    void aFunctionThatAnyWorkerHasDecodedIsNotToBlame() {
        pool.answer(pool.at(1), head(1).id, 1);
        for (int i = 0; i < 6; i++) {
            dieDecoding(0);
        }
        assertNull(batch.failure);
        assertEquals(6, failures());
    }

    @Test
    void aFunctionWhoseBodyRunsSomewhereIsNotToBlame() {
        Map<Integer, ProgressFile.Entry> living = Map.of(pool.at(1).number(), entry(head(1).id, ProgressFile.NONE));
        for (int i = 0; i < 6; i++) {
            die(0, entry(head(0).id, BATCH), living);
        }
        assertNull(batch.failure);
        assertEquals(6, failures());
    }

    /** The other worker is still decoding the function, so it does not prove that decoding works. */
    @Test
    void aWorkerThatDecodesElsewhereIsNoWitness() {
        Map<Integer, ProgressFile.Entry> living = Map.of(pool.at(1).number(), entry(head(1).id, BATCH));
        for (int i = 0; i < 3; i++) {
            die(0, entry(head(0).id, BATCH), living);
        }
        assertNotNull(batch.failure);
    }

    /** The other worker has failed to decode the function; its reply is on its way. */
    @Test
    void aWorkerThatCouldNotDecodeIsNoWitness() {
        Map<Integer, ProgressFile.Entry> living = Map.of(pool.at(1).number(), entry(head(1).id, ProgressFile.FAILED));
        for (int i = 0; i < 3; i++) {
            die(0, entry(head(0).id, BATCH), living);
        }
        assertNotNull(batch.failure);
    }

    @Test
    void aWorkerThatDiedOfTellingThatItCouldNotDecodeIsNoWitness() {
        die(0, entry(head(0).id, ProgressFile.FAILED), Map.of());
        dieDecoding(0);
        dieDecoding(0);
        assertNull(batch.failure);
        dieDecoding(0);
        assertNotNull(batch.failure);
    }

    @Test
    void aFunctionWhoseBodyHadBegunIsNotToBlame() {
        for (int i = 0; i < 6; i++) {
            die(0, entry(head(0).id, ProgressFile.NONE), Map.of());
            dieDecoding(0);
        }
        assertNull(batch.failure);
        assertEquals(12, failures());
    }

    /** Three workers get tasks and die before they begin any. Then the task at the queue's head is blamed. */
    @Test
    void aTaskThatWorkersDieBeforeIsBlamedAtTheThirdDeath() {
        for (int i = 0; i < 2; i++) {
            die(0, entry(ProgressFile.NONE, ProgressFile.NONE), Map.of());
        }
        assertEquals(0, failures());
        die(0, entry(ProgressFile.NONE, ProgressFile.NONE), Map.of());
        assertEquals(1, failures());
    }

    @Test
    void aLargeFunctionGoesToAnIdleWorkerAloneAndNothingBehindIt() {
        batch.depth.sample(TimeUnit.MICROSECONDS.toNanos(1));
        Payload large = new Payload((byte) 0, new byte[(int) PoolState.MAX_QUEUED_BYTES + 1]);
        PoolBatch other = pool.batch(OTHER_BATCH, WORKERS, large);
        TestAttempt heavy = pool.submit(other);
        pool.submit(batch);
        for (int turns = 0; heavy.worker == null; turns++) {
            assertTrue(turns < MANY, "it waits for ever");
            answerHeads(null);
        }
        WorkerRecord worker = heavy.worker;
        assertEquals(1, worker.queue.size());
        answerHeads(worker);
        assertEquals(1, worker.queue.size());
        assertTrue(worker.queuedBytes > PoolState.MAX_QUEUED_BYTES);
        pool.answer(worker, heavy.id, 1);
        assertTrue(worker.queuedBytes <= PoolState.MAX_QUEUED_BYTES);
    }

    private void answerHeads(WorkerRecord except) {
        for (int slot = 0; slot < WORKERS; slot++) {
            TestWorker worker = pool.at(slot);
            PoolAttempt head = worker.queue.first();
            if (worker != except && head != null) {
                pool.answer(worker, head.id, 1);
            }
        }
    }

    private long failures() {
        return attempts.stream().filter(attempt -> attempt.failure != null).count();
    }

    private static ProgressFile.Entry entry(int attempt, int decoding) {
        return new ProgressFile.Entry(attempt, decoding, 0);
    }

    /** Lets the worker die while it decodes the function for the task at its queue's head. */
    private void dieDecoding(int slot) {
        die(slot, entry(head(slot).id, BATCH), Map.of());
    }

    private void die(int slot, ProgressFile.Entry last, Map<Integer, ProgressFile.Entry> living) {
        pool.die(pool.at(slot), last, living);
        pool.tick();
        if (!pool.isEmpty(slot)) {
            pool.ready(slot);
        }
    }

    private PoolAttempt head(int slot) {
        PoolAttempt head = pool.at(slot).queue.first();
        assertNotNull(head, () -> "slot " + slot + " has nothing to do");
        return head;
    }
}
