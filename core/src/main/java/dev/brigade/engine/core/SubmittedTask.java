package dev.brigade.engine.core;

import dev.brigade.Outcome;
import dev.brigade.RunOptions;
import dev.brigade.Task;
import dev.brigade.TaskFuture;
import dev.brigade.engine.state.ProgressCounter;
import dev.brigade.spi.StopMode;
import dev.brigade.spi.TaskBodies;
import dev.brigade.threads.ThrowableText;
import dev.brigade.threads.Waiters;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A batch of one task, seen as the task's future.
 *
 * <p>Design note: the task itself decides between completion, time-out and cancellation; this only waits for it. The outcome is decoded
 * when first asked for, since decoding may run user code. Callers keep futures for long. So a done future keeps its outcome and nothing of
 * the task, as a {@link java.util.concurrent.FutureTask} does.
 */
public final class SubmittedTask<T> implements TaskFuture<T>, BatchRun.Sink<Void, T> {
    private final RunnerCore engine;

    /** Null once the task has settled. */
    private volatile @Nullable EngineTask<Void, T> task;

    /** The outcome; written before {@code done} opens. */
    private @Nullable SettledOutcome<T> settlement;

    /** Opens when the task has settled. */
    private final CountDownLatch done = new CountDownLatch(1);

    /** Threads that wait for the task, and run it themselves if they can. */
    private final Waiters waiters = new Waiters();

    /** Further receiver of the task's events. */
    private final Follower follower;

    /** Made when first asked for; null before. */
    private volatile @Nullable HelpingFuture<T> future;

    /** Receives the task's events, on any thread; no user code here. */
    public interface Follower {
        Follower NOBODY = new Follower() {
            @Override
            public void hasSettled() {}

            @Override
            public void mayRun() {}
        };

        /** Called when the task has settled. */
        void hasSettled();

        /** Called when a thread that could not run the task is to try again. */
        void mayRun();
    }

    public SubmittedTask(RunnerCore engine, Task<T> task, RunOptions options) {
        this(engine, task, options, Follower.NOBODY);
    }

    public SubmittedTask(RunnerCore engine, Task<T> task, RunOptions options, Follower follower) {
        this.engine = engine;
        this.follower = follower;
        this.task = withoutInput(new BatchRun<>(engine, TaskBodies.of(task), options, task, true, this));
    }

    @SuppressWarnings("NullAway") // the one value of Void
    private static <T> EngineTask<Void, T> withoutInput(BatchRun<Void, T> batch) {
        return new EngineTask<>(batch, 0, null);
    }

    /** Lets the task run, unless it has been cancelled; to be called once. Inline backends run it before this returns. */
    public void start() {
        EngineTask<Void, T> mine = task;
        if (mine == null) {
            return;
        }
        BatchRun<Void, T> batch = mine.batch;
        try {
            engine.lifecycle.register(batch);
            batch.startTimer(mine::expire);
        } catch (RejectedExecutionException | OutOfMemoryError closedOrNoThread) {
            batch.finish();
            throw closedOrNoThread;
        }
        if (task == null) {
            batch.finish(); // it was cancelled meanwhile, perhaps before the batch was registered and its timer started
            return;
        }
        batch.add(mine, true);
        if (engine.backend.inline()) {
            try {
                runHere(Long.MAX_VALUE, false);
            } catch (InterruptedException e) {
                cancel(true);
                Thread.currentThread().interrupt();
            }
        }
    }

    /**
     * Runs the task here as far as it needs this thread, then waits for the rest of it, in all at most {@code atMostNanos}. A thread that
     * only {@code waits} runs nothing once it is interrupted: the interrupt is meant for the thread, and not for the task.
     */
    private void runHere(long atMostNanos, boolean waits) throws InterruptedException {
        long startNanos = System.nanoTime();
        long leftNanos = atMostNanos;
        boolean hasPermit = engine.isAroundThisThread();
        try (Waiters.Waiter waiter = waiters.enter()) {
            for (EngineTask<Void, T> mine = task; mine != null && !mine.isSettled() && leftNanos > 0; mine = task) {
                if (waits && Thread.interrupted()) {
                    throw new InterruptedException();
                }
                boolean ran = hasPermit ? mine.batch.runOneHere() : mine.batch.startInline();
                if (!ran && !waiter.await(leftNanos)) {
                    return;
                }
                leftNanos = leftNanos(startNanos, atMostNanos);
            }
        }
    }

    /**
     * Returns the part of {@code atMostNanos} that is left since {@code startNanos}; zero or less if it is over. No value of
     * {@code atMostNanos} overflows.
     */
    public static long leftNanos(long startNanos, long atMostNanos) {
        return atMostNanos <= 0 ? 0 : atMostNanos - (System.nanoTime() - startNanos);
    }

    /** Runs the task on the calling thread, inside a body of this runner, unless it has begun; returns true if a task ran. */
    public boolean runHereUnlessBegun() {
        EngineTask<Void, T> mine = task;
        return mine != null && !mine.isSettled() && mine.batch.runOneHere();
    }

    @Override
    public void settled(EngineTask<Void, T> settledTask) {
        BatchRun<Void, T> batch = settledTask.batch;
        settlement = settledTask.settlement();
        task = null;
        done.countDown();
        waiters.wakeAll();
        try {
            batch.finish(); // may throw what the backend throws
        } finally {
            tellDependents(batch);
        }
    }

    private void tellDependents(BatchRun<Void, T> batch) {
        follower.hasSettled();
        HelpingFuture<T> asked = future;
        if (asked != null || batch.options.onProgress().isPresent()) {
            RunOptions options = batch.options;
            batch.callBack(() -> tell(asked, options));
        }
    }

    private void tell(@Nullable HelpingFuture<T> asked, RunOptions options) {
        if (asked != null) {
            complete(asked);
        }
        if (options.onProgress().isPresent()) {
            ProgressCounter counter = new ProgressCounter(OptionalLong.of(1));
            counter.countPulled();
            counter.count(outcome().state());
            counter.tell(options);
        }
    }

    @Override
    public void wake() {
        waiters.wakeAll();
        follower.mayRun();
    }

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
        EngineTask<Void, T> mine = task;
        return mine != null && mine.cancel(mayInterruptIfRunning ? StopMode.INTERRUPT : StopMode.CANCEL);
    }

    @Override
    public boolean isCancelled() {
        return isDone() && settled().wasCancelled();
    }

    @Override
    public boolean isDone() {
        return done.getCount() == 0;
    }

    @Override
    public Outcome<Void, T> awaitOutcome() throws InterruptedException {
        helpOrCheck(Long.MAX_VALUE);
        if (!isDone()) {
            done.await();
        }
        return outcome();
    }

    @Override
    public T get() throws InterruptedException, ExecutionException {
        return valueOf(awaitOutcome());
    }

    @Override
    public T get(long timeout, TimeUnit unit) throws InterruptedException, ExecutionException, TimeoutException {
        long startNanos = System.nanoTime();
        long timeoutNanos = Math.max(0, unit.toNanos(timeout)); // a negative time is no wait, as zero is
        helpOrCheck(timeoutNanos);
        EngineTask<Void, T> mine = task; // null if the task has settled: its outcome is there
        if (!isDone() && !done.await(leftNanos(startNanos, timeoutNanos), TimeUnit.NANOSECONDS) && mine != null) {
            throw new TimeoutException(mine.describe() + " is not done after " + timeout + " " + unit);
        }
        return valueOf(outcome());
    }

    @Override
    @SuppressWarnings("NullAway") // T itself says whether its values may be null
    public T resultNow() {
        Outcome<Void, T> known = outcomeNow();
        if (!known.isSuccess()) {
            throw new IllegalStateException("the task has no result: it is " + known.state(), known.exception());
        }
        return known.value();
    }

    @Override
    public Throwable exceptionNow() {
        Outcome<Void, T> known = outcomeNow();
        Throwable failure = known.exception();
        if (failure == null || known.state() == Outcome.State.CANCELLED) {
            throw new IllegalStateException("the task has no failure: it is " + known.state());
        }
        return failure;
    }

    private Outcome<Void, T> outcomeNow() {
        if (!isDone()) {
            throw new IllegalStateException("the task is not done");
        }
        return outcome();
    }

    @SuppressWarnings("NullAway") // T itself says whether its values may be null
    private static <T> T valueOf(Outcome<Void, T> outcome) throws ExecutionException {
        return outcome.get();
    }

    void checkMayWait() {
        engine.backend.checkMayWait();
    }

    private void helpOrCheckAlways(long atMostNanos) throws InterruptedException {
        checkMayWait(); // even if the task is done: a dependent future may not be
        helpOrCheck(atMostNanos);
    }

    /** Called before a wait: runs the task here if the calling thread holds the permit that the task may need. */
    public void helpOrCheck(long atMostNanos) throws InterruptedException {
        if (isDone()) {
            return;
        }
        checkMayWait();
        if (engine.isAroundThisThread()) {
            runHere(atMostNanos, true);
        }
    }

    /** Returns the outcome of a task that is done; not decoded. */
    private SettledOutcome<T> settled() {
        return Objects.requireNonNull(settlement);
    }

    private Outcome<Void, T> outcome() {
        return settled().outcome();
    }

    @Override
    public CompletableFuture<T> toCompletableFuture() {
        HelpingFuture<T> made = madeFuture();
        if (isDone()) {
            complete(made);
        }
        return made;
    }

    private HelpingFuture<T> madeFuture() {
        synchronized (done) {
            HelpingFuture<T> made = future;
            if (made == null) {
                made = new HelpingFuture<>(this::helpOrCheckAlways, () -> cancel(true));
                future = made;
            }
            return made;
        }
    }

    private void complete(HelpingFuture<T> asked) {
        Outcome<Void, T> known = outcome();
        if (known.exception() == null) {
            asked.completeByTask(known.value());
        } else {
            asked.failByTask(ThrowableText.forStages(known.exception()));
        }
    }
}
