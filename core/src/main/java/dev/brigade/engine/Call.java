package dev.brigade.engine;

import dev.brigade.RunOptions;
import dev.brigade.TaskFunction;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * One call of a runner: its options, its lane, and its items between being pulled and being handed out.
 *
 * <p>Design note: an item is in {@code unfinished} from its pull until it is handed out, so that whoever ends the call finds it;
 * it is in {@code ready} whenever it may be started. {@code aborted} is set before the items are cancelled, and looked at after an item is added: none slips through.
 */
final class Call<I, R> {

    /** Who gets what settles. */
    interface Sink<I, R> {
        /** An item has settled; called once for each, on any thread: no user code here. */
        void settled(Item<I, R> item);

        /** There may be something to do for the thread that waits: a place is free, or the call has been ended. */
        void wake();
    }

    final Engine engine;
    final TaskFunction<I, R> function;
    final RunOptions options;
    final CallSpec spec;
    final long taskTimeoutNanos;
    final Strategy.Lane<I, R> lane;
    private final Sink<I, R> sink;

    /** When the whole call must be over, on {@link Clock}; 0 when it has no limit. Set before the first item. */
    volatile long deadlineNanos;

    /** Calls the timer of that deadline off. */
    private volatile @Nullable Runnable deadline;

    /** Attempts under way: started, not yet ended or returned. */
    private final AtomicInteger handed = new AtomicInteger();

    private final ReadyQueue<I, R> ready = new ReadyQueue<>();

    /** Whether a body of the same runner waits for this call and runs what has not begun; set once. */
    private volatile boolean helped;

    /** Whether the dispatcher has this call on its list. */
    final AtomicBoolean enlisted = new AtomicBoolean();

    /** Pulled and not handed out; guarded by itself. */
    private final List<Item<I, R>> unfinished = new ArrayList<>();

    /** Why the call was ended before its time; null while it was not. */
    private final AtomicReference<@Nullable Throwable> aborted = new AtomicReference<>();

    /** Set when nothing more will be pulled and all is handed out: the lane can close once nothing runs. */
    private volatile boolean over;

    private final AtomicBoolean laneClosed = new AtomicBoolean();

    Call(Engine engine, TaskFunction<I, R> function, RunOptions options, Sink<I, R> sink) {
        this.engine = engine;
        this.function = function;
        this.options = options;
        this.sink = sink;
        int limit = Math.min(options.maxConcurrency(), engine.strategy.limit());
        Map<String, Map<String, String>> context = ContextCarrier.capture();
        spec = new CallSpec(options.name(), limit, options.taskTimeout(), context);
        taskTimeoutNanos = options.taskTimeout().map(Duration::toNanos).orElse(0L);
        lane = engine.strategy.open(function, spec);
    }

    /** Starts the clock of the whole call. */
    void startClock(Runnable whenOver) {
        options.timeout().ifPresent(time -> {
            deadlineNanos = Clock.nowNanos() + time.toNanos();
            deadline = engine.threads.after(time.toNanos(), whenOver);
        });
    }

    /** When an attempt that began then must be over, on {@link Clock}; 0 when it has all the time. */
    long deadlineOf(long startedNanos) {
        long ofCall = deadlineNanos;
        if (taskTimeoutNanos == 0) {
            return ofCall;
        }
        long ofTask = startedNanos + taskTimeoutNanos;
        return ofCall == 0 ? ofTask : Math.min(ofCall, ofTask);
    }

    // ---- items

    /** Prepares an item and lets it start; an item that cannot be prepared settles at once. */
    void add(Item<I, R> item) {
        synchronized (unfinished) {
            item.place = unfinished.size();
            unfinished.add(item);
        }
        try {
            item.prepared = lane.prepare(item.input());
        } catch (Exception | StackOverflowError e) {
            item.failUnprepared(e);
            return;
        }
        ready(item);
        if (engine.lifecycle.isClosed()) {
            abort(engine.lifecycle.closedException());
        }
        if (isAborted()) {
            item.cancel(Strategy.Stop.INTERRUPT);
        }
    }

    void ready(Item<I, R> item) {
        ready.add(item);
        engine.dispatcher.ready(this);
        wakeHelper();
    }

    void putBack(Item<I, R> item) {
        ready.addFirst(item);
        engine.dispatcher.enlist(this);
        wakeHelper();
    }

    private void wakeHelper() {
        if (helped) {
            sink.wake();
        }
    }

    /** The item has been handed out. */
    void handedOut(Item<I, R> item) {
        synchronized (unfinished) {
            Item<I, R> last = unfinished.remove(unfinished.size() - 1);
            if (last != item) {
                last.place = item.place;
                unfinished.set(item.place, last);
            }
            item.place = -1;
        }
    }

    List<Item<I, R>> unfinished() {
        synchronized (unfinished) {
            return List.copyOf(unfinished);
        }
    }

    boolean allSettled() {
        return unfinished().stream().allMatch(Item::isSettled);
    }

    void settled(Item<I, R> item) {
        sink.settled(item);
        engine.lifecycle.changed();
    }

    void wake() {
        sink.wake();
    }

    // ---- starting

    boolean hasReady() {
        return !ready.isEmpty();
    }

    boolean isIdle() {
        return handed.get() == 0;
    }

    /** Whether the engine's counts and the lane have a place for one more. */
    private boolean hasRoom() {
        boolean counted =
                engine.strategy.queuesAhead() || (handed.get() < options.maxConcurrency() && engine.hasPlace());
        return counted && lane.room() > 0;
    }

    /** Starts up to so many; by one thread at a time for one runner. Returns how many. */
    int startSome(int atMost) {
        int started = 0;
        while (started < atMost && hasRoom()) {
            BodyAttempt<I, R> attempt = ready.claim();
            if (attempt == null) {
                break;
            }
            engine.takePlace();
            handed.incrementAndGet();
            attempt.start();
            started++;
        }
        if (started > 0) {
            lane.flush();
        }
        return started;
    }

    /** Starts one on the calling thread, for strategies that run there; false when there is none or no place. */
    boolean startInline() {
        if (!hasReady() || !engine.tryTakePlace()) {
            return false;
        }
        BodyAttempt<I, R> attempt = ready.claim();
        if (attempt == null) {
            engine.freePlace();
            engine.dispatcher.pump();
            return false;
        }
        handed.incrementAndGet();
        attempt.start();
        return true;
    }

    /** Runs one that has not begun on the calling thread, which holds a place already: it is running a body of this runner. */
    boolean runOneHere() {
        helped = true;
        BodyAttempt<I, R> attempt = ready.claim();
        if (attempt != null) {
            attempt.holdsPermit = false;
            handed.incrementAndGet();
            attempt.runHere();
            return true;
        }
        for (Item<I, R> item : unfinished()) {
            BodyAttempt<I, R> queued = item.current();
            if (queued != null && queued.startedNanos() == 0 && item.isHanded(queued.number())) {
                queued.runHere();
                return true;
            }
        }
        return false;
    }

    /** The attempt has been answered: its place is free. */
    void release(BodyAttempt<I, R> attempt) {
        handed.decrementAndGet();
        if (attempt.holdsPermit) {
            engine.freePlace();
        }
        engine.lifecycle.gone(attempt);
        engine.dispatcher.pump();
        closeLaneWhenOver();
    }

    // ---- ending

    boolean isAborted() {
        return aborted.get() != null;
    }

    @Nullable
    Throwable aborted() {
        return aborted.get();
    }

    /** Ends the call for a reason that its consumer will be told; cancels what is not settled. Once. */
    void abort(Throwable reason) {
        if (aborted.compareAndSet(null, reason)) {
            cancelAll();
        }
        sink.wake();
    }

    void cancelAll() {
        unfinished().forEach(item -> item.cancel(Strategy.Stop.INTERRUPT));
    }

    /** Nothing more will be pulled, and nobody wants what is left. */
    void finish() {
        over = true;
        Runnable callOff = deadline;
        if (callOff != null) {
            callOff.run();
        }
        engine.lifecycle.forget(this);
        closeLaneWhenOver();
    }

    private void closeLaneWhenOver() {
        if (over && handed.get() == 0 && laneClosed.compareAndSet(false, true)) {
            lane.close();
        }
    }
}
