package dev.brigade.engine.core;

import dev.brigade.RunOptions;
import dev.brigade.TaskFunction;
import dev.brigade.context.CallerContext;
import dev.brigade.engine.state.DurationHints;
import dev.brigade.engine.time.EpochClock;
import dev.brigade.spi.AttemptHandle;
import dev.brigade.spi.BatchSpec;
import dev.brigade.spi.Session;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One batch of a runner: its options, its session, and its tasks between their pull and their delivery.
 *
 * <p>Design note: a task is in {@code inFlight} from its pull until its delivery, so that a thread that ends the batch finds it. It is in
 * {@code ready} whenever it may be started. The batch sets {@code aborted} before it cancels the tasks, and reads it after a task is added,
 * so that no task escapes.
 */
public final class BatchRun<I, R> {
    /** Receives the settled tasks of a batch. */
    public interface Sink<I, R> {
        /** Takes a task that has settled. Each task is passed once, by this method or the next, on any thread; no user code here. */
        void settled(EngineTask<I, R> task);

        /**
         * Takes {@code count} tasks that one thread has kept, linked as for {@code CompletionQueue}. They have settled without a failure,
         * as far as is known before they are decoded.
         */
        default void settled(EngineTask<I, R> newest, EngineTask<I, R> oldest, int count) {
            throw new UnsupportedOperationException("keeps none");
        }

        /** Wakes the waiting thread: a permit or a task may be there for it, the batch has been aborted, or the runner closes. */
        void wake();
    }

    public final RunnerCore engine;
    public final RunOptions options;
    public final BatchSpec spec;
    final CallerContext context;
    final long taskTimeoutNanos;
    /** True if the times of all tasks are needed. */
    final boolean timed;

    // The user's objects. Each is replaced by an empty stand-in once the batch no longer needs it, because a queue may
    // keep the batch. A thread that still sees the user's object does no harm.
    private TaskFunction<I, R> function;
    private Session<I, R> session;
    private Sink<I, R> sink;

    final boolean takesTurns;
    public final DurationHints hints = new DurationHints();
    final BatchDeadline deadline = new BatchDeadline();

    private final ConcurrencyPermits permits;
    private final ReadyQueue<I, R> ready = new ReadyQueue<>();
    /** Set when a body of this runner waits for the batch and runs tasks of it that have not begun; never cleared. */
    private volatile boolean helped;

    /** True while the dispatcher has this batch on its list. */
    final AtomicBoolean enlisted = new AtomicBoolean();

    private final InFlightTasks<I, R> inFlight = new InFlightTasks<>();

    /** Tasks to be started together; consumer's thread only. */
    private List<EngineTask<I, R>> added = new ArrayList<>(1);

    /** Reason for which the batch was aborted; null if it was not. */
    private final AtomicReference<@Nullable Throwable> aborted = new AtomicReference<>();

    /** Set once no more inputs are pulled and no more outcomes are wanted: the session closes when no attempt is under way. */
    private volatile boolean over;

    private final AtomicBoolean sessionClosed = new AtomicBoolean();

    public BatchRun(
            RunnerCore engine,
            TaskFunction<I, R> function,
            RunOptions options,
            Object code,
            boolean timed,
            Sink<I, R> sink) {
        this.engine = engine;
        this.function = function;
        this.options = options;
        this.sink = sink;
        permits = new ConcurrencyPermits(engine, options.maxConcurrency());
        int maxConcurrency = Math.min(options.maxConcurrency(), engine.backend.maxConcurrency());
        ClassLoader loader = BatchSpec.loaderOf(code);
        context = CallerContext.capture(loader);
        spec = new BatchSpec(options.name(), maxConcurrency, options.taskTimeout(), context.values(), loader);
        taskTimeoutNanos = options.taskTimeout().map(Duration::toNanos).orElse(0L);
        this.timed =
                timed || taskTimeoutNanos > 0 || options.retry().maxDuration().isPresent() || TaskEvent.isRecorded();
        session = engine.backend.open(function, spec);
        takesTurns = session.takesTurns();
    }

    /** Starts the timer of the batch's deadline, if it has one. */
    public void startTimer(Runnable whenOver) {
        options.timeout().ifPresent(time -> deadline.start(engine, time, whenOver));
    }

    /** Returns the deadline of an attempt that began at {@code startedNanos}, on {@link EpochClock}; 0 if it has none. */
    long deadlineOf(long startedNanos) {
        return deadline.orEarlier(taskTimeoutNanos == 0 ? 0 : startedNanos + taskTimeoutNanos);
    }

    /**
     * Prepares a task, which may start at the next {@link #startAdded}. A task that cannot be prepared settles as FAILED, whatever is
     * thrown: an input that takes more memory than there is may leave enough for the others.
     */
    public void add(EngineTask<I, R> task) {
        inFlight.add(task);
        try {
            task.prepared = session.prepare(task.input());
            added.add(task);
        } catch (Throwable e) {
            task.failUnprepared(e);
        }
    }

    /** Lets the added tasks start; does nothing if there are none, so that a drained batch is not aborted when the runner has closed. */
    public void startAdded() {
        List<EngineTask<I, R>> burst = added;
        if (burst.isEmpty()) {
            return;
        }
        added = new ArrayList<>(burst.size()); // first, as the ready queue owns the burst even if a start throws
        ready(burst);
        VarHandle.fullFence(); // between adding the tasks and reading the state: see InFlightTasks
        if (engine.lifecycle.isClosed()) {
            abort(engine.lifecycle.closedException());
        }
        if (isAborted()) {
            cancelAll();
        }
    }

    /** Adds a task and lets it start. */
    void add(EngineTask<I, R> task, boolean now) {
        add(task);
        startAdded();
    }

    void ready(List<EngineTask<I, R>> burst) {
        ready.add(burst);
        engine.dispatcher.enlist(this);
        engine.dispatcher.dispatch();
        wakeHelper();
    }

    void putBack(EngineTask<I, R> task) {
        ready.addFirst(task);
        engine.dispatcher.enlist(this);
        wakeHelper();
    }

    private void wakeHelper() {
        if (helped) {
            sink.wake();
        }
    }

    public void delivered(EngineTask<I, R> task) {
        inFlight.remove(task);
    }

    public TaskFunction<I, R> function() {
        return function;
    }

    Sink<I, R> sink() {
        return sink;
    }

    boolean allSettled() {
        return inFlight.find(task -> !task.isSettled()) == null;
    }

    void settled(EngineTask<I, R> task) {
        TaskAttempt<I, R> attempt = task.current();
        TaskChain<I, R> chain = attempt == null ? null : attempt.chain;
        if (chain == null || !chain.keeps(task)) {
            sink.settled(task);
        }
        if (over) {
            inFlight.forgetSettled(); // a timer that cancels may reach this task after finish() has looked
        }
        engine.lifecycle.changed();
    }

    void wake() {
        sink.wake();
    }

    /** Runs a callback on a thread that may run user code, with the caller's class loader. */
    void callBack(Runnable callback) {
        CallerContext callers = context; // the callback must keep nothing else of the batch
        engine.threads.callbacks().execute(() -> callers.callBack(callback));
    }

    /** Runs an action of the caller's with the caller's context and class loader; for a thread that is not the caller's. */
    public void runInContext(Runnable action) {
        context.callBack(() -> {
            Runnable undo = context.bind();
            try {
                action.run();
            } finally {
                undo.run();
            }
        });
    }

    // ---- starting

    /** Returns true if tasks may be started; false once the batch is over, as nothing of it is started any more. */
    boolean hasReady() {
        return !over && !ready.isEmpty();
    }

    /**
     * Claims the first ready task for a thread that counts in {@code permits}. Returns null if there is none, or if the batch is over: its
     * session may be closed then. A thread that ends the batch sets {@code over} and then looks at the count, so one of the two sees the
     * other.
     */
    private @Nullable TaskAttempt<I, R> claim(@Nullable TaskChain<I, R> chain, boolean holdsPermit) {
        return over ? null : ready.claim(chain, holdsPermit);
    }

    boolean isIdle() {
        return permits.isIdle();
    }

    /** Claims as {@link #claim}, and frees what was taken for the attempt if there is no task or the claim breaks off. */
    private @Nullable TaskAttempt<I, R> claimOrFree(boolean holdsPermit) {
        TaskAttempt<I, R> attempt = null;
        try {
            attempt = claim(null, holdsPermit);
        } finally {
            if (attempt == null) {
                permits.free(holdsPermit);
                engine.lifecycle.changed(); // a closing thread may have seen the permit taken
                closeSessionWhenOver();
            }
        }
        return attempt;
    }

    /** Starts at most {@code atMost} tasks, and returns the number started; by one thread at a time for one runner. */
    int startSome(int atMost) {
        int started = 0;
        while (started < atMost && session.room() > 0 && permits.tryTake()) {
            TaskAttempt<I, R> attempt = claimOrFree(true);
            if (attempt == null) {
                break;
            }
            attempt.start();
            wakeHelper(); // the helper may have looked before this attempt was visible
            started++;
        }
        if (started > 0) {
            session.flush();
            engine.droppedTaskWatch.started();
        }
        wakeHelper(); // the helper may have met a limit because of a count that claimOrFree() has since lowered
        return started;
    }

    /** Starts a task on the calling thread, for inline backends; returns false if there is no task or no permit. */
    public boolean startInline() {
        if (!hasReady() || !permits.tryTake()) {
            return false;
        }
        TaskAttempt<I, R> attempt = claimOrFree(true);
        if (attempt == null) {
            engine.dispatcher.dispatch(); // it may have met the permit
            return false;
        }
        attempt.start();
        return true;
    }

    /**
     * Runs a task that has not begun on the calling thread, which runs a body of this runner and so holds a permit. Returns false if it
     * finds none.
     */
    public boolean runOneHere() {
        helped = true;
        if (permits.tryCount()) {
            TaskAttempt<I, R> attempt = claimOrFree(false);
            if (attempt != null) {
                attempt.runHere();
                return true;
            }
            engine.dispatcher.dispatch(); // it may have met the count, and this thread may not come again
        }
        return engine.backend.mayQueue() && runQueuedHere();
    }

    /** Runs a task that was started, but waits for a thread that this body may be holding; returns false if there is none. */
    private boolean runQueuedHere() {
        EngineTask<I, R> queued = inFlight.find(EngineTask::isQueued);
        if (queued != null) {
            Objects.requireNonNull(queued.current()).runHere();
        }
        return queued != null;
    }

    /** Fails the started attempts that were dropped; returns true if any started attempt had not begun. */
    boolean failLost(Predicate<AttemptHandle> dropped) {
        boolean[] queued = {false};
        inFlight.forEach(task -> {
            TaskAttempt<I, R> attempt = task.current();
            if (attempt != null && task.isQueued()) {
                queued[0] = true;
                attempt.failIfLost(dropped);
            }
        });
        return queued[0];
    }

    /** Claims a task for the calling thread, which holds a permit and runs it in its chain; returns null if there is none. */
    @Nullable
    TaskAttempt<I, R> claimHere(TaskChain<I, R> chain) {
        TaskAttempt<I, R> attempt = claim(chain, true);
        wakeHelper(); // as in startSome
        return attempt;
    }

    /** Called when an attempt has been answered: frees its permit. */
    void release(TaskAttempt<I, R> attempt) {
        permits.free(attempt.holdsPermit);
        try {
            engine.lifecycle.gone(attempt);
            engine.dispatcher.dispatch(); // may throw what another batch's backend throws
        } finally {
            wakeHelper();
            closeSessionWhenOver();
        }
    }

    public boolean isAborted() {
        return aborted.get() != null;
    }

    @Nullable
    public Throwable aborted() {
        return aborted.get();
    }

    /** Ends the batch for a reason that its consumer is told, and cancels all tasks that are not settled. The first reason counts. */
    public void abort(Throwable reason) {
        aborted.compareAndSet(null, reason);
        try {
            inFlight.cancelAll(); // even if not the first: the first thread may not have finished cancelling
        } finally {
            sink.wake();
        }
    }

    public void cancelAll() {
        inFlight.cancelAllOrLog();
    }

    /** Ends the batch: no more inputs are pulled, and no more outcomes are wanted. */
    public void finish() {
        over = true;
        deadline.callOff();
        engine.lifecycle.forget(this);
        sink = FinishedBatch.sink();
        ready.clear();
        inFlight.forgetSettled();
        closeSessionWhenOver();
    }

    private void closeSessionWhenOver() {
        if (over && permits.isIdle() && sessionClosed.compareAndSet(false, true)) {
            Session<I, R> mine = session;
            session = FinishedBatch.session();
            function = FinishedBatch.function();
            inFlight.forgetSettled();
            mine.close();
        }
    }
}
