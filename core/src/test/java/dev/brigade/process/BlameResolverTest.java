package dev.brigade.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.brigade.process.protocol.ProgressFile;
import dev.brigade.transport.Payload;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who is blamed for the deaths of workers: the pool's decisions, of two workers, without a process. */
final class BlameResolverTest {
    private static final int CALL = 1000;
    private static final int OTHER_CALL = 2000;
    private static final int MANY = 20;

    private final PoolState crew = new PoolState(
            PoolStateTest.WORKERS, 0, PoolStateTest.SETTINGS.grace().toNanos());
    private final WorkerSupervisor supervisor =
            new WorkerSupervisor(crew, PoolStateTest.SETTINGS, new PoolStateTest.NoProcesses(), PoolStateTest::worker);
    private final PoolBatch<Object, Object> lane =
            PoolStateTest.lane(CALL, PoolStateTest.WORKERS, PoolStateTest.NOTHING, crew);
    private final List<PoolAttempt> items = new ArrayList<>();
    private final List<Object> failures = new ArrayList<>();

    @TempDir
    Path directory;

    @BeforeEach
    void manyWait() {
        for (int i = 0; i < MANY; i++) {
            start(lane);
        }
        ready(0);
        ready(1);
    }

    @Test
    void aFunctionThatNoWorkerHasDecodedFailsItsCallAtTheThirdDeath() {
        dieDecoding(0);
        dieDecoding(0);
        assertNull(lane.hopeless);
        dieDecoding(0);
        assertNotNull(lane.hopeless);
        assertTrue(failures.size() > 3, failures::toString);
    }

    @Test
    void aFunctionThatAnyWorkerHasDecodedIsNotToBlame() {
        PoolActions effects = new PoolActions();
        crew.settle(inSlot(1), head(1).id, 1, effects);
        effects.perform();
        for (int i = 0; i < 6; i++) {
            dieDecoding(0);
        }
        assertNull(lane.hopeless);
        assertEquals(6, failures.size());
    }

    @Test
    void aFunctionWhoseBodyRunsSomewhereIsNotToBlame() throws IOException {
        WorkerRecord busy = inSlot(1);
        busy.logbook = ProgressFile.Reader.create(directory.resolve("worker"));
        ProgressFile logbook = ProgressFile.open(directory.resolve("worker"));
        logbook.begins(head(1).id, CALL);
        logbook.decoded();
        for (int i = 0; i < 6; i++) {
            dieDecoding(0);
        }
        assertNull(lane.hopeless);
        assertEquals(6, failures.size());
    }

    /** It is at an item of another call. */
    @Test
    void aWorkerThatDecodesElsewhereIsNoWitness() throws IOException {
        WorkerRecord busy = inSlot(1);
        busy.logbook = ProgressFile.Reader.create(directory.resolve("worker"));
        ProgressFile.open(directory.resolve("worker")).begins(head(1).id, CALL);
        dieDecoding(0);
        dieDecoding(0);
        dieDecoding(0);
        assertNotNull(lane.hopeless);
    }

    /** Its reply is on its way. */
    @Test
    void aWorkerThatCouldNotDecodeIsNoWitness() throws IOException {
        WorkerRecord busy = inSlot(1);
        busy.logbook = ProgressFile.Reader.create(directory.resolve("worker"));
        ProgressFile logbook = ProgressFile.open(directory.resolve("worker"));
        logbook.begins(head(1).id, CALL);
        logbook.failedToDecode();
        dieDecoding(0);
        dieDecoding(0);
        dieDecoding(0);
        assertNotNull(lane.hopeless);
    }

    @Test
    void aWorkerThatDiedOfTellingThatItCouldNotDecodeIsNoWitness() {
        die(0, new ProgressFile.Entry(head(0).id, ProgressFile.FAILED, 0));
        dieDecoding(0);
        dieDecoding(0);
        assertNull(lane.hopeless);
        dieDecoding(0);
        assertNotNull(lane.hopeless);
    }

    @Test
    void aFunctionWhoseBodyHadBegunIsNotToBlame() {
        for (int i = 0; i < 6; i++) {
            die(0, new ProgressFile.Entry(head(0).id, ProgressFile.NONE, 0));
            dieDecoding(0);
        }
        assertNull(lane.hopeless);
        assertEquals(12, failures.size());
    }

    @Test
    void aLargeFunctionGoesToAnIdleWorkerAloneAndNothingBehindIt() {
        crew.pace.sample(TimeUnit.MICROSECONDS.toNanos(1));
        lane.pace.sample(TimeUnit.MICROSECONDS.toNanos(1));
        Payload large = new Payload((byte) 0, new byte[(int) PoolState.MAX_QUEUED_BYTES + 1]);
        PoolBatch<Object, Object> other = PoolStateTest.lane(OTHER_CALL, PoolStateTest.WORKERS, large, crew);
        PoolAttempt guilty = start(other);
        start(lane);
        for (int turns = 0; guilty.worker == null; turns++) {
            assertTrue(turns < MANY, "it waits for ever");
            settleHeads();
        }
        assertEquals(1, guilty.worker.ledger.size());
        WorkerRecord worker = guilty.worker;
        settleOthers(worker);
        assertEquals(1, worker.ledger.size());
        assertTrue(worker.queuedBytes > PoolState.MAX_QUEUED_BYTES);
        PoolActions effects = new PoolActions();
        crew.settle(worker, guilty.id, 1, effects);
        effects.perform();
        assertTrue(worker.queuedBytes <= PoolState.MAX_QUEUED_BYTES);
    }

    private void settleOthers(WorkerRecord except) {
        for (WorkerRecord worker : crew.slots()) {
            PoolAttempt head = worker == null ? null : worker.ledger.head();
            if (worker != null && worker != except && head != null) {
                PoolActions effects = new PoolActions();
                crew.settle(worker, head.id, 1, effects);
                effects.perform();
            }
        }
    }

    private void settleHeads() {
        settleOthers(PoolStateTest.worker(0));
    }

    /** While it decodes the function for what it has. */
    private void dieDecoding(int slot) {
        die(slot, new ProgressFile.Entry(head(slot).id, CALL, 0));
    }

    private void die(int slot, ProgressFile.Entry last) {
        WorkerRecord worker = inSlot(slot);
        synchronized (crew) {
            worker.lastEntry = last;
            worker.exited = true;
            worker.drained = true;
        }
        PoolActions effects = new PoolActions();
        supervisor.tick(false, effects);
        supervisor.recruit(effects);
        effects.perform();
        if (crew.slots()[slot] != null) {
            ready(slot);
        }
    }

    private void ready(int slot) {
        PoolActions effects = new PoolActions();
        supervisor.ready(inSlot(slot), effects);
        effects.perform();
    }

    private PoolAttempt head(int slot) {
        PoolAttempt head = inSlot(slot).ledger.head();
        assertNotNull(head, () -> "slot " + slot + " has nothing to do");
        return head;
    }

    private PoolAttempt start(PoolBatch<Object, Object> of) {
        PoolAttempt item = new PoolAttempt(
                items.size() + 1,
                of,
                PoolStateTest.NOTHING,
                new LossHistory() {},
                PoolStateTest.attempt(failures::add));
        items.add(item);
        PoolActions effects = new PoolActions();
        crew.start(item, effects);
        supervisor.recruit(effects);
        effects.perform();
        return item;
    }

    private WorkerRecord inSlot(int slot) {
        WorkerRecord worker = crew.slots()[slot];
        assertNotNull(worker, () -> "slot " + slot + " is empty");
        return worker;
    }
}
