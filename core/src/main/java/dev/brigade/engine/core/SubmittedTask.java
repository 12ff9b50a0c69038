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
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A call of one item, seen as its future.
 *
 * <p>Design note: the item itself decides between completion, time-out and cancellation; this only waits for it. The outcome is
 * decoded when it is first asked for, since decoding may run user code. Callers keep futures for long, so a done one keeps how
 * it ended and nothing of the task, as a {@link java.util.concurrent.FutureTask} does.
 */
public final class SubmittedTask<T> implements TaskFuture<T>, BatchRun.Sink<Void, T> {
    private final RunnerCore engine;

    /** Null once it has settled. */
    private volatile @Nullable EngineTask<Void, T> task;

    /** How it settled; written before {@code done} opens. */
    private @Nullable SettledOutcome<T> settlement;

    /** Opens when the item has settled. */
    private final CountDownLatch done = new CountDownLatch(1);

    /** Threads that run the item themselves, if they can. */
    private final Waiters waiters = new Waiters();

    /** Who else is told. */
    private final Follower follower;

    /** Made when asked for. */
    private volatile @Nullable CompletableFuture<T> future;

    /** Who is told what happens to the item, on any thread: no user code. */
    public interface Follower {
        Follower NOBODY = new Follower() {
            @Override
            public void hasSettled() {}

            @Override
            public void mayRun() {}
        };

        /** The item has settled. */
        void hasSettled();

        /** A thread that could not run the item is to try again. */
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

    /** Lets it run, once, unless it has been cancelled; inline runners run it now. */
    public void start() {
        EngineTask<Void, T> mine = task;
        if (mine == null) {
            return;
        }
        BatchRun<Void, T> batch = mine.batch;
        engine.lifecycle.register(batch);
        try {
            batch.startClock(mine::expire);
        } catch (OutOfMemoryError noThread) {
            batch.finish();
            throw noThread;
        }
        if (task == null) {
            batch.finish(); // it was cancelled meanwhile: its end came before the clock and the registration
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
     * Runs the item here as far as it needs this thread, and waits for the rest of it, at most so long. One that only {@code
     * waits} runs nothing once it is interrupted: the interrupt is meant for it, and not for the item.
     */
    private void runHere(long atMostNanos, boolean waits) throws InterruptedException {
        long startNanos = System.nanoTime();
        long leftNanos = atMostNanos;
        boolean hasPlace = engine.isAroundThisThread();
        try (Waiters.Waiter waiter = waiters.enter()) {
            for (EngineTask<Void, T> mine = task; mine != null && !mine.isSettled() && leftNanos > 0; mine = task) {
                if (waits && Thread.interrupted()) {
                    throw new InterruptedException();
                }
                boolean ran = hasPlace ? mine.batch.runOneHere() : mine.batch.startInline();
                if (!ran && !waiter.await(leftNanos)) {
                    return;
                }
                leftNanos = leftNanos(startNanos, atMostNanos);
            }
        }
    }

    /** What is left of a time since then, zero or less when it is over; also of the longest and the shortest there are. */
    public static long leftNanos(long startNanos, long atMostNanos) {
        return atMostNanos <= 0 ? 0 : atMostNanos - (System.nanoTime() - startNanos);
    }

    /** Runs the item on the calling thread, a body's of this runner, when it has not begun; whether it ran anything. */
    public boolean runHereUnlessBegun() {
        EngineTask<Void, T> mine = task;
        return mine != null && !mine.isSettled() && mine.batch.runOneHere();
    }

    @Override
    public void settled(EngineTask<Void, T> settledItem) {
        BatchRun<Void, T> batch = settledItem.batch;
        settlement = settledItem.settlement();
        task = null;
        done.countDown();
        waiters.wakeAll();
        batch.finish();
        follower.hasSettled();
        CompletableFuture<T> asked = future;
        if (asked != null || batch.options.onProgress().isPresent()) {
            RunOptions options = batch.options;
            batch.callBack(() -> tell(asked, options));
        }
    }

    private void tell(@Nullable CompletableFuture<T> asked, RunOptions options) {
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
        long timeoutNanos = Math.max(0, unit.toNanos(timeout)); // what is taken off below must not overflow
        helpOrCheck(timeoutNanos);
        EngineTask<Void, T> mine = task; // null when it is about to be done
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
        checkMayWait(); // a dependent may have to be waited for when the task is done
        helpOrCheck(atMostNanos);
    }

    /** Before a wait: runs the item here when this thread holds the place that it may need. */
    public void helpOrCheck(long atMostNanos) throws InterruptedException {
        if (isDone()) {
            return;
        }
        checkMayWait();
        if (engine.isAroundThisThread()) {
            runHere(atMostNanos, true);
        }
    }

    /** Of one that is done. */
    private SettledOutcome<T> settled() {
        return Objects.requireNonNull(settlement);
    }

    private Outcome<Void, T> outcome() {
        return settled().outcome();
    }

    @Override
    public CompletableFuture<T> toCompletableFuture() {
        CompletableFuture<T> made = madeFuture();
        if (isDone()) {
            complete(made);
        }
        return made;
    }

    private CompletableFuture<T> madeFuture() {
        synchronized (done) {
            CompletableFuture<T> made = future;
            if (made == null) {
                made = new HelpingFuture<>(this::helpOrCheckAlways);
                future = made;
                // When it was completed from outside; otherwise the item has settled already, and this does nothing.
                CompletionStage<T> ignored = made.whenComplete((value, failure) -> cancel(true));
            }
            return made;
        }
    }

    private void complete(CompletableFuture<T> asked) {
        Outcome<Void, T> known = outcome();
        if (known.exception() == null) {
            asked.complete(known.value());
        } else {
            asked.completeExceptionally(ThrowableText.forStages(known.exception()));
        }
    }
}
