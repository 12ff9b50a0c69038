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
 * One attempt at one task; the backend reports to it.
 *
 * <p>Design note: {@link AttemptState} admits one of run, ended and returned, once; the task decides the meaning. Each task has one, so it
 * is small: an object that few need is made on demand; a field that one thread needs is not volatile.
 */
public final class TaskAttempt<I, R> extends AttemptView<I, R> {
    private static final long STOP_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    /** True if a permit of the runner is held; false if the body uses the permit of the body that waits for it. */
    final boolean holdsPermit;

    /** The chain of the thread that claimed this, to run it with the previous attempt's permit; null if it is not in a chain. */
    final @Nullable TaskChain<I, R> chain;

    /** True if this has ended on the thread that claimed it, and left its permit to the chain; that thread only. */
    private boolean permitKept;

    /** The backend's handle, once {@code start} has returned; null before. */
    private volatile @Nullable AttemptHandle running;

    /** Mode in which this is stopped; null if it is not. */
    private volatile @Nullable StopMode stopping;

    /**
     * True if this was given back, so that its body has not begun after all. For a moment also true while {@link #returned} finds that the
     * task has left RUNNING.
     */
    private volatile boolean givenBack;

    /** Cancels the deadline's timer; null if there is none. */
    private volatile @Nullable Runnable timer;

    /** Makes an attempt outside a chain. */
    TaskAttempt(EngineTask<I, R> task, int claim, int number, boolean holdsPermit) {
        super(task, claim, number);
        chain = null;
        this.holdsPermit = holdsPermit;
    }

    /** Makes an attempt that the calling thread runs in its chain, by {@link #runInTurn}. */
    TaskAttempt(EngineTask<I, R> task, int claim, int number, TaskChain<I, R> chain) {
        super(task, claim, number, chain.thread);
        this.chain = chain;
        holdsPermit = true;
    }

    /** Hands this attempt to the backend, on any thread; an {@code inline} backend runs the body on the calling thread. */
    void start() {
        starter = Thread.currentThread();
        try {
            AttemptHandle side = Objects.requireNonNull(task.prepared).start(this);
            running = side;
            if (!isGone() && !task.isRunning(claim)) {
                StopMode why = stopping;
                stopStarted(side, why == null ? task.earlyStop() : why);
            }
        } catch (Throwable t) {
            finish(null, t, null, true, false); // a backend that refuses fails this task alone
        } finally {
            starter = null;
        }
    }

    /** Runs the body on the calling thread, which waits for it anyway; does nothing if it has begun elsewhere. */
    void runHere() {
        Thread self = Thread.currentThread();
        if (begin(self, true)) {
            try {
                TaskBodies.runBlocking(this, self.getName(), task.batch.function(), task.input());
            } catch (Throwable t) {
                if (!isCurrent()) {
                    throw t;
                }
                endHere(null, t); // else the attempt would never be answered
            }
        }
    }

    /** Runs the body on the calling thread, which claimed it after {@code before}; returns true if the thread has the permit again. */
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
        return permitKept;
    }

    /** Returns true if the body has begun, as far as is known. */
    boolean hasBegun() {
        return startedNanos() != 0 && !givenBack;
    }

    /** Asks the body to end; does nothing if it has ended, and the decision of what becomes of its task is still to come. */
    void stop(StopMode why) {
        stopping = why;
        if (isGone()) {
            return;
        }
        task.batch.engine.lifecycle.straggles(this);
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

    /**
     * Stops this attempt; if the backend throws, the timer tries again, because no other thread returns to an attempt whose task has ended.
     */
    void stopOrTryAgain(StopMode why) {
        try {
            stop(why);
        } catch (RuntimeException | Error e) {
            stopAgainSoon(why, e);
            throw e;
        }
    }

    /**
     * Stops an attempt whose task ended before {@code start} returned. A throwable from the backend's {@code stop} must not count as a
     * refused start.
     */
    private void stopStarted(AttemptHandle side, StopMode why) {
        task.batch.engine.lifecycle.straggles(this);
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
                try {
                    if (side != null && !isGone()) {
                        side.stop(why);
                    }
                } finally {
                    cancelActions().fire(task.batch::callBack); // what it has run already is not run again
                }
            });
        } catch (Throwable noTimer) {
            thrown.addSuppressed(noTimer); // closing the runner stops a straggler once more
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
            finish(null, t, null, true, true); // no callback will come from this stage, so it must not be waited for
        }
    }

    private void stageEnded(@Nullable R value, @Nullable Throwable failure) {
        finish(value, failure == null ? null : Stages.unwrapped(failure), null, failure != null, true);
    }

    /** Waits for the stage, in the body's context as the stage may be a nested task's; returns false if interrupted. */
    private boolean waitsFor(CompletionStage<?> stage) {
        try {
            return call(() -> TaskBodies.awaitQuietly(stage));
        } catch (Throwable ignored) {
            return true; // the stage itself tells how it ended
        }
    }

    /**
     * Begins the body on the calling thread, and claims it first unless the thread has it. Returns false if it has begun already, or is no
     * longer wanted.
     */
    private boolean begin(String workerName) {
        boolean claimed = isCurrent() && startedNanos() == 0;
        if (!claimed && !begin(Thread.currentThread())) {
            return false;
        }
        Throwable wrong = null;
        try {
            if (task.isRunning(claim)) {
                setStarted(workerName, task.nowNanos());
                startTimer();
                return true;
            }
        } catch (Throwable t) {
            wrong = t; // the timer has no thread for the deadline
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
                givenBack = true; // first: once the attempt is given back, any thread may settle the task
                if (task.giveBack(claim)) {
                    task.batch.putBack(task);
                } else {
                    givenBack = false;
                    task.endedAfterTimeout(this, null); // the deadline may have passed first
                }
            } finally {
                task.batch.release(this);
            }
        }
    }

    /** Fails the attempt if the executor has dropped it and its body has not begun. */
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

    /** Answers for a body that the calling thread claimed; a thread that is not in a chain may begin one now. */
    private void endHere(@Nullable R value, @Nullable Throwable failure) {
        leave(true, failure instanceof InterruptedException);
        try {
            endTimer(true);
            task.bodyEnded(this, value, failure, null, failure != null, true);
        } finally {
            permitKept = chain != null;
            if (!permitKept) {
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
