package dev.brigade.engine.core;

import dev.brigade.Outcome.State;
import dev.brigade.engine.state.TaskState;
import dev.brigade.engine.time.TimerAction;
import org.jspecify.annotations.Nullable;

/** The end of the pause before an item's next attempt; {@code how} and {@code cause} are how the last one ended. */
record RetryDelay<I, R>(TaskAttempt<I, R> last, State how, Throwable cause) implements TimerAction {
    /**
     * Lets a PAUSED item wait for its next attempt, and fails it where that cannot be: where there is no thread for the clock, say.
     * What is returned calls the pause off; null when there is none.
     */
    static <I, R> @Nullable Runnable begin(TaskAttempt<I, R> last, State how, Throwable cause, long delayNanos) {
        EngineTask<I, R> task = last.task;
        try {
            if (delayNanos > 0) {
                return task.batch.engine.threads.after(delayNanos, new RetryDelay<>(last, how, cause));
            }
            task.resume(last, how, cause);
        } catch (Throwable t) {
            if (resumesLater(last, how, cause)) {
                return null;
            }
            try {
                if (t != cause) {
                    t.addSuppressed(cause);
                }
            } finally {
                giveUp(last, t);
            }
        }
        return null;
    }

    /** What threw may have been another task's start. The clock resumes this one again, as often as it does anything. */
    private static <I, R> boolean resumesLater(TaskAttempt<I, R> last, State how, Throwable cause) {
        try {
            Runnable ignored = last.task.batch.engine.threads.after(1, new RetryDelay<>(last, how, cause));
            return true;
        } catch (Throwable noClock) {
            return false;
        }
    }

    private static <I, R> void giveUp(TaskAttempt<I, R> last, Throwable failure) {
        EngineTask<I, R> task = last.task;
        task.settle(last.claim, task.isReady() ? TaskState.READY : TaskState.PAUSED, State.FAILED, null, failure, null);
    }

    @Override
    public void run() {
        last.task.resume(last, how, cause);
    }

    @Override
    public void giveUp(Throwable failure) {
        giveUp(last, failure);
    }
}
