package dev.brigade.process.scheduling;

import dev.brigade.WorkerLostException;
import dev.brigade.process.protocol.Frame;
import dev.brigade.process.protocol.ProgressFile;
import dev.brigade.process.protocol.WorkerExitCode;
import dev.brigade.process.scheduling.PoolAttempt.Phase;
import dev.brigade.process.scheduling.WorkerRecord.State;
import dev.brigade.spi.StopMode;
import dev.brigade.spi.TaskForm;
import dev.brigade.transport.Payload;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Simulates a pool: a schedule of submits, results, deaths, failed starts, stops and closes drives a {@link PoolState} in virtual time,
 * with workers that are only queues. All invariants are checked after each step. After the last step the simulation goes on until nothing
 * moves any more, and then every attempt must be settled.
 *
 * <p>Design note: there is one thread, no clock, and no randomness except the schedule's, so a schedule that fails once fails always. In
 * any state a step is meaningful or does nothing, so that a schedule can be made shorter by leaving out steps.
 */
final class PoolSimulation {
    private static final Payload SMALL = new Payload((byte) 0, new byte[8]);
    private static final Payload LARGE = new Payload((byte) 0, new byte[(int) PoolState.MAX_QUEUED_BYTES + 1]);
    private static final long GRACE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long START_NANOS = TimeUnit.SECONDS.toNanos(2);
    private static final long IDLE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
    /** Longest time between two looks for results that come without a doorbell; see {@link PollBackoff}. */
    private static final long MAX_POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(32);

    /** Time that a body runs before what waits behind it is recalled, and time until the event loop looks for that. */
    private static final long RECALL_NANOS = 2 * TimeUnit.MILLISECONDS.toNanos(1);

    private static final int MAX_ATTEMPTS = 60;
    private static final int MAX_ROUNDS = 20_000;
    private static final int MAX_TURNS = 50;

    /** The kinds of step. */
    enum Kind {
        OPEN(2),
        SUBMIT(24),
        STOP(4),
        LAUNCHED(6),
        LAUNCH_FAILED(1),
        DELIVER(26),
        WORK(26),
        RECEIVE(20, true),
        POLL_RING(14, true),
        DIE(2),
        ENDED(6, true),
        EXITED(6, true),
        DISCONNECT(1, true),
        RETIRE(1),
        ANNOUNCE_EXIT(1),
        TICK(8),
        PASS(8),
        RELEASE(1),
        /** Memory ends when the next frames of an attempt are made. */
        NO_FRAMES(1),
        /** Memory ends when the next worker is made. */
        NO_WORKER(0),
        CLOSE(0),
        BREAK(0);

        final int weight;

        /** True if it happens on the event loop's thread. */
        final boolean onLoop;

        Kind(int weight) {
            this(weight, false);
        }

        Kind(int weight, boolean onLoop) {
            this.weight = weight;
            this.onLoop = onLoop;
        }
    }

    /** One step; its numbers choose among the objects that there are. */
    record Step(Kind kind, int which, int how) {
        @Override
        public String toString() {
            return kind + "(" + which + "," + how + ")";
        }
    }

    /** A pool, and the steps that happen to it. */
    record Schedule(long seed, int workers, int maxTasks, boolean idles, boolean hasLoop, List<Step> steps) {
        static Schedule of(long seed, int length) {
            SplittableRandom random = new SplittableRandom(seed);
            int workers = 1 + random.nextInt(4);
            int maxTasks = random.nextInt(4) == 0 ? 1 + random.nextInt(6) : 0;
            boolean idles = random.nextInt(3) == 0;
            boolean hasLoop = random.nextInt(8) != 0;
            int total = 0;
            for (Kind kind : Kind.values()) {
                total += kind.weight;
            }
            List<Step> steps = new ArrayList<>(length);
            for (int i = 0; i < length; i++) {
                steps.add(new Step(kind(random.nextInt(total)), random.nextInt(1 << 16), random.nextInt(1 << 16)));
            }
            if (random.nextInt(4) == 0) {
                Kind end = random.nextInt(4) != 0 ? Kind.CLOSE : random.nextBoolean() ? Kind.BREAK : Kind.NO_WORKER;
                steps.set(random.nextInt(length), new Step(end, random.nextInt(1 << 16), 0));
            }
            return new Schedule(seed, workers, maxTasks, idles, hasLoop, steps);
        }

        private static Kind kind(int at) {
            int left = at;
            for (Kind kind : Kind.values()) {
                left -= kind.weight;
                if (left < 0) {
                    return kind;
                }
            }
            throw new AssertionError(at);
        }

        Schedule without(int from, int to) {
            List<Step> fewer = new ArrayList<>(steps.subList(0, from));
            fewer.addAll(steps.subList(to, steps.size()));
            return new Schedule(seed, workers, maxTasks, idles, hasLoop, fewer);
        }

        /**
         * Returns the shortest schedule found that still fails: steps are left out, half of them first, then in smaller and smaller pieces.
         */
        Schedule shrunk() {
            Schedule best = this;
            for (int piece = Math.max(1, steps.size() / 2); piece > 0; piece /= 2) {
                for (int from = 0; from + piece <= best.steps.size(); ) {
                    Schedule fewer = best.without(from, from + piece);
                    if (fewer.failure() == null) {
                        from += piece;
                    } else {
                        best = fewer;
                    }
                }
            }
            return best;
        }

        /** Plays the schedule; returns null if all went well. */
        @Nullable
        Throwable failure() {
            return play(new ArrayList<>());
        }

        /** As {@link #failure}, and adds what each attempt was told. */
        @Nullable
        Throwable play(List<List<String>> told) {
            PoolSimulation simulation = new PoolSimulation(this);
            try {
                for (Step step : steps) {
                    simulation.play(step);
                    simulation.check();
                }
                simulation.finish();
                simulation.attempts.forEach(attempt -> told.add(attempt.told));
                return null;
            } catch (RuntimeException | AssertionError e) {
                return e;
            }
        }
    }

    private final PoolState state;
    private final PoolLimits limits;
    private final List<SimWorker> workers = new ArrayList<>();
    private final List<PoolBatch> batches = new ArrayList<>();
    private final List<SimAttempt> attempts = new ArrayList<>();
    private final Map<Integer, SimAttempt> byNumber = new HashMap<>();

    /** True for the batches that have a context, by their numbers. */
    private final Map<Integer, Boolean> withContext = new HashMap<>();

    /** Attempts that had not settled at the last check. */
    private final List<SimAttempt> live = new ArrayList<>();

    private long framesSent;
    private long checks;

    /** Attempts that were given back and not stopped: the engine starts them again. */
    private final ArrayDeque<SimAttempt> again = new ArrayDeque<>();

    private long now = TimeUnit.SECONDS.toNanos(100);
    private long nextTick = now;
    private boolean woken;

    /** True if the event loop has handled something, and must tick before it waits again. */
    private boolean inTurn;

    /** True if the current step happens on the event loop's thread. */
    private boolean onLoop;

    /** Actions that users' threads have left to the event loop. */
    private final ArrayDeque<Runnable> posted = new ArrayDeque<>();

    private boolean closed;
    private boolean broken;
    private boolean framesFail;
    private boolean workersFail;
    private final boolean hasLoop;
    private int numbers;

    /** True while the pool is told of a worker's end and tells of what that ends, so that tasks may be lost. */
    private boolean reaping;

    /** What was wrong in a callback, where the pool catches what is thrown; null if nothing was. */
    private @Nullable AssertionError violation;

    private PoolSimulation(Schedule schedule) {
        limits = new PoolLimits(
                schedule.workers,
                schedule.maxTasks,
                GRACE_NANOS,
                schedule.idles ? IDLE_NANOS : PoolLimits.NEVER,
                START_NANOS,
                0,
                "Main");
        hasLoop = schedule.hasLoop;
        state = new PoolState(limits, this::newWorker, new Loop());
    }

    private WorkerRecord newWorker(int number, int slot, long startDeadlineNanos) {
        if (workersFail) {
            workersFail = false;
            closed = true;
            broken = true;
            throw new OutOfMemoryError("sim");
        }
        return new SimWorker(number, slot, startDeadlineNanos);
    }

    /** The event loop; {@code onLoop} is true if the calling thread is its own. Without {@code hasLoop}, nothing can be left to it. */
    private final class Loop implements PoolState.EventLoop {
        @Override
        public boolean isCurrent() {
            return onLoop;
        }

        @Override
        public boolean execute(Runnable action) {
            if (!hasLoop) {
                return false;
            }
            posted.add(action);
            woken = true;
            return true;
        }

        @Override
        public void wakeup() {
            woken = true;
        }
    }

    // ---- workers and attempts

    /** A child process as queues: the frames sent to it, the frames that it sent back, its ring, and its inbox. */
    private final class SimWorker extends WorkerRecord {
        final ArrayDeque<Frame> toWorker = new ArrayDeque<>();
        final ArrayDeque<Frame> toParent = new ArrayDeque<>();

        /** Results; a frame of type {@code BELL} is a mark, which keeps the place of a result on the socket. */
        final ArrayDeque<Frame> ring = new ArrayDeque<>();

        final ArrayDeque<Integer> inbox = new ArrayDeque<>();

        /** The batches whose context and function it has been sent, and those whose function it has decoded. */
        final Set<Integer> contexts = new HashSet<>();

        final Set<Integer> known = new HashSet<>();
        final Set<Integer> decoded = new HashSet<>();

        /** The attempt whose body runs, or whose function is being decoded for it; 0 for none. */
        int running;

        boolean launching;
        boolean up;
        boolean dead;
        boolean endTold;
        boolean reapTold;
        boolean retired;
        boolean givenAfterItsEnd;
        int code;
        int reaps;
        ProgressFile.@Nullable Entry progress;

        SimWorker(int number, int slot, long startDeadlineNanos) {
            super(number, slot, startDeadlineNanos);
            workers.add(this);
        }

        @Override
        protected void launch() {
            launching = true;
        }

        @Override
        protected void kill() {
            if (up && !dead) {
                die(137);
            }
        }

        /** Ends it: what it has put in the socket's queue last, and nobody waited for, may not have been written. */
        void die(int exitCode) {
            dead = true;
            code = exitCode;
            inbox.clear();
            for (int i = exitCode % 3;
                    i > 0 && !toParent.isEmpty() && toParent.getLast().type() != Frame.RESULT;
                    i--) {
                toParent.removeLast();
            }
        }

        @Override
        protected void send(Frame frame) {
            if (frame.type() == Frame.RUN) {
                attempt(frame.id()).sentAt = ++framesSent;
                givenAfterItsEnd |= endTold;
            }
            if (up && !dead) {
                toWorker.add(frame);
            }
        }

        @Override
        protected void sendBrokeOff() {
            throw new IllegalStateException("no stack ends here");
        }

        @Override
        protected void reaped(WorkerExit exit, String reason, boolean archiveSuspected) {
            reaps++;
        }
    }

    private final class SimAttempt extends PoolAttempt {
        final List<String> told = new ArrayList<>(2);
        boolean stopped;

        /** Number of times that a worker has begun its body, or to decode its function. */
        int bodies;

        /** True if it failed because its worker ended. */
        boolean lost;

        /** True if a worker that the pool killed had begun its body, and the pool may not have known that. */
        boolean mayRunAgain;

        /** Position of its frame among all frames sent. */
        long sentAt;

        /** Time of the check since which it could be recalled; 0 if it could not be. */
        long movableSinceNanos;

        /** Number of the check that last found it in a queue. */
        long foundIn;

        SimAttempt(int id, PoolBatch batch, Payload input, LossHistory losses, int number) {
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
            lost = why instanceof WorkerLostException;
            note(reaping || batch.failure != null || !lost, () -> label() + " was lost while no worker ended");
        }

        @Override
        protected void returned() {
            told.add("returned");
            note(bodies == 0 || mayRunAgain, () -> label() + " was given back, and its body had begun");
            if (!stopped) {
                again.add(this);
            }
        }

        @Override
        long batchRemainingNanos(long now) {
            if (framesFail) {
                framesFail = false;
                throw new OutOfMemoryError("sim");
            }
            return super.batchRemainingNanos(now);
        }

        boolean isOver() {
            return !told.isEmpty() && !told.get(told.size() - 1).equals("started");
        }
    }

    private SimAttempt attempt(int id) {
        return Objects.requireNonNull(byNumber.get(id));
    }

    // ---- steps

    private void play(Step step) {
        now += 1 + step.how % 1000; // no two steps happen at one time
        inTurn |= step.kind.onLoop;
        onLoop = step.kind.onLoop;
        switch (step.kind) {
            case OPEN -> open(step);
            case SUBMIT -> submit(step);
            case STOP -> stop(step);
            case LAUNCHED -> pick(step, workers, worker -> worker.launching, this::launched);
            case LAUNCH_FAILED -> pick(step, workers, worker -> worker.launching, worker -> launchFailed(worker, step));
            case DELIVER -> pick(step, workers, worker -> !worker.toWorker.isEmpty() && !worker.dead, this::deliver);
            case WORK -> pick(step, workers, this::canWork, worker -> work(worker, step));
            case RECEIVE -> pick(step, workers, worker -> !worker.toParent.isEmpty() && !worker.endTold, this::receive);
            case POLL_RING -> pick(step, workers, worker -> !worker.ring.isEmpty() && !worker.endTold, this::pollRing);
            case DIE -> pick(step, workers, worker -> worker.up && !worker.dead, worker -> worker.die(exitCode(step)));
            case ENDED -> pick(step, workers, worker -> worker.dead && !worker.endTold, this::ended);
            case EXITED -> pick(step, workers, worker -> worker.endTold && !worker.reapTold, this::exited);
            case DISCONNECT ->
                pick(
                        step,
                        workers,
                        worker -> worker.up && !worker.endTold,
                        worker -> state.disconnected(
                                worker, step.how % 2 == 0 ? null : new IllegalStateException("sim"), now));
            case RETIRE -> pick(step, workers, worker -> worker.up && !worker.dead && !worker.retired, this::retire);
            case ANNOUNCE_EXIT ->
                pick(
                        step,
                        workers,
                        worker -> worker.up && !worker.dead,
                        worker -> worker.toParent.add(Frame.of(Frame.EXITING, 0, 0)));
            case TICK -> tick();
            case PASS -> pass(step);
            case NO_FRAMES -> framesFail = true;
            case NO_WORKER -> workersFail = true;
            case RELEASE -> pick(step, batches, batch -> batch.outstanding() == 0 && !closed, this::release);
            case CLOSE -> close(step);
            case BREAK -> breakDown();
        }
        if (woken || now >= nextTick) {
            tick();
        }
    }

    private interface Condition<T> {
        boolean holds(T one);
    }

    private interface Effect<T> {
        void on(T one);
    }

    private static <T> void pick(Step step, List<T> all, Condition<T> which, Effect<T> effect) {
        int candidates = 0;
        for (T one : all) {
            candidates += which.holds(one) ? 1 : 0;
        }
        int left = candidates == 0 ? -1 : step.which % candidates;
        for (int i = 0; left >= 0; i++) {
            T one = all.get(i);
            if (which.holds(one) && left-- == 0) {
                effect.on(one);
            }
        }
    }

    private void open(Step step) {
        if (batches.size() < 4) {
            int limit = step.how % 3 == 0 ? 1 + step.which % 2 : limits.workers();
            Payload function = step.how % 11 == 0 ? LARGE : SMALL;
            Payload context = step.how % 5 == 0 ? SMALL : null;
            batches.add(state.open(
                    ++numbers,
                    "",
                    limit,
                    PoolAttempt.NO_DEADLINE,
                    new PoolBatch.Common(function, TaskForm.FUNCTION, context)));
            withContext.put(numbers, context != null);
        }
    }

    private void submit(Step step) {
        if (batches.isEmpty()) {
            open(step);
        }
        SimAttempt before = again.poll();
        PoolBatch batch = before == null ? batches.get(step.which % batches.size()) : before.batch;
        if (attempts.size() >= MAX_ATTEMPTS && before == null) {
            return;
        }
        Payload input = step.how % 13 == 0 ? LARGE : SMALL;
        int number = step.how % 7 == 0 ? 2 : 1;
        SimAttempt attempt = new SimAttempt(++numbers, batch, input, new LossHistory() {}, number);
        byNumber.put(attempt.id, attempt);
        boolean taken = state.submit(attempt, now);
        require(taken || closed, () -> "refused by an open pool");
        if (taken) {
            attempts.add(attempt);
            live.add(attempt);
        }
    }

    private void stop(Step step) {
        pick(step, attempts, attempt -> !attempt.isOver(), attempt -> {
            attempt.stopped = true;
            state.stop(attempt, stopMode(step), now);
        });
    }

    private static StopMode stopMode(Step step) {
        return switch (step.how % 3) {
            case 0 -> StopMode.CANCEL;
            case 1 -> StopMode.INTERRUPT;
            default -> StopMode.TIMEOUT;
        };
    }

    private void launched(SimWorker worker) {
        worker.launching = false;
        worker.up = true;
        worker.progress = new ProgressFile.Entry(ProgressFile.NONE, ProgressFile.NONE, 0);
        state.launched(worker, 1000 + worker.number());
        state.connected(worker);
        if (!worker.dead) {
            worker.toParent.add(Frame.of(Frame.READY, 0));
        }
    }

    private void launchFailed(SimWorker worker, Step step) {
        worker.launching = false;
        worker.dead = true;
        worker.endTold = true;
        worker.reapTold = true;
        WorkerExit exit = WorkerExit.notStarted(new IOException("sim"), List.of());
        reaping = true;
        state.launchFailed(worker, exit, step.how % 4 != 0, now);
        woken = true; // the event loop tells of the ends
    }

    /** Lets the worker read a frame. */
    private void deliver(SimWorker worker) {
        Frame frame = worker.toWorker.remove();
        switch (frame.type()) {
            case Frame.CONTEXT -> worker.contexts.add(frame.batch());
            case Frame.FUNCTION -> {
                boolean complete = !withContext.get(frame.batch()) || worker.contexts.remove(frame.batch());
                require(complete, () -> worker.name() + " has no context for batch " + frame.batch());
                worker.known.add(frame.batch());
            }
            case Frame.RELEASE -> {
                worker.known.remove(frame.batch());
                worker.decoded.remove(frame.batch());
            }
            case Frame.RUN -> {
                require(
                        worker.known.contains(frame.batch()),
                        () -> worker.name() + " has no function for task " + frame.id());
                if (worker.retired) {
                    worker.toParent.add(Frame.of(Frame.RETURNED, frame.id()));
                } else {
                    worker.inbox.add(frame.id());
                }
            }
            case Frame.RECALL -> giveBack(worker, frame.id());
            case Frame.CANCEL -> giveBack(worker, frame.id());
            case Frame.EXIT -> worker.die(0);
            default -> {}
        }
    }

    private static void giveBack(SimWorker worker, int id) {
        if (worker.inbox.remove(id)) {
            worker.toParent.add(Frame.of(Frame.RETURNED, id));
        }
    }

    private boolean canWork(SimWorker worker) {
        return worker.up && !worker.dead && (worker.running != 0 || !worker.inbox.isEmpty());
    }

    /** Lets the worker begin a task, decode its function, or end its body: its result goes by the ring or by the socket. */
    private void work(SimWorker worker, Step step) {
        if (worker.running == 0) {
            begin(worker, attempt(worker.inbox.remove()));
            return;
        }
        if (worker.decoded.add(attempt(worker.running).batch.id)) {
            worker.progress = new ProgressFile.Entry(worker.running, ProgressFile.NONE, 0);
            return;
        }
        long nanos = step.how % 5 == 0 ? TimeUnit.MILLISECONDS.toNanos(20) : 1000;
        Frame result = new Frame(Frame.RESULT, worker.running, 0, 0, (byte) 0, nanos, Frame.NO_BYTES);
        if (step.how % 3 == 0) {
            worker.toParent.add(result);
            worker.ring.add(new Frame(Frame.BELL, worker.running, 0, 0, (byte) 0, 0, Frame.NO_BYTES));
        } else {
            worker.ring.add(result);
        }
        worker.running = 0;
    }

    private static void begin(SimWorker worker, SimAttempt attempt) {
        require(
                attempt.bodies++ == 0 || attempt.mayRunAgain,
                () -> attempt.label() + " runs again, and nobody was told of its first end");
        int batch = attempt.batch.id;
        worker.running = attempt.id;
        int decoding = worker.decoded.contains(batch) ? ProgressFile.NONE : batch;
        worker.progress = new ProgressFile.Entry(worker.running, decoding, 0);
    }

    private void retire(SimWorker worker) {
        worker.retired = true;
        worker.toParent.add(Frame.of(Frame.RETIRING, 0, 0));
        for (int id : List.copyOf(worker.inbox)) {
            giveBack(worker, id);
        }
    }

    private void receive(SimWorker worker) {
        pollRing(worker);
        Frame frame = worker.toParent.remove();
        state.received(worker, frame, now);
        Frame mark = worker.ring.peek();
        if (frame.type() == Frame.RESULT && mark != null && mark.type() == Frame.BELL && mark.id() == frame.id()) {
            worker.ring.remove();
        }
        pollRing(worker);
    }

    private void pollRing(SimWorker worker) {
        List<Frame> results = new ArrayList<>();
        for (Iterator<Frame> i = worker.ring.iterator(); i.hasNext(); ) {
            Frame next = i.next();
            if (next.type() == Frame.BELL) {
                break;
            }
            results.add(next);
        }
        if (!results.isEmpty()) {
            int taken = state.results(worker, results, now);
            for (int i = 0; i < taken; i++) {
                worker.ring.remove();
            }
        }
    }

    private static int exitCode(Step step) {
        return switch (step.how % 4) {
            case 0 -> 1;
            case 1 -> 3;
            case 2 -> 139;
            default -> 0;
        };
    }

    /** Tells the pool of a worker's end; takes everything that the worker had sent before. */
    private void ended(SimWorker worker) {
        while (!worker.toParent.isEmpty()) {
            receive(worker);
        }
        worker.endTold = true;
        state.ended(worker);
        pollRing(worker);
    }

    private void exited(SimWorker worker) {
        worker.reapTold = true;
        Map<Integer, ProgressFile.Entry> living = new HashMap<>();
        for (SimWorker other : workers) {
            if (other.progress != null && !other.reapTold) {
                living.put(other.number(), other.progress);
            }
        }
        WorkerExit exit = new WorkerExit(worker.code, worker.progress, List.of(), null, "", false, living);
        SimAttempt guilty = worker.running == 0 ? null : attempt(worker.running);
        boolean wasOver = guilty == null || guilty.isOver();
        boolean killed = worker.killedFor != null;
        if (guilty != null && !wasOver && killed) {
            guilty.mayRunAgain = true;
        }
        List<SimAttempt> had = new ArrayList<>();
        for (PoolAttempt attempt : worker.queue.toList()) {
            had.add((SimAttempt) attempt);
        }
        SimAttempt head = had.isEmpty() ? null : had.get(0);
        boolean explained =
                closed || killed || !worker.wasReady || !wasOver || head == null || mayBeBlamed(worker, head);
        reaping = true;
        state.exited(worker, exit, now);
        reaping = false;
        for (SimAttempt attempt : had) {
            boolean innocent = attempt != guilty && (attempt != head || !explained || !wasOver);
            require(
                    closed || !innocent || !attempt.lost || attempt.stopped || attempt.batch.failure != null,
                    () -> attempt.label() + " failed with " + worker.name() + ", which had not begun it");
        }
        require(
                wasOver || killed || closed || Objects.requireNonNull(guilty).lost,
                () -> worker.name() + " died of "
                        + Objects.requireNonNull(guilty).label() + ", and that has not failed");
    }

    /** Returns true if the head may be blamed for the death of a worker that had begun nothing of what it had. */
    private boolean mayBeBlamed(SimWorker worker, SimAttempt head) {
        boolean noMemory = worker.code == WorkerExitCode.OUT_OF_MEMORY && head.sentBytes > PoolState.MAX_QUEUED_BYTES;
        return noMemory || head.batch.lostUnbegun >= 2;
    }

    private void tick() {
        int turns = 0;
        onLoop = true;
        do {
            woken = false;
            inTurn = false;
            for (Runnable action = posted.poll(); action != null; action = posted.poll()) {
                action.run();
            }
            nextTick = now + Math.max(0, state.tick(true, now));
            require(++turns < MAX_TURNS, () -> "the clock does not come to rest");
        } while (woken || nextTick <= now);
        reaping = false;
    }

    /** Lets time pass, at most until something is due. */
    private void pass(Step step) {
        if (inTurn) {
            tick();
        }
        long until = now + (1L << step.which % 32);
        now = Math.max(now, Math.min(until, nextTick));
    }

    private void release(PoolBatch batch) {
        state.release(batch);
        batches.remove(batch);
        again.removeIf(attempt -> attempt.batch == batch);
    }

    private void close(Step step) {
        closed = true;
        if (step.which % 2 == 0) {
            state.close(now);
        } else {
            state.killAll();
            state.close(now);
        }
    }

    private void breakDown() {
        closed = true;
        broken = true;
        state.breakDown(new OutOfMemoryError("sim"));
    }

    // ---- the end: everything that is left happens, until nothing moves

    private void finish() {
        for (int round = 0; round < MAX_ROUNDS && !isQuiet(); round++) {
            Step step = new Step(Kind.TICK, 0, round % 3 == 0 ? 3 : 1);
            onLoop = true;
            for (SimWorker worker : List.copyOf(workers)) {
                moveOn(worker, step);
            }
            onLoop = false;
            while (!again.isEmpty() && !closed) {
                submit(step);
            }
            now = Math.max(now + 1, Math.min(nextTick, now + TimeUnit.MILLISECONDS.toNanos(1)));
            tick();
            check();
        }
        for (SimAttempt attempt : attempts) {
            require(attempt.isOver(), () -> "never settled: " + attempt.label() + " " + attempt.phase);
            require(attempt.told.size() <= 2, () -> attempt.label() + " was told more after its end: " + attempt.told);
        }
        if (!closed) {
            play(new Step(Kind.CLOSE, 0, 0));
            check();
            finish();
            return;
        }
        for (SimWorker worker : workers) {
            require(worker.reaps == 1, () -> worker.name() + " reaped " + worker.reaps + " times");
        }
        require(state.workers().isEmpty(), () -> "workers are left");
    }

    private void moveOn(SimWorker worker, Step step) {
        if (worker.launching) {
            launched(worker);
        }
        while (!worker.toWorker.isEmpty() && !worker.dead) {
            deliver(worker);
        }
        if (canWork(worker)) {
            work(worker, step);
        }
        while (!worker.toParent.isEmpty() && !worker.endTold) {
            receive(worker);
        }
        if (!worker.endTold) {
            pollRing(worker);
        }
        if (worker.dead && !worker.endTold) {
            ended(worker);
        } else if (worker.endTold && !worker.reapTold) {
            exited(worker);
        }
    }

    private boolean isQuiet() {
        for (SimAttempt attempt : attempts) {
            if (!attempt.isOver()) {
                return false;
            }
        }
        return closed ? state.workers().isEmpty() : again.isEmpty();
    }

    // ---- invariants

    private void check() {
        checks++;
        if (violation != null) {
            throw violation;
        }
        require(broken == (state.brokenBy() != null), () -> "the pool broke: " + state.brokenBy());
        for (WorkerRecord worker : state.workers()) {
            checkWorker((SimWorker) worker);
        }
        int waiting = 0;
        int wanted = 0;
        for (PoolBatch batch : batches) {
            int more = checkBatch(batch);
            waiting += more;
            wanted += Math.max(0, Math.min(more, batch.limit - batch.slotsUsed));
        }
        if (!closed && !woken && !inTurn && state.startsLeftNanos(now) == 0) {
            checkStarts(wanted);
        }
        int counted = waiting;
        require(
                waiting == state.waitingAttempts(),
                () -> "waiting: counted " + state.waitingAttempts() + ", are " + counted);
        for (Iterator<SimAttempt> i = live.iterator(); i.hasNext(); ) {
            SimAttempt attempt = i.next();
            checkAttempt(attempt);
            if (attempt.isOver()) {
                i.remove();
            }
        }
        checkClock();
    }

    /** Checks that as many workers are being started as the waiting tasks could use. */
    private void checkStarts(int wanted) {
        int starting = 0;
        int taken = 0;
        for (WorkerRecord worker : state.workers()) {
            starting += worker.state == State.STARTING ? 1 : 0;
            taken += worker.state == State.LEAVING ? 0 : 1;
        }
        int coming = starting;
        int most = starting + limits.workers() - taken;
        require(
                starting >= Math.min(wanted, most),
                () -> "tasks could use " + wanted + " more workers, and " + coming + " are to come");
    }

    private void found(PoolAttempt attempt) {
        SimAttempt one = (SimAttempt) attempt;
        require(one.foundIn != checks, () -> attempt.label() + " is in two queues");
        one.foundIn = checks;
    }

    private void checkWorker(SimWorker worker) {
        long bytes = 0;
        long at = 0;
        for (PoolAttempt one = worker.queue.first(); one != null; one = AttemptQueue.after(one)) {
            PoolAttempt attempt = one;
            found(attempt);
            require(attempt.worker == worker, () -> attempt.label() + " does not know its worker");
            long place = ((SimAttempt) attempt).sentAt;
            require(place > at, () -> worker.name() + ": the order of frames is not that of the queue");
            at = place;
            bytes += attempt.sentBytes;
        }
        long sum = bytes;
        require(
                broken || bytes == worker.queuedBytes,
                () -> worker.name() + ": bytes counted " + worker.queuedBytes + ", are " + sum);
        PoolAttempt head = worker.queue.first();
        require(
                head == null || head.begun || worker.killedFor != null,
                () -> worker.name() + ": its first task has not begun");
        require(worker.queue.isEmpty() || worker.state != State.LEAVING, () -> worker.name() + " leaves with work");
        require(!worker.givenAfterItsEnd, () -> worker.name() + " was given a task after its end");
        require(worker.reaps == 0, () -> worker.name() + " is reaped and there");
        require(
                !worker.reapTold || worker.state == State.REAPED,
                () -> worker.name() + " was not reaped when its exit was told");
    }

    private int checkBatch(PoolBatch batch) {
        int outstanding = 0;
        long slots = 0;
        for (SimAttempt attempt : live) {
            if (attempt.batch == batch && attempt.queue != null) {
                outstanding++;
                slots |= attempt.worker == null ? 0 : 1L << attempt.worker.slot;
            }
        }
        int used = Long.bitCount(slots);
        int queued = outstanding;
        require(
                broken || outstanding == batch.outstanding(),
                () -> "outstanding: counted " + batch.outstanding() + ", are " + queued);
        require(broken || used == batch.slotsUsed, () -> "slots: counted " + batch.slotsUsed + ", are " + used);
        require(used <= batch.limit, () -> "a batch is at " + used + " workers, its limit is " + batch.limit);
        PoolAttempt first = batch.waiting.first();
        for (PoolAttempt one = first; one != null; one = AttemptQueue.after(one)) {
            PoolAttempt attempt = one;
            found(attempt);
            require(
                    attempt.phase == Phase.WAITING && attempt.worker == null,
                    () -> attempt.label() + " waits as " + attempt.phase);
            require(batch.failure == null, () -> attempt.label() + " waits in a batch that has failed");
        }
        require(first == null || batch.ready, () -> "a batch with waiting tasks has no turn");
        if (first != null && !closed) {
            checkNobodyIsIdle(batch, first);
        }
        return batch.waiting.size();
    }

    private void checkNobodyIsIdle(PoolBatch batch, PoolAttempt first) {
        boolean couldComeUp = false;
        for (WorkerRecord worker : state.workers()) {
            boolean idle = worker.state == State.READY && !worker.isDying() && worker.queue.isEmpty();
            require(
                    !idle || !batch.mayUse(worker.slot),
                    () -> first.label() + " waits beside an idle " + worker.name());
            couldComeUp |= worker.state != State.LEAVING;
        }
        require(
                couldComeUp || woken || inTurn || nextTick - now <= state.startsLeftNanos(now),
                () -> first.label() + " waits, and no worker is there or to come");
    }

    private void checkAttempt(SimAttempt attempt) {
        boolean over = attempt.isOver();
        require(
                over != (attempt.foundIn == checks),
                () -> attempt.label() + " is settled and queued, or neither: " + attempt.told);
        require(over == attempt.isSettled(), () -> attempt.label() + " settled: " + attempt.told);
        int ends = 0;
        for (int i = 0; i < attempt.told.size(); i++) {
            boolean start = attempt.told.get(i).equals("started");
            require(!start || i == 0, () -> attempt.label() + " was started late or twice: " + attempt.told);
            ends += start ? 0 : 1;
        }
        require(ends <= 1, () -> attempt.label() + " ended twice: " + attempt.told);
        boolean answered = attempt.told.contains("answered");
        require(!answered || attempt.told.contains("started"), () -> attempt.label() + " was answered and not started");
    }

    /** Checks that the next tick is no later than anything that is due. */
    private void checkClock() {
        if (woken || inTurn) {
            return;
        }
        for (WorkerRecord worker : state.workers()) {
            if (worker.ended || worker.killedFor != null) {
                continue;
            }
            PoolAttempt head = worker.queue.first();
            if (worker.state == State.STARTING) {
                due(worker.startDeadlineNanos, worker, "its start");
            }
            if (worker.exitDue) {
                due(worker.exitByNanos, worker, "its exit");
            }
            if (head == null && worker.state == State.READY && limits.idleNanos() != PoolLimits.NEVER) {
                due(worker.idleSinceNanos + limits.idleNanos(), worker, "the end of its idle time");
            }
            if (head != null && head.killDue) {
                due(head.killAtNanos, worker, "the end of the grace");
            }
            if (worker.queue.size() > 1 && worker.state != State.LEAVING) {
                require(
                        nextTick - now <= MAX_POLL_NANOS,
                        () -> worker.name() + " may have results, and nobody looks for them");
            }
        }
        if (!closed) {
            checkRecall();
        }
    }

    /** Checks that what waits behind a body is recalled while another worker is idle. */
    private void checkRecall() {
        WorkerRecord fullest = null;
        boolean idle = false;
        for (int slot = 0; slot < limits.workers(); slot++) {
            for (WorkerRecord worker : state.workers()) {
                if (worker.slot == slot && worker.state != State.LEAVING) {
                    idle |= worker.state == State.READY && worker.queue.isEmpty();
                    fullest = fullest == null || worker.queue.size() > fullest.queue.size() ? worker : fullest;
                }
            }
        }
        WorkerRecord from = idle ? fullest : null;
        for (SimAttempt attempt : live) {
            boolean movable = from != null
                    && attempt.worker == from
                    && !attempt.recalled
                    && attempt.stop == null
                    && attempt.batch.mayMoveFrom(from.slot)
                    && from.queue.laterHalf().contains(attempt);
            attempt.movableSinceNanos = !movable ? 0 : attempt.movableSinceNanos == 0 ? now : attempt.movableSinceNanos;
            if (movable) {
                long since = Math.max(from.headSinceNanos, attempt.movableSinceNanos);
                due(since + RECALL_NANOS, from, "the recall of " + attempt.label());
            }
        }
    }

    private void due(long atNanos, WorkerRecord worker, String what) {
        require(atNanos > now, () -> worker.name() + ": " + what + " was due " + (now - atNanos) + " ns ago");
        require(
                nextTick <= atNanos,
                () -> worker.name() + ": " + what + " is due in " + (atNanos - now) + " ns, the clock looks in "
                        + (nextTick - now));
    }

    private void note(boolean holds, Supplier<String> otherwise) {
        if (!holds && violation == null) {
            violation = new AssertionError(otherwise.get());
        }
    }

    private static void require(boolean holds, Supplier<String> otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise.get());
        }
    }
}
