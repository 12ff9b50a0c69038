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
 * One call of a runner: its options, its lane, and its items between being pulled and being handed out.
 *
 * <p>Design note: an item is in {@code unfinished} from its pull until it is handed out, so that whoever ends the call finds it;
 * it is in {@code ready} whenever it may be started. {@code aborted} is set before the items are cancelled, and looked at after
 * an item is added: none slips through.
 */
public final class BatchRun<I, R> {
    /** Who gets what settles. */
    public interface Sink<I, R> {
        /** An item has settled; called once for each, on any thread: no user code here. */
        void settled(EngineTask<I, R> task);

        /** As many have settled without a failure as a thread may keep; linked as the completion queue wants them. */
        default void settled(EngineTask<I, R> newest, EngineTask<I, R> oldest, int count) {
            throw new UnsupportedOperationException("keeps none");
        }

        /** There may be something to do for the thread that waits: a place is free, or the call has been ended. */
        void wake();
    }

    public final RunnerCore engine;
    public final RunOptions options;
    public final BatchSpec spec;
    final CallerContext context;
    final long taskTimeoutNanos;
    /** Whether anybody asks for all items' times. */
    final boolean timed;

    // The user's objects, each replaced by one that holds nothing when nobody needs it any more: a queue may keep the
    // call. A thread
    // that still sees the old one does no harm.
    private TaskFunction<I, R> function;
    private Session<I, R> session;
    private Sink<I, R> sink;

    final boolean takesTurns;
    public final DurationHints hints = new DurationHints();
    final BatchDeadline deadline = new BatchDeadline();

    private final ConcurrencyPermits permits;
    private final ReadyQueue<I, R> ready = new ReadyQueue<>();
    /** Whether a body of the same runner waits for this call and runs what has not begun; set once. */
    private volatile boolean helped;

    /** Whether the dispatcher has this call on its list. */
    final AtomicBoolean enlisted = new AtomicBoolean();

    private final InFlightTasks<I, R> inFlight = new InFlightTasks<>();

    /** Items to be started together; the consumer's. */
    private List<EngineTask<I, R>> added = new ArrayList<>(1);

    /** Why the call was ended before its time; null while it was not. */
    private final AtomicReference<@Nullable Throwable> aborted = new AtomicReference<>();

    /** Set when nothing more will be pulled and all is handed out: the lane can close once nothing runs. */
    private volatile boolean over;

    private final AtomicBoolean laneClosed = new AtomicBoolean();

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

    /** Starts the clock of the whole call. */
    public void startClock(Runnable whenOver) {
        options.timeout().ifPresent(time -> deadline.start(engine, time, whenOver));
    }

    /** When an attempt that began then must be over, on {@link EpochClock}; 0 when it has all the time. */
    long deadlineOf(long startedNanos) {
        return deadline.orEarlier(taskTimeoutNanos == 0 ? 0 : startedNanos + taskTimeoutNanos);
    }

    /** Prepares an item, which may start with the next {@link #startAdded}. What cannot be prepared settles. */
    public void add(EngineTask<I, R> task) {
        inFlight.add(task);
        try {
            task.prepared = session.prepare(task.input());
            added.add(task);
        } catch (Exception | StackOverflowError e) {
            task.failUnprepared(e);
        }
    }

    /** Lets start what was added, if anything was: a call that is drained stays as it is when the runner is closed. */
    public void startAdded() {
        List<EngineTask<I, R>> burst = added;
        if (burst.isEmpty()) {
            return;
        }
        ready(burst);
        VarHandle.fullFence(); // between the adding and the looking: see Unfinished
        if (engine.lifecycle.isClosed()) {
            abort(engine.lifecycle.closedException());
        }
        if (isAborted()) {
            cancelAll();
        }
        added = new ArrayList<>(burst.size());
    }

    /** Adds an item and starts it. */
    void add(EngineTask<I, R> task, boolean now) {
        add(task);
        startAdded();
    }

    void ready(List<EngineTask<I, R>> burst) {
        ready.add(burst);
        engine.dispatcher.enlist(this);
        engine.dispatcher.pump();
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

    public void handedOut(EngineTask<I, R> task) {
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
            inFlight.forgetSettled(); // a clock that cancels may come to this item after finish() has looked
        }
        engine.lifecycle.changed();
    }

    void wake() {
        sink.wake();
    }

    /** Has a callback run where user code may, with the caller's class loader. */
    void callBack(Runnable callback) {
        CallerContext callers = context; // the callback is to keep nothing else of the call
        engine.threads.callbacks().execute(() -> callers.callBack(callback));
    }

    /** Runs what belongs to the caller on another thread: with the caller's context and class loader. */
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

    boolean hasReady() {
        return !ready.isEmpty();
    }

    boolean isIdle() {
        return permits.isIdle();
    }

    /** Takes back a place for which there was nothing to start. */
    private void giveBack() {
        permits.free(true);
        engine.lifecycle.changed(); // one who closes may have seen the place taken
        closeLaneWhenOver();
    }

    /** Starts up to so many; by one thread at a time for one runner. Returns how many. */
    int startSome(int atMost) {
        int started = 0;
        while (started < atMost && session.room() > 0 && permits.tryTake()) {
            TaskAttempt<I, R> attempt = ready.claim(null, true);
            if (attempt == null) {
                giveBack();
                break;
            }
            attempt.start();
            wakeHelper(); // it may have looked before the attempt could be seen
            started++;
        }
        if (started > 0) {
            session.flush();
            engine.queueWatch.started();
        }
        wakeHelper(); // it may have found the count taken by what this took back
        return started;
    }

    /** Starts one on the calling thread, for backends that run there; false when there is none or no place. */
    public boolean startInline() {
        if (!hasReady() || !permits.tryTake()) {
            return false;
        }
        TaskAttempt<I, R> attempt = ready.claim(null, true);
        if (attempt == null) {
            giveBack();
            engine.dispatcher.pump();
            return false;
        }
        attempt.start();
        return true;
    }

    /** Runs one that has not begun on the calling thread, which holds a place already: it is running a body of this runner. */
    public boolean runOneHere() {
        helped = true;
        if (permits.tryCount()) {
            TaskAttempt<I, R> attempt = ready.claim(null, false);
            if (attempt != null) {
                attempt.runHere();
                return true;
            }
            permits.free(false); // what came meanwhile, and found the count taken, wakes this thread again
            closeLaneWhenOver();
        }
        return engine.backend.mayQueue() && runQueuedHere();
    }

    /** Runs one that was started, but waits for a thread that this body may be holding. */
    private boolean runQueuedHere() {
        EngineTask<I, R> queued = inFlight.find(EngineTask::isQueued);
        if (queued != null) {
            Objects.requireNonNull(queued.current()).runHere();
        }
        return queued != null;
    }

    /** Fails those that were started and dropped; whether any that was started has not begun. */
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

    /** Claims one for the calling thread, which holds a place and runs it in its turn; null when there is none. */
    @Nullable
    TaskAttempt<I, R> claimHere(TaskChain<I, R> chain) {
        TaskAttempt<I, R> attempt = ready.claim(chain, true);
        wakeHelper(); // as in startSome
        return attempt;
    }

    /** The attempt has been answered: its place is free. */
    void release(TaskAttempt<I, R> attempt) {
        permits.free(attempt.holdsPlace);
        engine.lifecycle.gone(attempt);
        engine.dispatcher.pump();
        wakeHelper();
        closeLaneWhenOver();
    }

    public boolean isAborted() {
        return aborted.get() != null;
    }

    @Nullable
    public Throwable aborted() {
        return aborted.get();
    }

    /** Ends the call for a reason that its consumer will be told; cancels what is not settled. The first reason counts. */
    public void abort(Throwable reason) {
        aborted.compareAndSet(null, reason);
        try {
            inFlight.cancelAll(); // the one who was first may not have come to the end of it
        } finally {
            sink.wake();
        }
    }

    public void cancelAll() {
        inFlight.cancelAllOrLog();
    }

    /** Nothing more will be pulled, and nobody wants what is left. */
    public void finish() {
        over = true;
        deadline.callOff();
        engine.lifecycle.forget(this);
        sink = FinishedBatch.sink();
        ready.clear();
        inFlight.forgetSettled();
        closeLaneWhenOver();
    }

    private void closeLaneWhenOver() {
        if (over && permits.isIdle() && laneClosed.compareAndSet(false, true)) {
            Session<I, R> mine = session;
            session = FinishedBatch.lane();
            function = FinishedBatch.function();
            inFlight.forgetSettled();
            mine.close();
        }
    }
}
