package dev.brigade.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.brigade.engine.CallSpec;
import dev.brigade.engine.Strategy.Attempt;
import dev.brigade.transport.Codec;
import dev.brigade.transport.Payload;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who is given what: the pool's decisions, of two workers, without a process. */
class CrewTest {
    static final int WORKERS = 2;
    static final Payload NOTHING = new Payload((byte) 0, new byte[0]);
    private static final ClassLoader LOADER = CrewTest.class.getClassLoader();
    static final PoolSettings SETTINGS = new PoolSettings(
            "crew",
            WORKERS,
            0,
            List.of(),
            Optional.empty(),
            Optional.empty(),
            Map.of(),
            Optional.empty(),
            Optional.empty(),
            0,
            0,
            Optional.empty(),
            Duration.ofSeconds(5),
            1 << 20,
            Optional.empty(),
            "",
            Duration.ofMinutes(1),
            1,
            ChannelKind.AUTO,
            (worker, task, line) -> {});

    private final Crew crew = new Crew(WORKERS, 0, SETTINGS.grace().toNanos());
    private final Supervisor supervisor = new Supervisor(crew, SETTINGS, new NoProcesses(), CrewTest::worker);
    private final PoolLane<Object, Object> lane = lane(WORKERS, crew);

    /** The worker of the first slot is up and has one quick item, another item waits, and the second worker is being started. */
    @BeforeEach
    void oneIsUpAndOneIsToCome() {
        crew.pace.sample(TimeUnit.MICROSECONDS.toNanos(1));
        start(1);
        Effects effects = new Effects();
        supervisor.ready(inSlot(0), effects);
        effects.perform();
        inSlot(0).headSinceNanos =
                System.nanoTime() + TimeUnit.HOURS.toNanos(1); // stays young however busy the machine is
        start(2);
    }

    @Test
    void nothingWaitsAtAWorkerWhileAnotherIsToCome() {
        tick();
        assertEquals(Worker.State.STARTING, inSlot(1).state);
        assertEquals(1, inSlot(0).ledger.size());
        assertEquals(1, crew.waitingItems);
    }

    @Test
    void whereTheOtherCannotBeStartedItIsNotWaitedFor() {
        synchronized (crew) {
            inSlot(1).exited = true;
            inSlot(1).drained = true;
        }
        tick();
        assertEquals(2, inSlot(0).ledger.size());
        assertEquals(0, crew.waitingItems);
    }

    @Test
    void onceBothAreUpQuickItemsWaitAtThem() {
        Effects effects = new Effects();
        supervisor.ready(inSlot(1), effects);
        effects.perform();
        inSlot(1).headSinceNanos = inSlot(0).headSinceNanos;
        start(3);
        start(4);
        assertEquals(2, inSlot(0).ledger.size());
        assertEquals(2, inSlot(1).ledger.size());
        assertEquals(0, crew.waitingItems);
    }

    @Test
    void noWorkerIsStartedForWhatMayNotMove() {
        Crew narrow = new Crew(WORKERS, 0, SETTINGS.grace().toNanos());
        narrow.pace.sample(TimeUnit.MICROSECONDS.toNanos(1));
        Supervisor over = new Supervisor(narrow, SETTINGS, new NoProcesses(), CrewTest::worker);
        PoolLane<Object, Object> atOne = lane(1, narrow);
        Effects effects = new Effects();
        narrow.start(item(1, atOne), effects);
        over.recruit(effects);
        Worker only = Objects.requireNonNull(narrow.slots()[0]);
        over.ready(only, effects);
        only.headSinceNanos = System.nanoTime() + TimeUnit.HOURS.toNanos(1);
        narrow.start(item(2, atOne), effects);
        assertEquals(2, only.ledger.size());
        only.headSinceNanos = System.nanoTime() - TimeUnit.HOURS.toNanos(1);
        over.tick(false, effects);
        assertNull(narrow.slots()[1]);
        effects.perform();
    }

    private static PoolLane<Object, Object> lane(int limit, Crew crew) {
        return lane(1, limit, NOTHING, crew);
    }

    static PoolLane<Object, Object> lane(int id, int limit, Payload function, Crew crew) {
        return new PoolLane<>(
                new WorkerPool(SETTINGS),
                id,
                new CallSpec("", limit, Optional.empty(), Map.of(), LOADER),
                Codec.of(LOADER),
                new PoolLane.Sent(function, false, null),
                crew.pace);
    }

    private static Item item(int id, PoolLane<?, ?> lane) {
        return new Item(id, lane, NOTHING, new Losses() {}, attempt(outcome -> {}));
    }

    private void start(int id) {
        Effects effects = new Effects();
        crew.start(item(id, lane), effects);
        supervisor.recruit(effects);
        effects.perform();
    }

    private void tick() {
        Effects effects = new Effects();
        supervisor.tick(false, effects);
        effects.perform();
    }

    private Worker inSlot(int slot) {
        Worker worker = crew.slots()[slot];
        assertNotNull(worker, () -> "slot " + slot + " is empty");
        return worker;
    }

    static Worker worker(int slot) {
        return new Worker(
                slot, slot, "crew", System.nanoTime() + SETTINGS.startTimeout().toNanos());
    }

    /** The first of an input; what it has failed with is told. */
    @SuppressWarnings("unchecked") // the proxy answers as it is asked
    static Attempt<Object> attempt(Consumer<Object> failures) {
        return (Attempt<Object>) Proxy.newProxyInstance(
                LOADER, new Class<?>[] {Attempt.class}, (self, method, arguments) -> switch (method.getName()) {
                    case "number" -> 1;
                    case "index" -> 0L;
                    case "callRemaining" -> Optional.empty();
                    case "ended" -> {
                        failures.accept(arguments[1]);
                        yield null;
                    }
                    default -> null;
                });
    }

    static final class NoProcesses implements Supervisor.Deeds {
        @Override
        public void launch(Worker worker) {
            // It stays as it is.
        }

        @Override
        public void kill(Worker worker) {
            // There is no process.
        }
    }
}
