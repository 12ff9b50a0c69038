package dev.brigade.engine.core;

import dev.brigade.Outcome.State;
import dev.brigade.TaskTimeoutException;
import dev.brigade.engine.state.TaskState;
import dev.brigade.engine.time.TimerAction;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The timer action at an attempt's deadline; timer thread only. */
final class AttemptTimeout<I, R> implements TimerAction {
    private final TaskAttempt<I, R> attempt;

    /** True after the first run. A later run goes on with the work that an earlier one began before it threw. */
    private boolean again;

    AttemptTimeout(TaskAttempt<I, R> attempt) {
        this.attempt = attempt;
    }

    /** Starts the timer of an attempt whose body begins; returns a runnable that cancels it, or null if there is no deadline. */
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
     * Called when the body is gone: cancels its timer. If this thread may run user code, a deadline that has passed counts even if its
     * timer is late: no other thread may have seen it.
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
     * Called for a task in TIMING_OUT that is not to be tried again; returns false if it has left that phase. With a forcible backend, the
     * body's end settles the task. With any other, this settles it: the callback that would decide on another attempt need not be waited
     * for, and may lack a thread.
     */
    static boolean isTheEnd(EngineTask<?, ?> task, int timingOut) {
        if (task.batch.engine.forcible) {
            return task.word() == timingOut;
        }
        TaskTimeoutException timeout = exceeded(Objects.requireNonNull(task.current()));
        return task.settle(TaskState.claimOf(timingOut), TaskState.TIMING_OUT, State.TIMED_OUT, null, timeout, null);
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
