package dev.brigade.process;

import dev.brigade.engine.CallSpec;
import dev.brigade.engine.Strategy.Attempt;
import dev.brigade.process.config.ChannelKind;
import dev.brigade.process.config.PoolSettings;
import dev.brigade.process.protocol.Frame;
import dev.brigade.transport.Codec;
import dev.brigade.transport.Payload;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The shipped decisions of a pool of one worker, without its process, channel or threads: a test says what happens to them.
 *
 * <p>It costs microseconds, so that a test can have a million of them.
 */
final class PoolRig implements WorkerSupervisor.ProcessActions {
    private static final int ITEM = 7;
    private static final Payload NOTHING = new Payload((byte) 0, new byte[0]);
    private static final Codec CODEC = Codec.of(PoolRig.class.getClassLoader());
    private static final CallSpec CALL =
            new CallSpec("", 1, Optional.empty(), Map.of(), PoolRig.class.getClassLoader());

    /** One worker, which may go as soon as it is idle. */
    private static final PoolSettings SETTINGS = new PoolSettings(
            "rig",
            1,
            0,
            List.of(),
            Optional.empty(),
            Optional.empty(),
            Map.of(),
            Optional.empty(),
            Optional.empty(),
            0,
            0,
            Optional.of(Duration.ZERO),
            Duration.ofSeconds(5),
            1 << 20,
            Optional.empty(),
            "",
            Duration.ofMinutes(1),
            1,
            ChannelKind.AUTO,
            (worker, task, line) -> {});

    /** Never started; lanes ask it for its limit. */
    private static final ProcessPool POOL = new ProcessPool(SETTINGS);

    final Answers answers = new Answers();
    final AtomicInteger launches = new AtomicInteger();
    final PoolState crew = new PoolState(1, 0, SETTINGS.grace().toNanos());
    final WorkerSupervisor supervisor = new WorkerSupervisor(crew, SETTINGS, this, PoolRig::worker);
    final WorkerRecord worker = worker(0);
    final PoolBatch<Object, Object> lane =
            new PoolBatch<>(POOL, 1, CALL, CODEC, new PoolBatch.Sent(NOTHING, false, null), crew.pace);
    final PoolAttempt item = new PoolAttempt(ITEM, lane, NOTHING, new LossHistory() {}, answers);
    private final FrameHandler reception = new FrameHandler(crew, supervisor, null, null, () -> {});

    /** One whose worker is ready and idle. */
    static PoolRig idle() {
        PoolRig rig = new PoolRig();
        rig.crew.slots()[0] = rig.worker;
        PoolActions effects = new PoolActions();
        rig.supervisor.ready(rig.worker, effects);
        effects.perform();
        return rig;
    }

    /** One whose worker runs the item. */
    static PoolRig busy() {
        PoolRig rig = idle();
        rig.dispatch();
        return rig;
    }

    private static WorkerRecord worker(int slot) {
        return new WorkerRecord(
                1, slot, "rig", System.nanoTime() + SETTINGS.startTimeout().toNanos());
    }

    // ---- what can happen

    /** The engine starts the item. */
    void dispatch() {
        PoolActions effects = new PoolActions();
        crew.start(item, effects);
        supervisor.recruit(effects);
        effects.perform();
    }

    /** The worker's result for the item arrives. */
    void result() {
        reception.received(worker, Frame.of(Frame.RESULT, ITEM));
    }

    /** The worker gives the item back. */
    void givenBack() {
        reception.received(worker, Frame.of(Frame.RETURNED, ITEM));
    }

    /** The worker's process has ended, and its output has been read. */
    void death() {
        synchronized (crew) {
            worker.exited = true;
            worker.drained = true;
        }
        tick();
    }

    /** The clock has moved on. */
    void tick() {
        PoolActions effects = new PoolActions();
        supervisor.tick(false, effects);
        effects.perform();
    }

    @Override
    public void launch(WorkerRecord recruit) {
        launches.incrementAndGet();
    }

    @Override
    public void kill(WorkerRecord victim) {
        // There is no process.
    }

    /** What the engine was told, as one word for each answer. */
    static final class Answers implements Attempt<Object> {
        private String told = "";

        private synchronized void tell(String what) {
            told += told.isEmpty() ? what : " and " + what;
        }

        synchronized String told() {
            return told.isEmpty() ? "nothing" : told;
        }

        @Override
        public void run(String name, Callable<?> body) {
            throw new UnsupportedOperationException("no body runs here");
        }

        @Override
        public void runAsync(String name, Callable<? extends CompletionStage<?>> start) {
            throw new UnsupportedOperationException("no body runs here");
        }

        @Override
        public void runAndWait(String name, Callable<? extends CompletionStage<?>> start) {
            throw new UnsupportedOperationException("no body runs here");
        }

        @Override
        public long index() {
            return 0;
        }

        @Override
        public int number() {
            return 1;
        }

        @Override
        public Optional<Duration> callRemaining() {
            return Optional.empty();
        }

        @Override
        public void started(String name) {
            // Told before any answer; the item sees to that.
        }

        @Override
        public void ended(Object value, Throwable failure) {
            tell("lost");
        }

        @Override
        public void endedEncoded(Callable<?> reply, boolean failed) {
            tell("result");
        }

        @Override
        public void returned() {
            tell("returned");
        }
    }
}
