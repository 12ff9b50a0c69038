package dev.brigade.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.brigade.engine.CallSpec;
import dev.brigade.engine.Strategy.Attempt;
import dev.brigade.process.config.ChannelKind;
import dev.brigade.process.config.PoolSettings;
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
class PoolStateTest {
    static final int WORKERS = 2;
    static final Payload NOTHING = new Payload((byte) 0, new byte[0]);
    private static final ClassLoader LOADER = PoolStateTest.class.getClassLoader();
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

    private final PoolState crew = new PoolState(WORKERS, 0, SETTINGS.grace().toNanos());
    private final WorkerSupervisor supervisor =
            new WorkerSupervisor(crew, SETTINGS, new NoProcesses(), PoolStateTest::worker);
    private final PoolBatch<Object, Object> lane = lane(WORKERS, crew);

    /** The worker of the first slot is up and has one quick item, another item waits, and the second worker is being started. */
    @BeforeEach
    void oneIsUpAndOneIsToCome() {
        crew.pace.sample(TimeUnit.MICROSECONDS.toNanos(1));
        start(1);
        PoolActions effects = new PoolActions();
        supervisor.ready(inSlot(0), effects);
        effects.perform();
        inSlot(0).headSinceNanos =
                System.nanoTime() + TimeUnit.HOURS.toNanos(1); // stays young however busy the machine is
        start(2);
    }

    @Test
    void nothingWaitsAtAWorkerWhileAnotherIsToCome() {
        tick();
        assertEquals(WorkerRecord.State.STARTING, inSlot(1).state);
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
        PoolActions effects = new PoolActions();
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
        PoolState narrow = new PoolState(WORKERS, 0, SETTINGS.grace().toNanos());
        narrow.pace.sample(TimeUnit.MICROSECONDS.toNanos(1));
        WorkerSupervisor over = new WorkerSupervisor(narrow, SETTINGS, new NoProcesses(), PoolStateTest::worker);
        PoolBatch<Object, Object> atOne = lane(1, narrow);
        PoolActions effects = new PoolActions();
        narrow.start(item(1, atOne), effects);
        over.recruit(effects);
        WorkerRecord only = Objects.requireNonNull(narrow.slots()[0]);
        over.ready(only, effects);
        only.headSinceNanos = System.nanoTime() + TimeUnit.HOURS.toNanos(1);
        narrow.start(item(2, atOne), effects);
        assertEquals(2, only.ledger.size());
        only.headSinceNanos = System.nanoTime() - TimeUnit.HOURS.toNanos(1);
        over.tick(false, effects);
        assertNull(narrow.slots()[1]);
        effects.perform();
    }

    private static PoolBatch<Object, Object> lane(int limit, PoolState crew) {
        return lane(1, limit, NOTHING, crew);
    }

    static PoolBatch<Object, Object> lane(int id, int limit, Payload function, PoolState crew) {
        return new PoolBatch<>(
                new ProcessPool(SETTINGS),
                id,
                new CallSpec("", limit, Optional.empty(), Map.of(), LOADER),
                Codec.of(LOADER),
                new PoolBatch.Sent(function, false, null),
                crew.pace);
    }

    private static PoolAttempt item(int id, PoolBatch<?, ?> lane) {
        return new PoolAttempt(id, lane, NOTHING, new LossHistory() {}, attempt(outcome -> {}));
    }

    private void start(int id) {
        PoolActions effects = new PoolActions();
        crew.start(item(id, lane), effects);
        supervisor.recruit(effects);
        effects.perform();
    }

    private void tick() {
        PoolActions effects = new PoolActions();
        supervisor.tick(false, effects);
        effects.perform();
    }

    private WorkerRecord inSlot(int slot) {
        WorkerRecord worker = crew.slots()[slot];
        assertNotNull(worker, () -> "slot " + slot + " is empty");
        return worker;
    }

    static WorkerRecord worker(int slot) {
        return new WorkerRecord(
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

    static final class NoProcesses implements WorkerSupervisor.ProcessActions {
        @Override
        public void launch(WorkerRecord worker) {
            // It stays as it is.
        }

        @Override
        public void kill(WorkerRecord worker) {
            // There is no process.
        }
    }
}
