package dev.brigade.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
final class BurialTest {
    private static final int CALL = 1000;
    private static final int OTHER_CALL = 2000;
    private static final int MANY = 20;

    private final Crew crew =
            new Crew(CrewTest.WORKERS, 0, CrewTest.SETTINGS.grace().toNanos());
    private final Supervisor supervisor =
            new Supervisor(crew, CrewTest.SETTINGS, new CrewTest.NoProcesses(), CrewTest::worker);
    private final PoolLane<Object, Object> lane = CrewTest.lane(CALL, CrewTest.WORKERS, CrewTest.NOTHING, crew);
    private final List<Item> items = new ArrayList<>();
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
        Effects effects = new Effects();
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
        Worker busy = inSlot(1);
        busy.logbook = Logbook.Reader.create(directory.resolve("worker"));
        Logbook logbook = Logbook.open(directory.resolve("worker"));
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
        Worker busy = inSlot(1);
        busy.logbook = Logbook.Reader.create(directory.resolve("worker"));
        Logbook.open(directory.resolve("worker")).begins(head(1).id, CALL);
        dieDecoding(0);
        dieDecoding(0);
        dieDecoding(0);
        assertNotNull(lane.hopeless);
    }

    /** Its reply is on its way. */
    @Test
    void aWorkerThatCouldNotDecodeIsNoWitness() throws IOException {
        Worker busy = inSlot(1);
        busy.logbook = Logbook.Reader.create(directory.resolve("worker"));
        Logbook logbook = Logbook.open(directory.resolve("worker"));
        logbook.begins(head(1).id, CALL);
        logbook.failedToDecode();
        dieDecoding(0);
        dieDecoding(0);
        dieDecoding(0);
        assertNotNull(lane.hopeless);
    }

    @Test
    void aWorkerThatDiedOfTellingThatItCouldNotDecodeIsNoWitness() {
        die(0, new Logbook.Entry(head(0).id, Logbook.FAILED, 0));
        dieDecoding(0);
        dieDecoding(0);
        assertNull(lane.hopeless);
        dieDecoding(0);
        assertNotNull(lane.hopeless);
    }

    @Test
    void aFunctionWhoseBodyHadBegunIsNotToBlame() {
        for (int i = 0; i < 6; i++) {
            die(0, new Logbook.Entry(head(0).id, Logbook.NONE, 0));
            dieDecoding(0);
        }
        assertNull(lane.hopeless);
        assertEquals(12, failures.size());
    }

    @Test
    void aLargeFunctionGoesToAnIdleWorkerAloneAndNothingBehindIt() {
        crew.pace.sample(TimeUnit.MICROSECONDS.toNanos(1));
        lane.pace.sample(TimeUnit.MICROSECONDS.toNanos(1));
        Payload large = new Payload((byte) 0, new byte[(int) Crew.MAX_QUEUED_BYTES + 1]);
        PoolLane<Object, Object> other = CrewTest.lane(OTHER_CALL, CrewTest.WORKERS, large, crew);
        Item guilty = start(other);
        start(lane);
        for (int turns = 0; guilty.worker == null; turns++) {
            assertTrue(turns < MANY, "it waits for ever");
            settleHeads();
        }
        assertEquals(1, guilty.worker.ledger.size());
        Worker worker = guilty.worker;
        settleOthers(worker);
        assertEquals(1, worker.ledger.size());
        assertTrue(worker.queuedBytes > Crew.MAX_QUEUED_BYTES);
        Effects effects = new Effects();
        crew.settle(worker, guilty.id, 1, effects);
        effects.perform();
        assertTrue(worker.queuedBytes <= Crew.MAX_QUEUED_BYTES);
    }

    private void settleOthers(Worker except) {
        for (Worker worker : crew.slots()) {
            Item head = worker == null ? null : worker.ledger.head();
            if (worker != null && worker != except && head != null) {
                Effects effects = new Effects();
                crew.settle(worker, head.id, 1, effects);
                effects.perform();
            }
        }
    }

    private void settleHeads() {
        settleOthers(CrewTest.worker(0));
    }

    /** While it decodes the function for what it has. */
    private void dieDecoding(int slot) {
        die(slot, new Logbook.Entry(head(slot).id, CALL, 0));
    }

    private void die(int slot, Logbook.Entry last) {
        Worker worker = inSlot(slot);
        synchronized (crew) {
            worker.lastEntry = last;
            worker.exited = true;
            worker.drained = true;
        }
        Effects effects = new Effects();
        supervisor.tick(false, effects);
        supervisor.recruit(effects);
        effects.perform();
        if (crew.slots()[slot] != null) {
            ready(slot);
        }
    }

    private void ready(int slot) {
        Effects effects = new Effects();
        supervisor.ready(inSlot(slot), effects);
        effects.perform();
    }

    private Item head(int slot) {
        Item head = inSlot(slot).ledger.head();
        assertNotNull(head, () -> "slot " + slot + " has nothing to do");
        return head;
    }

    private Item start(PoolLane<Object, Object> of) {
        Item item = new Item(items.size() + 1, of, CrewTest.NOTHING, new Losses() {}, CrewTest.attempt(failures::add));
        items.add(item);
        Effects effects = new Effects();
        crew.start(item, effects);
        supervisor.recruit(effects);
        effects.perform();
        return item;
    }

    private Worker inSlot(int slot) {
        Worker worker = crew.slots()[slot];
        assertNotNull(worker, () -> "slot " + slot + " is empty");
        return worker;
    }
}
