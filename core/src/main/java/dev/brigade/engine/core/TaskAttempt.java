package dev.brigade.engine.core;

import dev.brigade.Stages;
import dev.brigade.context.CallerContext;
import dev.brigade.spi.AttemptHandle;
import dev.brigade.spi.StopMode;
import dev.brigade.spi.TaskBodies;
import dev.brigade.threads.ContextLoader;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One attempt at one item: what the backend answers to.
 *
 * <p>Design note: {@link AttemptState} lets one of run, ended and returned report, once; the item decides what that means. There
 * is one of these for each item: what only some need is made when it is needed, what only one thread needs to see is no volatile.
 */
public final class TaskAttempt<I, R> extends AttemptView<I, R> {
    private static final long STOP_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    /** Whether a place in the engine's count is held; false when the body runs on the place of the body that waits for it. */
    final boolean holdsPlace;

    /** The turn of the thread that claimed this, to run it on the place of the one before; null when it was started. */
    final @Nullable TaskChain<I, R> chain;

    /** Whether this has ended on the thread that claimed it, and left its place to it; that thread only. */
    private boolean placeKept;

    /** The backend's side, once start has returned. */
    private volatile @Nullable AttemptHandle running;

    /** Why this is being stopped; null while it is not. */
    private volatile @Nullable StopMode stopping;

    /** Whether its body has not begun after all; of an attempt that nobody has settled yet it may be so for a moment. */
    private volatile boolean givenBack;

    /** Calls the deadline's timer off; null when there is none. */
    private volatile @Nullable Runnable timer;

    /** One that is to be started. */
    TaskAttempt(EngineTask<I, R> task, int claim, int number, boolean holdsPlace) {
        super(task, claim, number);
        chain = null;
        this.holdsPlace = holdsPlace;
    }

    /** One that the calling thread runs {@link #runInTurn in its turn}. */
    TaskAttempt(EngineTask<I, R> task, int claim, int number, TaskChain<I, R> chain) {
        super(task, claim, number, chain.thread);
        this.chain = chain;
        holdsPlace = true;
    }

    /** Hands this attempt to the backend; on any thread, on the caller's own when {@code inline} backends run the body. */
    void start() {
        starter = Thread.currentThread();
        try {
            AttemptHandle side = Objects.requireNonNull(task.prepared).start(this);
            running = side;
            if (!isGone() && !task.isHanded(claim)) {
                StopMode why = stopping;
                stopStarted(side, why == null ? task.earlyStop() : why);
            }
        } catch (Throwable t) {
            finish(null, t, null, true, false); // a backend that refuses fails this item alone
        } finally {
            starter = null;
        }
    }

    /** Runs the body on the calling thread, which waits for it anyway; does nothing when it has begun elsewhere. */
    void runHere() {
        Thread self = Thread.currentThread();
        if (begin(self, true)) {
            try {
                TaskBodies.runBlocking(this, self.getName(), task.batch.function(), task.input());
            } catch (Throwable t) {
                if (!isCurrent()) {
                    throw t;
                }
                endHere(null, t); // or nobody would ever answer
            }
        }
    }

    /** Runs the body on the calling thread, which claimed it after another; whether the thread has the place again. */
    boolean runInTurn(TaskAttempt<I, R> before) {
        Throwable wrong = null;
        try {
            task.batch.engine.lifecycle.gone(before);
            Objects.requireNonNull(task.prepared).run(this);
        } catch (Throwable t) {
            wrong = t;
        }
        if (isCurrent()) {
            endHere(null, wrong == null ? new IllegalStateException("the backend did not run " + this) : wrong);
        }
        return placeKept;
    }

    /** Whether the body has begun, as far as is known. */
    boolean hasBegun() {
        return startedNanos() != 0 && !givenBack;
    }

    void stop(StopMode why) {
        stopping = why;
        if (!isGone()) {
            task.batch.engine.lifecycle.straggles(this);
        }
        AttemptHandle side = running;
        try {
            if (side != null) {
                side.stop(why);
            }
        } finally {
            if (why != StopMode.CANCEL) {
                interrupt();
            }
            cancelActions().fire(task.batch::callBack);
        }
    }

    /** Stops it, and has the clock try again where the backend throws: nobody comes back to an attempt whose task has ended. */
    void stopOrTryAgain(StopMode why) {
        try {
            stop(why);
        } catch (RuntimeException | Error e) {
            stopAgainSoon(why, e);
            throw e;
        }
    }

    /** Stops one whose task ended before its start had returned. What the backend throws is no reason to take it for refused. */
    private void stopStarted(AttemptHandle side, StopMode why) {
        try {
            side.stop(why);
        } catch (RuntimeException | Error e) {
            stopAgainSoon(why, e);
        }
    }

    private void stopAgainSoon(StopMode why, Throwable thrown) {
        try {
            Runnable ignored = task.batch.engine.threads.after(STOP_AGAIN_NANOS, () -> {
                AttemptHandle side = running;
                if (side != null && !isGone()) {
                    side.stop(why);
                }
            });
        } catch (Throwable noClock) {
            thrown.addSuppressed(noClock); // closing the runner stops it once more
        }
    }

    // ---- the backend's view

    @Override
    public void run(String workerName, Callable<? extends R> body) {
        if (!begin(workerName)) {
            return;
        }
        R value = null;
        Throwable failure = null;
        try {
            value = TaskBodies.requirePlain(call(body));
        } catch (Throwable t) {
            failure = t;
        }
        endHere(value, failure);
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
            stage = Stages.requireStage(call(start));
        } catch (Throwable t) {
            endHere(null, t);
            return;
        }
        leave(false, waitForIt && !waitsFor(stage));
        try {
            stage.whenComplete((value, failure) -> stageEnded(value, failure));
        } catch (Throwable t) {
            finish(null, t, null, true, true); // a stage that tells nobody how it ends must not be waited for
        }
    }

    private void stageEnded(@Nullable R value, @Nullable Throwable failure) {
        finish(value, failure == null ? null : Stages.unwrapped(failure), null, failure != null, true);
    }

    /** False when the waiting was interrupted. In the body's context, as the stage may be a nested task's. */
    private boolean waitsFor(CompletionStage<?> stage) {
        try {
            return call(() -> TaskBodies.awaitQuietly(stage));
        } catch (Throwable ignored) {
            return true; // how the stage ended, the stage itself will say
        }
    }

    /** Claims the body for this thread, unless it has; false when it has begun already, or is not wanted any more. */
    private boolean begin(String workerName) {
        boolean claimed = isCurrent() && startedNanos() == 0;
        if (!claimed && !begin(Thread.currentThread())) {
            return false;
        }
        Throwable wrong = null;
        try {
            if (task.isHanded(claim)) {
                setStarted(workerName, task.nowNanos());
                startTimer();
                return true;
            }
        } catch (Throwable t) {
            wrong = t; // there is no thread for its deadline
        }
        endHere(null, wrong);
        return false;
    }

    @Override
    public void started(String workerName) {
        setStarted(workerName, task.nowNanos());
        try {
            startTimer();
        } catch (Throwable t) {
            task.failTimedOut(this, t);
            stop(StopMode.INTERRUPT);
        }
    }

    private void startTimer() {
        Runnable callOff = AttemptTimeout.start(this);
        if (callOff != null) {
            timer = callOff;
            if (isGone()) {
                endTimer(false);
            }
        }
    }

    @Override
    public void ended(@Nullable R value, @Nullable Throwable failure) {
        finish(value, failure, null, failure != null, false);
    }

    @Override
    public void endedEncoded(Callable<? extends R> reply, boolean failed) {
        finish(null, null, Objects.requireNonNull(reply, "reply"), failed, false);
    }

    @Override
    public void returned() {
        if (answerUnbegun()) {
            try {
                endTimer(false);
                givenBack = true; // before anybody can settle what is given back
                if (task.giveBack(claim)) {
                    task.batch.putBack(task);
                } else {
                    givenBack = false;
                    task.endedDoomed(this, null); // its deadline may have come first
                }
            } finally {
                task.batch.release(this);
            }
        }
    }

    /** Fails one that has not begun when what it was handed to has dropped it. */
    void failIfLost(Predicate<AttemptHandle> dropped) {
        AttemptHandle side = running;
        if (side == null || !dropped.test(side) || !answerUnbegun()) {
            return;
        }
        String why = this
                + " was dropped by the executor that was to run it: it has been shut down, or discards what it has no"
                + " room for";
        try {
            task.bodyEnded(this, null, new RejectedExecutionException(why), null, true, false);
        } finally {
            task.batch.release(this);
        }
    }

    private void finish(
            @Nullable R value,
            @Nullable Throwable failure,
            @Nullable Callable<? extends R> reply,
            boolean failed,
            boolean mayRunUserCode) {
        if (answer()) {
            try {
                endTimer(mayRunUserCode);
                task.bodyEnded(this, value, failure, reply, failed, mayRunUserCode);
            } finally {
                task.batch.release(this);
            }
        }
    }

    /** Answers for a body that has run on this thread; a thread that is not in its turn may have one now. */
    private void endHere(@Nullable R value, @Nullable Throwable failure) {
        leave(true, failure instanceof InterruptedException);
        try {
            endTimer(true);
            task.bodyEnded(this, value, failure, null, failure != null, true);
        } finally {
            placeKept = chain != null;
            if (!placeKept) {
                TaskChain.endedHere(this);
            }
        }
    }

    private void endTimer(boolean mayRunUserCode) {
        if (timer != null) {
            AttemptTimeout.bodyEnded(this, Objects.requireNonNull(timer), mayRunUserCode);
        }
    }

    @Override
    public <T> T call(Callable<T> continuation) throws Exception {
        CallerContext context = task.batch.context;
        ClassLoader outer = ContextLoader.current();
        Runnable undo = context.bind();
        try {
            ContextLoader.set(context.loader());
            return super.call(continuation);
        } finally {
            undo.run();
            ContextLoader.set(outer);
        }
    }
}
