package dev.brigade.engine.core;

import dev.brigade.Outcome.State;
import dev.brigade.TaskTimeoutException;
import dev.brigade.engine.state.TaskState;
import dev.brigade.engine.time.TimerAction;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The end of an attempt's time, for the timer's thread alone. */
final class AttemptTimeout<I, R> implements TimerAction {
    private final TaskAttempt<I, R> attempt;

    /** Whether this has been run: what it has begun then, it goes on with. */
    private boolean again;

    AttemptTimeout(TaskAttempt<I, R> attempt) {
        this.attempt = attempt;
    }

    /** Starts the time of an attempt whose body begins; what is returned calls it off, null when there is no deadline. */
    static @Nullable Runnable start(TaskAttempt<?, ?> attempt) {
        BatchRun<?, ?> batch = attempt.task.batch;
        return batch.taskTimeoutNanos > 0
                ? batch.engine.threads.after(batch.taskTimeoutNanos, new AttemptTimeout<>(attempt))
                : null;
    }

    static TaskTimeoutException exceeded(TaskAttempt<?, ?> attempt) {
        return new TaskTimeoutException(attempt + " exceeded its taskTimeout of "
                + attempt.task.batch.spec.taskTimeout().orElseThrow() + " (attempt " + attempt.number() + ")");
    }

    /**
     * The body is gone, and its timer called off. Where its end may be told to user code, a deadline that came first counts,
     * though its timer is late: perhaps nobody else has seen that.
     */
    static <I, R> void bodyEnded(TaskAttempt<I, R> attempt, Runnable callOff, boolean mayRunUserCode) {
        callOff.run();
        EngineTask<I, R> task = attempt.task;
        if (mayRunUserCode && task.nowNanos() - attempt.startedNanos() > task.batch.taskTimeoutNanos) {
            try {
                task.timedOut(attempt, false);
            } catch (Throwable t) {
                task.failTimedOut(attempt, t);
            }
        }
    }

    /**
     * Nobody wants another attempt at a doomed item. Where its body's death is not waited for, who would have asked for one need not be
     * waited for either: there may be no thread for that.
     */
    static boolean isTheEnd(EngineTask<?, ?> task, int doomed) {
        if (task.batch.engine.forcible) {
            return task.word() == doomed;
        }
        TaskTimeoutException timeout = exceeded(Objects.requireNonNull(task.current()));
        return task.settle(TaskState.claimOf(doomed), TaskState.DOOMED, State.TIMED_OUT, null, timeout, null);
    }

    @Override
    public void run() {
        boolean rerun = again;
        again = true;
        attempt.task.timedOut(attempt, rerun);
    }

    @Override
    public void giveUp(Throwable cause) {
        attempt.task.failTimedOut(attempt, cause);
    }
}
