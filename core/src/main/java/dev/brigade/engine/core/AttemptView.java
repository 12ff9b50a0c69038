package dev.brigade.engine.core;

import dev.brigade.RetryPolicy;
import dev.brigade.Runner;
import dev.brigade.spi.Attempt;
import dev.brigade.threads.Callbacks;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The part of an attempt that the body sees as its {@link dev.brigade.TaskContext} and the backend as its {@link Attempt}. The course of
 * the attempt is in {@link TaskAttempt}.
 */
public abstract class AttemptView<I, R> extends AttemptState implements Attempt<R> {
    private static final Logger LOG = LoggerFactory.getLogger(AttemptView.class);

    public final EngineTask<I, R> task;

    /** Number of the claim that made this attempt, as in the task's word; {@code number} leaves out attempts that were given back. */
    final int claim;

    private final int number;

    /** Makes an attempt that has not begun. */
    AttemptView(EngineTask<I, R> task, int claim, int number) {
        this.task = task;
        this.claim = claim;
        this.number = number;
    }

    /** Makes an attempt whose body the calling thread, {@code self}, has claimed. */
    AttemptView(EngineTask<I, R> task, int claim, int number, Thread self) {
        super(self);
        this.task = task;
        this.claim = claim;
        this.number = number;
    }

    /** Returns true if the task has no attempt left. */
    boolean isLast() {
        return number >= task.batch.options.retry().maxAttempts();
    }

    /** Asks the retry policy, which may be user code; returns the delay before the next attempt, or null if there is to be none. */
    @Nullable
    Duration delayBeforeRetry(Throwable cause) {
        RetryPolicy policy = task.batch.options.retry();
        boolean again = task.batch.context.ask(() -> Callbacks.ask(
                () -> policy.retries(number, cause),
                false,
                t -> LOG.warn("the retry test of {} threw; not tried again", this, t)));
        if (!again) {
            return null;
        }
        Duration delay = policy.delayAfter(number);
        boolean late = policy.maxDuration()
                .filter(longest -> task.sinceSubmission().plus(delay).compareTo(longest) > 0)
                .isPresent();
        return late ? null : delay;
    }

    /** Tells the policy's listener that the task will be tried again. */
    void tellRetry(Throwable cause, Duration delay) {
        task.batch
                .options
                .retry()
                .onRetry()
                .ifPresent(listener -> task.batch.context.callBack(() -> Callbacks.run(
                        () -> listener.accept(new RetryPolicy.RetryEvent(number, cause, delay)),
                        t -> LOG.warn("the retry listener of {} threw", this, t))));
    }

    @Override
    public long index() {
        return task.index;
    }

    @Override
    public int number() {
        return number;
    }

    @Override
    public Optional<Duration> batchRemaining() {
        return BatchDeadline.left(task.batch.deadline.atNanos());
    }

    @Override
    public boolean isCancelled() {
        return !task.isRunning(claim);
    }

    @Override
    public Runnable onCancel(Runnable action) {
        return cancelActions().add(action);
    }

    @Override
    public Optional<Duration> remaining() {
        return BatchDeadline.left(task.batch.deadlineOf(startedNanos()));
    }

    @Override
    public int attempt() {
        return number;
    }

    @Override
    public Runner runner() {
        return task.batch.engine.runner;
    }

    @Override
    public String toString() {
        return task.describe();
    }
}
