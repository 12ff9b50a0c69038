package dev.brigade.engine;

import dev.brigade.Runner;
import dev.brigade.TaskContext;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * One attempt at one item: what the strategy answers to, and what the body sees as its context.
 *
 * <p>Design note: {@code answered} lets one of run, ended and returned report, once; the item then decides what that means. A
 * body that runs here holds {@link BodyThread}, so that an interrupt reaches it and nobody after it.
 */
final class BodyAttempt<I, R> extends TaskContext implements Strategy.Attempt<R> {
    final Item<I, R> item;
    private final int number;
    final BodyThread bodyThread = new BodyThread();

    /** Whether a place in the engine's count is held; false when the body runs on the place of the body that waits for it. */
    boolean holdsPlace = true;

    /** True once the body is gone, or will never be. */
    private final AtomicBoolean answered = new AtomicBoolean();

    /** The thread that is inside {@code Prepared.start}, while it is: a body begun there runs on its caller's thread. */
    private volatile @Nullable Thread starter;

    /** The strategy's side, once start has returned. */
    private volatile Strategy.@Nullable Running running;

    /** Why this is being stopped; null while it is not. */
    private volatile Strategy.@Nullable Stop stopping;

    /** When the body began; 0 before. */
    private volatile long startedNanos;

    private volatile String worker = "";

    /** Calls the deadline's timer off; null when there is none. */
    private volatile @Nullable Runnable timer;

    private final CancelActions onCancel = new CancelActions();

    BodyAttempt(Item<I, R> item, int number) {
        this.item = item;
        this.number = number;
    }

    // ---- the engine starts and stops it

    /** Hands this attempt to the strategy; on any thread, on the caller's own when {@code inline} strategies run the body. */
    void start() {
        starter = Thread.currentThread();
        try {
            Strategy.Running side = Objects.requireNonNull(item.prepared).start(this);
            running = side;
            if (!answered.get() && !item.isHanded(number)) {
                Strategy.Stop why = stopping;
                side.stop(why == null ? Strategy.Stop.INTERRUPT : why);
            }
        } catch (Throwable t) {
            finish(null, t, false); // a strategy that refuses fails this item alone
        } finally {
            starter = null;
        }
    }

    /** Runs the body on the calling thread, which waits for it anyway; does nothing when it has begun elsewhere. */
    void runHere() {
        Thread self = Thread.currentThread();
        starter = self;
        Bodies.runBlocking(this, self.getName(), item.call.function, item.input());
        starter = null;
    }

    void stop(Strategy.Stop why) {
        stopping = why;
        if (!isGone()) {
            item.call.engine.lifecycle.straggles(this);
        }
        Strategy.Running side = running;
        if (side != null) {
            side.stop(why);
        }
        if (why != Strategy.Stop.CANCEL) {
            bodyThread.interrupt();
        }
        onCancel.fire(item.call.engine.threads.callbacks());
    }

    boolean isGone() {
        return answered.get();
    }

    long startedNanos() {
        return startedNanos;
    }

    String worker() {
        return worker;
    }

    // ---- the strategy's view

    @Override
    public void run(String workerName, Callable<? extends R> body) {
        if (!begin(workerName)) {
            return;
        }
        R value = null;
        Throwable failure = null;
        try {
            value = Bodies.requirePlain(call(body));
        } catch (Throwable t) {
            failure = t;
        }
        bodyThread.end(failure instanceof InterruptedException);
        finish(value, failure, true);
    }

    @Override
    public void runAsync(String workerName, Callable<? extends CompletionStage<? extends R>> start) {
        runStage(workerName, start, false);
    }

    @Override
    public void runAndWait(String workerName, Callable<? extends CompletionStage<? extends R>> start) {
        runStage(workerName, start, true);
    }

    private void runStage(
            String workerName, Callable<? extends CompletionStage<? extends R>> start, boolean waitForIt) {
        if (!begin(workerName)) {
            return;
        }
        CompletionStage<? extends R> stage;
        try {
            stage = Objects.requireNonNull(call(start), "start() returned null instead of a CompletionStage");
        } catch (Throwable t) {
            bodyThread.end(t instanceof InterruptedException);
            finish(null, t, true);
            return;
        }
        bodyThread.end(waitForIt && !Bodies.awaitQuietly(stage));
        stage.whenComplete((value, failure) -> finish(value, Bodies.unwrapped(failure), true));
    }

    /** Claims the body for this thread; false when another thread has it, or it is not wanted any more. */
    private boolean begin(String workerName) {
        Thread self = Thread.currentThread();
        if (answered.get() || !bodyThread.begin(self, starter == self)) {
            return false;
        }
        if (!item.isHanded(number)) {
            bodyThread.end(false);
            finish(null, null, true);
            return false;
        }
        started(workerName);
        return true;
    }

    @Override
    public void started(String workerName) {
        worker = workerName;
        startedNanos = item.nowNanos();
        if (item.call.taskTimeoutNanos > 0) {
            timer = item.call.engine.threads.after(item.call.taskTimeoutNanos, new Deadline<>(this));
            if (isGone()) {
                cancelTimer();
            }
        }
    }

    @Override
    public void ended(@Nullable R value, @Nullable Throwable failure) {
        finish(value, failure, false);
    }

    @Override
    public void endedEncoded(Callable<? extends R> reply, boolean failed) {
        finish(null, null, reply, failed, false);
    }

    @Override
    public void returned() {
        if (answered.compareAndSet(false, true)) {
            cancelTimer();
            if (item.giveBack(number)) {
                item.call.putBack(item);
            } else {
                item.bodyEnded(number, null, null, null, false, false); // its deadline came first
            }
            item.call.release(this);
        }
    }

    private void finish(@Nullable R value, @Nullable Throwable failure, boolean mayRunUserCode) {
        finish(value, failure, null, failure != null, mayRunUserCode);
    }

    private void finish(
            @Nullable R value,
            @Nullable Throwable failure,
            @Nullable Callable<? extends R> reply,
            boolean failed,
            boolean mayRunUserCode) {
        if (answered.compareAndSet(false, true)) {
            cancelTimer();
            item.bodyEnded(number, value, failure, reply, failed, mayRunUserCode);
            item.call.release(this);
        }
    }

    private void cancelTimer() {
        Runnable callOff = timer;
        if (callOff != null) {
            callOff.run();
        }
    }

    @Override
    public long index() {
        return item.index;
    }

    @Override
    public int number() {
        return number;
    }

    @Override
    public Optional<Duration> callRemaining() {
        long deadlineNanos = item.call.deadlineNanos;
        return deadlineNanos == 0 ? Optional.empty() : Optional.of(Duration.ofNanos(deadlineNanos - Clock.nowNanos()));
    }

    // ---- the body's view

    @Override
    public boolean isCancelled() {
        return !item.isHanded(number);
    }

    @Override
    public Runnable onCancel(Runnable action) {
        return onCancel.add(action);
    }

    @Override
    public <T> T call(Callable<T> continuation) throws Exception {
        Runnable undo = ContextCarrier.bind(item.call.spec.context());
        try {
            return super.call(continuation);
        } finally {
            undo.run();
        }
    }

    @Override
    public Optional<Duration> remaining() {
        long deadlineNanos = item.call.deadlineOf(startedNanos);
        return deadlineNanos == 0
                ? Optional.empty()
                : Optional.of(Duration.ofNanos(Math.max(0, deadlineNanos - Clock.nowNanos())));
    }

    @Override
    public int attempt() {
        return number;
    }

    @Override
    public Runner runner() {
        return item.call.engine.runner;
    }

    /** The engine's attempt whose body this thread is running; null when it runs none. */
    static @Nullable BodyAttempt<?, ?> onThisThread() {
        return find().orElse(null) instanceof BodyAttempt<?, ?> attempt && attempt.bodyThread.isCurrent()
                ? attempt
                : null;
    }

    @Override
    public String toString() {
        return item.describe();
    }
}
