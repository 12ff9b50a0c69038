package dev.brigade.process.scheduling;

import dev.brigade.WorkerLostException;
import dev.brigade.WorkerLostException.Reason;
import dev.brigade.process.protocol.Frame;
import dev.brigade.process.protocol.ProtocolException;
import dev.brigade.process.scheduling.PoolAttempt.Phase;
import dev.brigade.process.scheduling.WorkerRecord.State;
import dev.brigade.spi.StopMode;
import dev.brigade.transport.Payload;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The state of a pool and all decisions on it.
 *
 * <p>Design note: {@code lock} guards all state, of batches, attempts and workers too; decisions take it in {@link #decide} alone. A
 * decision changes the state and appends to {@code actions}. The actions are done in the order of the decisions, after the lock has been
 * left.
 *
 * <p>Memory or the stack may end anywhere in a decision. Moving an attempt between queues allocates nothing, so wherever a decision breaks
 * off, each attempt is in one queue, or its end is among the actions. The pool is then <em>broken</em>: all attempts in the queues fail
 * with the cause, all workers are killed, and later submissions fail as well. One place needs much memory, and breaks nothing
 * ({@link #giveOrFail}): the frames of an attempt are made before anything is changed, and where they cannot be made, that attempt fails
 * alone. At the end of a user's stack, each step begins with its deepest call, so that step is not done at all.
 *
 * <p>Times are arguments, by {@link System#nanoTime}.
 */
public final class PoolState {
    /** Stands for a wait without an end: longer than any wait that matters. */
    public static final long NEVER_NANOS = TimeUnit.HOURS.toNanos(1);

    /** Most bytes in a worker's queue or on their way to it. A larger attempt goes to an idle worker, and no other waits behind it. */
    static final long MAX_QUEUED_BYTES = 1024 * 1024;

    /** Time that a process may live without its connection, and least time for an exit, even if the configured grace is shorter. */
    static final long EXIT_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** Time that a body runs before the attempts behind it are recalled, as other workers might run them sooner. */
    private static final long RECALL_AFTER_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    /** The batch fails once this many workers have died while they decoded its function. */
    private static final int MAX_DECODING = 3;

    private static final String CLOSED = "the pool closed";

    /** Stands for no action. */
    private static final Action NO_ACTION = new Action() {
        @Override
        void run() {
            // Nothing.
        }
    };

    /** The pool's own thread, as decisions see it. */
    public interface EventLoop {
        /**
         * Checks if the calling thread is the loop's.
         *
         * @return true if it is the loop's
         */
        boolean isCurrent();

        /**
         * Runs an action on the loop's thread.
         *
         * @param action the action
         * @return false if there is no such thread, and nothing is done
         */
        boolean execute(Runnable action);

        /** Makes the loop do a round soon, with a {@link PoolState#tick}. Any thread. */
        void wakeup();
    }

    /** Makes the records of workers. */
    @FunctionalInterface
    public interface WorkerFactory {
        /**
         * Makes a record; under the pool's lock, so it must be quick.
         *
         * @param number its number in the pool, from 1
         * @param slot its slot
         * @param startDeadlineNanos the time at which it must be ready
         * @return the record
         */
        WorkerRecord newWorker(int number, int slot, long startDeadlineNanos);
    }

    private final Object lock = new Object();
    private final PoolLimits limits;
    private final WorkerFactory factory;
    private final EventLoop loop;
    private final ActionQueue actions;
    private final WorkerLossReport report;

    /** Time that an exit may take after the worker has been asked for it. */
    private final long exitNanos;

    private final @Nullable WorkerRecord[] slots;

    /** Workers that have been told to exit, and are not reaped. */
    private @Nullable WorkerRecord firstLeaving;

    /** Batches with attempts that wait; each at most once, in turn. */
    private @Nullable PoolBatch firstReady;

    private @Nullable PoolBatch lastReady;
    private int readyBatches;
    private int waitingAttempts;

    /** True if an attempt waits because all workers are taken, so that one more worker would help. */
    private boolean starved;

    /** The prefetch depth of all batches together, which a new batch assumes. */
    private final PrefetchDepth depth = new PrefetchDepth(null);

    private final RoundTripAverage roundTrip = new RoundTripAverage();
    private final PollBackoff polling = new PollBackoff();
    private final StartBackoff starts = new StartBackoff();
    private final Action wakeup;

    /** Made early: a class that is first used at the end of a thread's stack can never be used again. */
    private final Frame exitFrame = Frame.of(Frame.EXIT, 0);

    /** Attempts that a broken pool has yet to fail. */
    private final AttemptQueue abandoned = new AttemptQueue();

    private int workersMade;
    private long decisions;

    /** Nothing more is started. One way: false to true. */
    private volatile boolean closed;

    /** Why the pool is broken; null while it is not. Set once. */
    private volatile @Nullable Throwable broken;

    /**
     * Makes the state of a pool without workers.
     *
     * @param limits the numbers that the decisions go by
     * @param factory makes workers
     * @param loop the pool's own thread
     */
    public PoolState(PoolLimits limits, WorkerFactory factory, EventLoop loop) {
        this.limits = limits;
        this.factory = factory;
        this.loop = loop;
        actions = new ActionQueue(loop);
        report = new WorkerLossReport(limits.initializerBytes(), limits.mainClass());
        exitNanos = Math.max(limits.graceNanos(), EXIT_NANOS);
        slots = new WorkerRecord[limits.workers()];
        wakeup = new Action() {
            @Override
            void run() {
                loop.wakeup();
            }
        };
    }

    // ---- the one place where the lock is taken for a decision

    private int decide(IntSupplier decision) {
        int result = 0;
        synchronized (lock) {
            decisions++;
            try {
                result = decision.getAsInt();
            } catch (StackOverflowError e) {
                // A user's thread is deep in its stack, and no step is half done: see the design note.
                if (loop.isCurrent()) {
                    markBroken(e);
                } else {
                    throw e;
                }
            } catch (Throwable e) {
                markBroken(e);
            }
        }
        actions.drain();
        if (broken != null) {
            failAbandoned();
        }
        return result;
    }

    private void change(Runnable decision) {
        decide(() -> {
            decision.run();
            return 0;
        });
    }

    /** Runs the actions that other threads have left. The event loop calls this in each round. */
    public void drain() {
        actions.drain();
        if (broken != null) {
            failAbandoned();
        }
    }

    // ---- batches and attempts

    /**
     * Opens a batch.
     *
     * @param id its number, not 0 and not negative
     * @param name its name in logs and messages; perhaps empty
     * @param limit the number of workers that its tasks may be at
     * @param taskTimeoutNanos the task's time-out; {@link PoolAttempt#NO_DEADLINE} for none
     * @param common the parts that workers must have
     * @return the batch
     */
    public PoolBatch open(int id, String name, int limit, long taskTimeoutNanos, PoolBatch.Common common) {
        PoolBatch batch = new PoolBatch(id, name, limit, taskTimeoutNanos, common, slots.length, depth);
        change(() -> batch.publishRoom(slots.length, roundTrip.nanos()));
        return batch;
    }

    /**
     * Takes an attempt.
     *
     * @param attempt the attempt, which has not been submitted before
     * @param now the time
     * @return false if the pool is closed, and nothing is told of the attempt; if true, its end follows
     */
    public boolean submit(PoolAttempt attempt, long now) {
        boolean taken = decide(() -> take(attempt, now) ? 1 : 0) != 0;
        return taken || attempt.isSettled(); // a decision that broke off has settled it: its end is told
    }

    private boolean take(PoolAttempt attempt, long now) {
        PoolBatch batch = attempt.batch;
        if (broken != null) {
            refuse(attempt, brokenPool());
            return true;
        }
        if (closed) {
            return false;
        }
        WorkerLostException failure = batch.failure;
        if (failure != null) {
            refuse(attempt, WorkerLossReport.batchFailed(attempt, failure));
            return true;
        }
        batch.submitted(attempt);
        waitingAttempts++;
        addReady(batch);
        assign(now);
        startWorkers(now);
        if (starved && starts.leftNanos(now) > 0) {
            actions.add(wakeup); // the event loop starts a worker as soon as it may, but does not know this attempt yet
        }
        batch.publishRoom(slots.length, roundTrip.nanos());
        return true;
    }

    private void refuse(PoolAttempt attempt, Throwable why) {
        attempt.settle(null, why);
        actions.add(attempt);
    }

    /**
     * Asks for an attempt's end.
     *
     * @param attempt the attempt, which has been submitted
     * @param why how hard to ask
     * @param now the time
     */
    public void stop(PoolAttempt attempt, StopMode why, long now) {
        change(() -> {
            boolean hard = why != StopMode.CANCEL;
            if (attempt.isSettled() || (attempt.stop != null && (!hard || attempt.killDue))) {
                return;
            }
            attempt.stop = why;
            WorkerRecord worker = attempt.worker;
            if (worker == null) {
                endWaiting(attempt, null);
                return;
            }
            if (hard) {
                attempt.killDue = true;
                attempt.killAtNanos = now + limits.graceNanos();
            }
            send(worker, Frame.of(Frame.CANCEL, attempt.id, hard ? 1 : 0));
            actions.add(wakeup);
        });
    }

    /**
     * Ends a batch: workers may forget its function. The frame goes along with the next one, and costs no write of its own.
     *
     * @param batch the batch, which has no attempt under way
     */
    public void release(PoolBatch batch) {
        change(() -> {
            batch.release();
            for (WorkerRecord worker : slots) {
                if (worker != null && worker.functions.remove(batch.id)) {
                    send(worker, new Frame(Frame.RELEASE, 0, batch.id, 0, (byte) 0, 0, Frame.NO_BYTES));
                }
            }
        });
    }

    /** Tells the engine the end of an attempt that no worker has; {@code why} is null if it is given back. */
    private void endWaiting(PoolAttempt attempt, @Nullable Throwable why) {
        attempt.settle(null, why);
        actions.add(attempt);
        attempt.batch.waiting.remove(attempt);
        waitingAttempts--;
        left(attempt);
    }

    /** Tells the engine the end of an attempt that a worker has; {@code answer} and {@code why} are null if it is given back. */
    private void endSent(PoolAttempt attempt, WorkerRecord worker, @Nullable Payload answer, @Nullable Throwable why) {
        attempt.settle(answer, why);
        actions.add(attempt);
        unqueue(attempt, worker);
        left(attempt);
    }

    private void left(PoolAttempt attempt) {
        attempt.batch.left(attempt);
        attempt.batch.publishRoom(slots.length, roundTrip.nanos());
    }

    private static void unqueue(PoolAttempt attempt, WorkerRecord worker) {
        worker.queue.remove(attempt);
        worker.queuedBytes -= attempt.sentBytes;
        attempt.worker = null;
        attempt.batch.leftWorker(worker);
    }

    /**
     * Puts the attempt at the front of its batch's queue, because it came before all that wait. If it is stopped, was said to have begun,
     * or the pool is closed, it goes back to the engine. If its batch has failed, so does the attempt.
     */
    private void giveBack(PoolAttempt attempt, WorkerRecord worker) {
        if (attempt.stop != null || attempt.begun || closed) {
            // As far as the parent could know, it had begun, and its time is up. In fact its worker had not come to it.
            boolean late = attempt.begun && attempt.stop == StopMode.TIMEOUT;
            endSent(
                    attempt,
                    worker,
                    null,
                    late ? new IllegalStateException(attempt.label() + " was not begun in time") : null);
            return;
        }
        WorkerLostException failure = attempt.batch.failure;
        if (failure != null) {
            endSent(attempt, worker, null, WorkerLossReport.batchFailed(attempt, failure));
            return;
        }
        unqueue(attempt, worker);
        attempt.batch.waiting.addFirst(attempt);
        attempt.phase = Phase.WAITING;
        waitingAttempts++;
        removeReady(attempt.batch);
        attempt.batch.nextReady = firstReady;
        firstReady = attempt.batch;
        lastReady = lastReady == null ? attempt.batch : lastReady;
        attempt.batch.ready = true;
        readyBatches++;
    }

    // ---- the turn of batches

    private void addReady(PoolBatch batch) {
        if (batch.ready) {
            return;
        }
        batch.ready = true;
        batch.nextReady = null;
        PoolBatch last = lastReady;
        if (last == null) {
            firstReady = batch;
        } else {
            last.nextReady = batch;
        }
        lastReady = batch;
        readyBatches++;
    }

    private void removeReady(PoolBatch batch) {
        PoolBatch before = null;
        for (PoolBatch one = firstReady; one != null; before = one, one = one.nextReady) {
            if (one == batch) {
                if (before == null) {
                    firstReady = batch.nextReady;
                } else {
                    before.nextReady = batch.nextReady;
                }
                lastReady = lastReady == batch ? before : lastReady;
                batch.nextReady = null;
                batch.ready = false;
                readyBatches--;
                return;
            }
        }
    }

    // ---- giving attempts to workers

    /** Gives waiting attempts to workers, batch by batch, until none can take one more. */
    private void assign(long now) {
        starved = false;
        int passed = 0;
        while (passed < readyBatches) {
            PoolBatch batch = firstReady;
            if (batch == null) {
                return;
            }
            PoolAttempt attempt = batch.waiting.first();
            WorkerRecord worker = attempt == null ? null : pick(batch, attempt, now);
            if (attempt != null && worker == null && starved) {
                return;
            }
            if (attempt != null) {
                passed = worker == null ? passed + 1 : 0;
                giveOrFail(attempt, worker, now);
            }
            removeReady(batch);
            if (!batch.waiting.isEmpty()) {
                addReady(batch);
            }
        }
    }

    /**
     * Returns the least loaded worker that takes the attempt, or null. Sets {@code starved} if none does and one more worker would help.
     */
    private @Nullable WorkerRecord pick(PoolBatch batch, PoolAttempt attempt, long now) {
        boolean mayUseMore = batch.slotsUsed < batch.limit;
        int behind = mayUseMore && !starts.isFailing() && !allUp() ? 0 : batch.depth.depth(roundTrip.nanos());
        WorkerRecord best = null;
        for (int slot = 0; slot < slots.length; slot++) {
            WorkerRecord worker = slots[slot];
            if (worker != null && batch.mayUse(slot) && worker.takes(attempt, behind, MAX_QUEUED_BYTES, now)) {
                best = best == null || worker.queue.size() < best.queue.size() ? worker : best;
            }
        }
        starved = best == null && mayUseMore;
        return best;
    }

    /**
     * Returns true if all workers are up. Until then, an attempt that a coming worker may run waits for that worker. In the queue of
     * another worker it would wait behind a body, while the new worker is given later attempts. If bodies wait for each other, it might
     * wait for ever. When all workers are up, an attempt may wait behind a body that is longer than those before it, until a worker is
     * idle.
     */
    private boolean allUp() {
        for (WorkerRecord worker : slots) {
            if (worker == null || worker.state != State.READY || worker.isDying()) {
                return false;
            }
        }
        return true;
    }

    private void giveOrFail(PoolAttempt attempt, @Nullable WorkerRecord worker, long now) {
        if (worker == null) {
            return;
        }
        boolean withFunction = !worker.functions.contains(attempt.batch.id);
        Action send;
        Action started;
        try {
            send = new WorkerRecord.Send(worker, attempt.batch.framesFor(attempt, withFunction, now));
            started = worker.queue.isEmpty() ? new Started(attempt, worker.name()) : NO_ACTION;
            worker.functions.add(attempt.batch.id);
        } catch (OutOfMemoryError e) {
            if (withFunction) {
                worker.functions.remove(attempt.batch.id);
            }
            endWaiting(attempt, e); // nothing of it has been sent
            return;
        }
        actions.add(send);
        if (started != NO_ACTION) {
            actions.add(started);
        }
        give(attempt, worker, withFunction, now);
        if (started != NO_ACTION) {
            begin(attempt, worker, now);
        }
        if (polling.begins(worker.queue.size() > 1)) {
            actions.add(wakeup);
        }
    }

    private void give(PoolAttempt attempt, WorkerRecord worker, boolean withFunction, long now) {
        attempt.batch.waiting.remove(attempt);
        waitingAttempts--;
        attempt.sentAtNanos = worker.queue.isEmpty() ? now : 0;
        attempt.carriesFunction = withFunction;
        attempt.sentBytes = attempt.input.size() + (withFunction ? attempt.batch.commonBytes() : 0);
        attempt.worker = worker;
        attempt.recalled = false;
        attempt.phase = Phase.SENT;
        worker.queue.addLast(attempt);
        attempt.batch.arrivedAt(worker);
        worker.queuedBytes += attempt.sentBytes;
        worker.tasks++;
        if (worker.tasks == limits.maxTasksPerWorker()) {
            worker.state = State.RETIRING;
        }
    }

    private static void begin(PoolAttempt head, WorkerRecord worker, long now) {
        head.begun = true;
        head.phase = Phase.STARTED;
        worker.headSinceNanos = now;
    }

    /** Begins the attempt that has come to the head of a worker's queue, as far as the parent can know. */
    private void beginHead(WorkerRecord worker, long now) {
        PoolAttempt head = worker.queue.first();
        if (head == null) {
            worker.idleSinceNanos = now;
        } else if (!head.begun && worker.killedFor == null) {
            actions.add(new Started(head, worker.name()));
            begin(head, worker, now);
        }
    }

    private static final class Started extends Action {
        private final PoolAttempt attempt;
        private final String workerName;

        Started(PoolAttempt attempt, String workerName) {
            this.attempt = attempt;
            this.workerName = workerName;
        }

        @Override
        void run() {
            attempt.started(workerName);
        }
    }

    // ---- what workers say

    /**
     * Takes the results that a worker has published in its ring.
     *
     * @param worker the worker
     * @param results frames in the order in which they were published
     * @param now the time
     * @return the number of results taken; the next one, if any, has to wait for a frame that the socket brings
     */
    public int results(WorkerRecord worker, List<Frame> results, long now) {
        return decide(() -> {
            int taken = 0;
            while (taken < results.size()
                    && !worker.hasBehind(results.get(taken).id())) {
                answered(worker, results.get(taken), now);
                taken++;
            }
            if (waitingAttempts > 0) {
                assign(now);
            }
            return taken;
        });
    }

    /**
     * Takes a frame that the socket has brought.
     *
     * @param worker the worker
     * @param frame the frame
     * @param now the time
     * @return false if the pool has no use for a frame of that type
     */
    public boolean received(WorkerRecord worker, Frame frame, long now) {
        return decide(() -> {
                    switch (frame.type()) {
                        case Frame.RESULT -> answered(worker, frame, now);
                        case Frame.RETURNED -> returned(worker, frame.id(), now);
                        case Frame.READY -> ready(worker, now);
                        case Frame.RETIRING -> retiring(worker, now);
                        case Frame.EXITING -> {
                            worker.exiting = true;
                            worker.terminated = frame.number() != 0;
                            expectExit(worker, exitNanos, now);
                        }
                        case Frame.DUMP -> dumped(worker, frame);
                        default -> {
                            return 0;
                        }
                    }
                    if (waitingAttempts > 0) {
                        assign(now);
                    }
                    return 1;
                })
                != 0;
    }

    private void answered(WorkerRecord worker, Frame result, long now) {
        PoolAttempt attempt = worker.queue.find(result.id());
        if (attempt == null) {
            return; // settled before
        }
        if (!attempt.begun) {
            // The worker is dead, and can no longer report the attempts that it gave back before this one.
            actions.add(new Started(attempt, worker.name()));
            attempt.begun = true;
        }
        PoolBatch batch = attempt.batch;
        batch.depth.sample(result.nanos());
        batch.lostUnbegun = 0;
        batch.functionWorks = true;
        if (worker.queue.size() == 1 && attempt.sentAtNanos != 0) {
            roundTrip.sample(now - attempt.sentAtNanos - result.nanos());
        }
        endSent(attempt, worker, new Payload(result.kind(), result.bytes()), null);
        afterOneLeft(worker, now);
    }

    private void returned(WorkerRecord worker, int id, long now) {
        PoolAttempt attempt = worker.queue.find(id);
        if (attempt != null) {
            giveBack(attempt, worker);
            afterOneLeft(worker, now);
        }
    }

    private void afterOneLeft(WorkerRecord worker, long now) {
        beginHead(worker, now);
        if (worker.state == State.RETIRING && worker.queue.isEmpty()) {
            requestExit(worker, now);
        }
    }

    private void ready(WorkerRecord worker, long now) {
        if (worker.state != State.STARTING || worker.killedFor != null) {
            return;
        }
        starts.succeeded();
        worker.wasReady = true;
        worker.state = State.READY;
        worker.idleSinceNanos = now;
        if (closed || worker.retiresOnceReady) {
            requestExit(worker, now);
        }
    }

    /** Called when the worker wants to leave: it is given no more attempts, and exits once it has none. */
    private void retiring(WorkerRecord worker, long now) {
        if (worker.state == State.READY || worker.state == State.RETIRING) {
            worker.state = State.RETIRING;
            if (worker.queue.isEmpty()) {
                requestExit(worker, now);
            }
        } else if (worker.state == State.STARTING) {
            worker.retiresOnceReady = true;
        }
    }

    private static void dumped(WorkerRecord worker, Frame frame) {
        PoolAttempt head = worker.queue.first();
        if (head != null && head.id == frame.id()) {
            worker.dump = new String(frame.bytes(), StandardCharsets.UTF_8);
            worker.dumpedId = head.id;
        }
    }

    // ---- the lives of workers

    /** Starts as many workers as the waiting attempts can use. */
    private void startWorkers(long now) {
        if (!starved || closed || starts.leftNanos(now) > 0) {
            return;
        }
        int wanted = wantedWorkers(slots.length);
        for (WorkerRecord worker : slots) {
            wanted -= worker != null && worker.state == State.STARTING ? 1 : 0;
        }
        for (int slot = 0; slot < slots.length && wanted > 0; slot++) {
            if (slots[slot] == null) {
                startWorker(slot, now);
                wanted--;
            }
        }
    }

    /** Returns the number of further workers that the waiting attempts could use; {@code enough} or more is enough. */
    private int wantedWorkers(int enough) {
        int wanted = 0;
        for (PoolBatch batch = firstReady; batch != null && wanted < enough; batch = batch.nextReady) {
            wanted += Math.max(0, Math.min(batch.waiting.size(), batch.limit - batch.slotsUsed));
        }
        return wanted;
    }

    private void startWorker(int slot, long now) {
        WorkerRecord worker = factory.newWorker(workersMade + 1, slot, now + limits.startNanos());
        actions.add(new Launch(worker, now));
        actions.add(wakeup); // the event loop watches the start deadline, even if the launch hangs
        workersMade++;
        slots[slot] = worker;
    }

    private final class Launch extends Action {
        private final WorkerRecord worker;
        private final long now;

        Launch(WorkerRecord worker, long now) {
            this.worker = worker;
            this.now = now;
        }

        @Override
        void run() {
            worker.launch();
        }

        @Override
        void recover() {
            // If a process starts in spite of that, it is killed then.
            StackOverflowError why = new StackOverflowError("the thread that was to start it had no stack left");
            launchFailed(worker, WorkerExit.notStarted(why, List.of()), true, now);
        }
    }

    /**
     * The worker has a process.
     *
     * @param worker the worker
     * @param pid the number of the process
     */
    public void launched(WorkerRecord worker, long pid) {
        change(() -> {
            worker.pid = pid;
            lock.notifyAll(); // the exit hook may wait for it
            if (worker.killedFor != null || worker.state == State.REAPED) {
                actions.add(new Kill(worker));
            }
        });
    }

    /**
     * The worker's process could not be started.
     *
     * @param worker the worker
     * @param exit the facts that are known
     * @param mayTryAgain false if there is no thread that would try again, so that the waiting attempts fail now
     * @param now the time
     */
    public void launchFailed(WorkerRecord worker, WorkerExit exit, boolean mayTryAgain, long now) {
        change(() -> {
            reap(worker, exit, now);
            if (!mayTryAgain) {
                starts.allowNow();
                failWaiting(worker, exit);
            }
        });
    }

    /**
     * The worker has a connection.
     *
     * @param worker the worker
     */
    public void connected(WorkerRecord worker) {
        change(() -> {
            worker.connected = true;
        });
    }

    /**
     * The worker's connection has ended.
     *
     * @param worker the worker
     * @param why the reason; null if it ended as it may
     * @param now the time
     */
    public void disconnected(WorkerRecord worker, @Nullable Throwable why, long now) {
        change(() -> {
            worker.disconnected = true;
            worker.cause = worker.cause == null ? why : worker.cause;
            if (why instanceof ProtocolException) {
                kill(worker, Reason.PROTOCOL_ERROR, "it broke the protocol: " + why.getMessage());
            } else if (why instanceof RuntimeException || why instanceof Error) {
                kill(worker, Reason.PROTOCOL_ERROR, "its channel failed here: " + why);
            } else {
                expectExit(worker, EXIT_NANOS, now);
            }
        });
    }

    /**
     * The worker's process has ended, and all frames that it had sent have been taken; its last output may still come.
     *
     * @param worker the worker
     */
    public void ended(WorkerRecord worker) {
        change(() -> {
            worker.ended = true;
            worker.disconnected = true;
        });
    }

    /**
     * The worker's process has ended, and all that it wrote has been read: it is reaped.
     *
     * @param worker the worker
     * @param exit the facts that are known
     * @param now the time
     */
    public void exited(WorkerRecord worker, WorkerExit exit, long now) {
        change(() -> reap(worker, exit, now));
    }

    private void reap(WorkerRecord worker, WorkerExit exit, long now) {
        if (worker.state == State.REAPED) {
            return;
        }
        boolean wanted = worker.state == State.LEAVING || closed;
        boolean failedStart = !worker.wasReady && !wanted;
        boolean archiveSuspected = failedStart && exit.fromArchive() && !worker.connected;
        String reason = wanted && Integer.valueOf(0).equals(exit.code())
                ? "DISMISSED"
                : WorkerLossReport.reason(worker, exit).name();
        try {
            emptyQueue(worker, exit);
        } catch (Throwable e) {
            markBroken(e);
        }
        freeSlot(worker);
        removeLeaving(worker);
        worker.state = State.REAPED;
        lock.notifyAll();
        actions.add(new Action() {
            @Override
            void run() {
                worker.reaped(exit, reason, archiveSuspected);
            }
        });
        // A start from an archive that ended before the connection says nothing of the next start, which does without
        // the archive.
        afterReaping(worker, exit, failedStart && !archiveSuspected, now);
    }

    private void afterReaping(WorkerRecord worker, WorkerExit exit, boolean failedStart, long now) {
        if (failedStart && starts.failedAgain(now) && !anyWasReady()) {
            failWaiting(worker, exit);
        }
        if (waitingAttempts > 0) {
            assign(now);
            startWorkers(now);
        }
        actions.add(wakeup);
    }

    // ---- blame

    /** Settles the attempt that is to blame for the worker's death, and gives the others out again. */
    private void emptyQueue(WorkerRecord worker, WorkerExit exit) {
        PoolAttempt blamed = BlameResolver.resolve(worker, exit);
        List<PoolAttempt> left = worker.queue.toList();
        Collections.reverse(left); // each goes to the front
        for (PoolAttempt attempt : left) {
            if (attempt != blamed) {
                giveBack(attempt, worker);
            }
        }
        if (blamed != null) {
            blame(blamed, worker, exit);
        }
    }

    /** Fails the attempt that is to blame; fails its whole batch once {@value #MAX_DECODING} workers have died of its function. */
    private void blame(PoolAttempt attempt, WorkerRecord worker, WorkerExit exit) {
        PoolBatch batch = attempt.batch;
        WorkerLostException lost = WorkerLossReport.of(worker, exit, attempt);
        batch.lostUnbegun = 0;
        if (!attempt.begun) {
            actions.add(new Started(attempt, worker.name()));
            attempt.begun = true;
        }
        boolean functionsFault = BlameResolver.resolveFunction(attempt, worker, exit, upWorkers());
        endSent(attempt, worker, null, lost);
        if (functionsFault && ++batch.lostDecoding >= MAX_DECODING) {
            batch.failure = lost;
            for (PoolAttempt other : batch.waiting.toList()) {
                endWaiting(other, WorkerLossReport.batchFailed(other, lost));
            }
        }
    }

    // ---- ends of workers

    /** Fails all waiting attempts, because no worker gets ready. */
    private void failWaiting(WorkerRecord worker, WorkerExit exit) {
        for (PoolBatch batch = firstReady; batch != null; batch = batch.nextReady) {
            for (PoolAttempt attempt : batch.waiting.toList()) {
                // Each attempt has its own exception: two callers must not share one.
                endWaiting(attempt, report.neverReady(worker, exit, starts.failed()));
            }
        }
        starts.gaveUp();
    }

    private boolean anyWasReady() {
        for (WorkerRecord worker : slots) {
            if (worker != null && worker.wasReady) {
                return true;
            }
        }
        return false;
    }

    /** Tells a worker without attempts to exit, and frees its slot. */
    private void requestExit(WorkerRecord worker, long now) {
        send(worker, exitFrame);
        worker.state = State.LEAVING;
        worker.exitDue = true;
        worker.exitByNanos = now + exitNanos;
        actions.add(wakeup); // a close comes from any thread, and the event loop does not know of this deadline yet
        if (freeSlot(worker)) {
            worker.nextLeaving = firstLeaving;
            firstLeaving = worker;
        }
    }

    private boolean freeSlot(WorkerRecord worker) {
        boolean had = slots[worker.slot] == worker;
        if (had) {
            slots[worker.slot] = null;
        }
        return had;
    }

    private void removeLeaving(WorkerRecord worker) {
        WorkerRecord before = null;
        for (WorkerRecord one = firstLeaving; one != null; before = one, one = one.nextLeaving) {
            if (one == worker) {
                if (before == null) {
                    firstLeaving = one.nextLeaving;
                } else {
                    before.nextLeaving = one.nextLeaving;
                }
                return;
            }
        }
    }

    private void expectExit(WorkerRecord worker, long withinNanos, long now) {
        if (!worker.exitDue) {
            worker.exitDue = true;
            worker.exitByNanos = now + withinNanos;
            actions.add(wakeup);
        }
    }

    private void kill(WorkerRecord worker, Reason reason, String note) {
        if (worker.killedFor == null) {
            actions.add(new Kill(worker));
            worker.killedFor = reason;
            worker.killNote = note;
        }
    }

    private static final class Kill extends Action {
        private final WorkerRecord worker;

        Kill(WorkerRecord worker) {
            this.worker = worker;
        }

        @Override
        void run() {
            worker.kill();
        }
    }

    private void send(WorkerRecord worker, Frame frame) {
        actions.add(new WorkerRecord.Send(worker, List.of(frame)));
    }

    // ---- deadlines

    /**
     * Does everything that is due.
     *
     * @param news true if workers have sent results since this was last called
     * @param now the time
     * @return the time until something may be due again, in nanoseconds
     */
    public long tick(boolean news, long now) {
        long[] next = {NEVER_NANOS};
        change(() -> next[0] = tickNow(news, now));
        return next[0];
    }

    private long tickNow(boolean news, long now) {
        long next = NEVER_NANOS;
        for (WorkerRecord worker : slots) {
            next = worker == null ? next : Math.min(next, check(worker, now));
        }
        for (WorkerRecord worker = firstLeaving; worker != null; worker = worker.nextLeaving) {
            next = Math.min(next, check(worker, now));
        }
        if (waitingAttempts > 0) {
            assign(now);
            startWorkers(now);
            long left = starts.leftNanos(now);
            next = left > 0 ? Math.min(next, left) : next;
        }
        // These come last, because they look at the attempts given out above.
        next = Math.min(next, rebalance(now));
        return Math.min(next, polling.nextNanos(news));
    }

    private long check(WorkerRecord worker, long now) {
        long next = NEVER_NANOS;
        if (worker.ended || worker.killedFor != null) {
            return next;
        }
        if (worker.state == State.RETIRING && worker.queue.isEmpty()) {
            requestExit(worker, now);
        }
        if (worker.state == State.STARTING) {
            long left = worker.startDeadlineNanos - now;
            next = Math.min(next, left);
            if (left <= 0) {
                String within = Duration.ofNanos(limits.startNanos()).toString();
                kill(worker, Reason.NEVER_READY, "it was not ready within " + within);
            }
        }
        if (worker.exitDue) {
            long left = worker.exitByNanos - now;
            next = Math.min(next, left);
            if (left <= 0) {
                killForStaying(worker);
            }
        }
        return Math.min(next, checkHead(worker, now));
    }

    private void killForStaying(WorkerRecord worker) {
        if (worker.disconnected && !worker.exiting) {
            kill(worker, Reason.PROTOCOL_ERROR, "its channel ended, and it lived on");
        } else {
            kill(worker, Reason.KILLED, "it did not exit within " + Duration.ofNanos(exitNanos));
        }
    }

    private long checkHead(WorkerRecord worker, long now) {
        PoolAttempt head = worker.queue.first();
        if (head != null && head.killDue) {
            long left = head.killAtNanos - now;
            if (left <= 0) {
                kill(worker, Reason.KILLED, "its task ignored its end for " + Duration.ofNanos(limits.graceNanos()));
            }
            return left;
        }
        if (head == null && limits.idleNanos() != PoolLimits.NEVER && worker.state == State.READY) {
            long left = worker.idleSinceNanos + limits.idleNanos() - now;
            if (left <= 0) {
                requestExit(worker, now);
            }
            return left;
        }
        return NEVER_NANOS;
    }

    /**
     * Moves attempts to workers that are idle, so that no short body waits behind a long one. If a worker is idle, this recalls half of the
     * longest queue, and returned attempts are given out like any other. If none is idle and a slot is empty, it starts a worker.
     */
    private long rebalance(long now) {
        Occupancy occupancy = Occupancy.of(slots);
        WorkerRecord fullest = occupancy.fullest();
        boolean behind = fullest != null && fullest.queue.size() > 1;
        // Workers become idle, and slots empty, on the event loop's thread, which then looks again.
        polling.setNeeded(behind);
        if (fullest == null || !behind || closed) {
            return NEVER_NANOS;
        }
        boolean idle = occupancy.idle();
        if (!idle && (occupancy.empty() < 0 || occupancy.starting() || !someMayMove(fullest))) {
            return NEVER_NANOS;
        }
        if (!idle && starts.leftNanos(now) > 0) {
            return starts.leftNanos(now);
        }
        long left = fullest.headSinceNanos + RECALL_AFTER_NANOS - now;
        if (left > 0) {
            return left;
        }
        if (idle) {
            recallHalf(fullest);
        } else {
            startWorker(occupancy.empty(), now);
        }
        return RECALL_AFTER_NANOS;
    }

    /** Returns true if another worker may be given an attempt of the queue's later half: a batch may be at its limit of workers. */
    private static boolean someMayMove(WorkerRecord from) {
        return from.queue.laterHalf().stream().anyMatch(attempt -> attempt.batch.mayMoveFrom(from.slot));
    }

    private void recallHalf(WorkerRecord from) {
        for (PoolAttempt attempt : from.queue.laterHalf()) {
            if (attempt.batch.mayMoveFrom(from.slot) && !attempt.recalled && attempt.stop == null) {
                send(from, Frame.of(Frame.RECALL, attempt.id));
                attempt.recalled = true;
            }
        }
    }

    // ---- the end of the pool

    /**
     * Closes the pool: nothing more is started; idle workers are told to exit, the others are killed.
     *
     * @param now the time
     */
    public void close(long now) {
        change(() -> {
            closed = true;
            for (PoolBatch batch = firstReady; batch != null; batch = batch.nextReady) {
                batch.waiting.toList().forEach(attempt -> endWaiting(attempt, null));
            }
            for (WorkerRecord worker : slots) {
                if (worker != null && worker.state == State.READY && worker.queue.isEmpty()) {
                    requestExit(worker, now);
                } else if (worker != null) {
                    kill(worker, Reason.KILLED, CLOSED);
                }
            }
        });
    }

    /** Closes the pool and kills all workers. */
    public void killAll() {
        change(() -> {
            closed = true;
            allWorkers().forEach(worker -> kill(worker, Reason.KILLED, CLOSED));
        });
    }

    /**
     * Breaks the pool: all attempts fail with that cause, all workers are killed, and later submissions fail as well.
     *
     * @param cause what happened
     */
    public void breakDown(Throwable cause) {
        change(() -> markBroken(cause));
    }

    /** Breaks the pool, because a decision broke off: of its state, only the queues can be relied on. Allocates nothing. */
    private void markBroken(Throwable cause) {
        if (broken == null) {
            broken = cause;
            closed = true;
        }
        abandonAll();
    }

    private void abandonAll() {
        for (PoolBatch batch = firstReady; batch != null; batch = batch.nextReady) {
            abandonAll(batch.waiting);
        }
        for (WorkerRecord worker : slots) {
            if (worker != null) {
                abandonAll(worker.queue);
            }
        }
        for (WorkerRecord worker = firstLeaving; worker != null; worker = worker.nextLeaving) {
            abandonAll(worker.queue);
        }
        waitingAttempts = 0;
        lock.notifyAll();
    }

    private void abandonAll(AttemptQueue queue) {
        for (PoolAttempt attempt = queue.first(); attempt != null; attempt = queue.first()) {
            queue.remove(attempt);
            attempt.worker = null;
            attempt.phase = Phase.SETTLED;
            abandoned.addLast(attempt);
        }
    }

    /** Fails the attempts of a broken pool and kills its workers; without the lock, and on the event loop where there is one. */
    private void failAbandoned() {
        if (!loop.isCurrent() && loop.execute(this::failAbandoned)) {
            return;
        }
        synchronized (lock) {
            abandonAll(); // a decision's own call may have broken off at the end of the stack
        }
        for (PoolAttempt attempt = nextAbandoned(); attempt != null; attempt = nextAbandoned()) {
            try {
                attempt.failed(brokenPoolOrCause());
            } catch (Throwable e) {
                ActionQueue.log(e);
            }
        }
        for (WorkerRecord worker = nextToKill(); worker != null; worker = nextToKill()) {
            try {
                worker.kill();
            } catch (Throwable e) {
                ActionQueue.log(e);
            }
        }
    }

    private @Nullable PoolAttempt nextAbandoned() {
        synchronized (lock) {
            PoolAttempt attempt = abandoned.first();
            if (attempt != null) {
                abandoned.remove(attempt);
            }
            return attempt;
        }
    }

    private @Nullable WorkerRecord nextToKill() {
        synchronized (lock) {
            for (WorkerRecord worker : slots) {
                if (worker != null && worker.killedFor == null) {
                    return markKilled(worker);
                }
            }
            WorkerRecord worker = firstLeaving;
            while (worker != null && worker.killedFor != null) {
                worker = worker.nextLeaving;
            }
            return worker == null ? null : markKilled(worker);
        }
    }

    private static WorkerRecord markKilled(WorkerRecord worker) {
        worker.killedFor = Reason.KILLED;
        worker.killNote = "the pool broke down";
        return worker;
    }

    private Throwable brokenPoolOrCause() {
        try {
            return brokenPool();
        } catch (OutOfMemoryError e) {
            return e;
        }
    }

    /** Returns an exception for one attempt: two callers must not share one. */
    private IllegalStateException brokenPool() {
        return new IllegalStateException(
                "the pool is broken, by a defect of its own or the end of memory: nothing more runs in it; make another",
                broken);
    }

    /**
     * Waits until all workers are reaped.
     *
     * @param untilNanos the end of the wait, by {@link System#nanoTime}
     * @return false if the time was up
     * @throws InterruptedException if the thread is interrupted
     */
    public boolean awaitAllReaped(long untilNanos) throws InterruptedException {
        synchronized (lock) {
            long left = untilNanos - System.nanoTime();
            while (!allWorkers().isEmpty() && left > 0) {
                TimeUnit.NANOSECONDS.timedWait(lock, left);
                left = untilNanos - System.nanoTime();
            }
            return allWorkers().isEmpty();
        }
    }

    /**
     * Waits until there is a worker that has been told all that it needs and is not about to end, or until there is no worker.
     *
     * @param untilNanos the end of the wait, by {@link System#nanoTime}
     * @return true if there is such a worker
     * @throws InterruptedException if the thread is interrupted
     */
    public boolean awaitOneThatStays(long untilNanos) throws InterruptedException {
        synchronized (lock) {
            long left = untilNanos - System.nanoTime();
            while (left > 0 && !allWorkers().isEmpty() && !oneStays()) {
                TimeUnit.NANOSECONDS.timedWait(lock, left);
                left = untilNanos - System.nanoTime();
            }
            return oneStays();
        }
    }

    private boolean oneStays() {
        return allWorkers().stream()
                .anyMatch(worker -> worker.pid != 0 && !worker.isDying() && worker.state != State.LEAVING);
    }

    // ---- questions

    /**
     * Checks if the pool is closed or broken.
     *
     * @return true if nothing more is taken
     */
    public boolean isClosed() {
        return closed;
    }

    /**
     * Checks if the pool is broken.
     *
     * @return true if each submission is refused with the cause
     */
    public boolean isBroken() {
        return broken != null;
    }

    /**
     * Returns the workers that are not reaped.
     *
     * @return the workers with a slot, and those that leave
     */
    public List<WorkerRecord> workers() {
        synchronized (lock) {
            return allWorkers();
        }
    }

    private List<WorkerRecord> allWorkers() {
        List<WorkerRecord> all = upWorkers();
        for (WorkerRecord worker = firstLeaving; worker != null; worker = worker.nextLeaving) {
            all.add(worker);
        }
        return all;
    }

    private List<WorkerRecord> upWorkers() {
        List<WorkerRecord> up = new ArrayList<>(slots.length);
        for (WorkerRecord worker : slots) {
            if (worker != null) {
                up.add(worker);
            }
        }
        return up;
    }

    /**
     * Returns the name of one of a worker's tasks.
     *
     * @param worker the worker
     * @param id the number of the attempt
     * @return the name; empty if the worker has answered it
     */
    public String label(WorkerRecord worker, int id) {
        synchronized (lock) {
            PoolAttempt attempt = worker.queue.find(id);
            return attempt == null ? "" : attempt.label();
        }
    }

    /**
     * Returns the name of the task that a worker probably runs.
     *
     * @param worker the worker
     * @return the name; empty if it is idle
     */
    public String headLabel(WorkerRecord worker) {
        synchronized (lock) {
            PoolAttempt head = worker.queue.first();
            return head == null ? "" : head.label();
        }
    }

    /**
     * Returns the number of times that the lock has been taken for a decision; for tests.
     *
     * @return the count
     */
    public long decisions() {
        synchronized (lock) {
            return decisions;
        }
    }

    /** Returns why the pool is broken; null while it is not. For the simulation. */
    @Nullable
    Throwable brokenBy() {
        return broken;
    }

    /** Returns how many attempts wait; for the simulation. */
    int waitingAttempts() {
        return waitingAttempts;
    }

    /** Returns how long no worker may be started; for the simulation. */
    long startsLeftNanos(long now) {
        return starts.leftNanos(now);
    }

    /** The workers in summary: the worker with the longest queue, and the means to relieve it. */
    private record Occupancy(@Nullable WorkerRecord fullest, boolean idle, boolean starting, int empty) {
        static Occupancy of(@Nullable WorkerRecord[] slots) {
            WorkerRecord fullest = null;
            boolean idle = false;
            boolean starting = false;
            int empty = -1;
            for (int slot = 0; slot < slots.length; slot++) {
                WorkerRecord worker = slots[slot];
                if (worker == null) {
                    empty = slot;
                    continue;
                }
                starting |= worker.state == State.STARTING;
                idle |= worker.state == State.READY && worker.queue.isEmpty();
                fullest = fullest == null || worker.queue.size() > fullest.queue.size() ? worker : fullest;
            }
            return new Occupancy(fullest, idle, starting, empty);
        }
    }
}
