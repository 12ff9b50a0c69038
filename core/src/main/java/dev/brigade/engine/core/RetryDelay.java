package dev.brigade.engine.core;

import dev.brigade.Outcome.State;
import dev.brigade.engine.state.TaskState;
import dev.brigade.engine.time.TimerAction;
import org.jspecify.annotations.Nullable;

/** The end of a task's retry delay; {@code how} and {@code cause} are the state and failure of its last attempt. */
record RetryDelay<I, R>(TaskAttempt<I, R> last, State how, Throwable cause) implements TimerAction {
    /**
     * Begins the retry delay of a BACKOFF task. If that fails, for example because the timer has no thread, the task fails.
     *
     * @return a runnable that cancels the delay; null if there is none to cancel
     */
    static <I, R> @Nullable Runnable begin(TaskAttempt<I, R> last, State how, Throwable cause, long delayNanos) {
        RetryDelay<I, R> end = new RetryDelay<>(last, how, cause);
        try {
            return delayNanos > 0 ? end.after(delayNanos) : end.runNowOrSoon();
        } catch (Throwable t) {
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

    private Runnable after(long delayNanos) {
        return last.task.batch.engine.threads.after(delayNanos, this);
    }

    /**
     * Resumes the task now. A throwable may come from the start of another task. The timer then tries again, as often as it runs any
     * action.
     */
    private @Nullable Runnable runNowOrSoon() {
        try {
            run();
            return null;
        } catch (RuntimeException | Error e) {
            return after(1);
        }
    }

    private static <I, R> void giveUp(TaskAttempt<I, R> last, Throwable failure) {
        EngineTask<I, R> task = last.task;
        task.settle(
                last.claim, task.isReady() ? TaskState.READY : TaskState.BACKOFF, State.FAILED, null, failure, null);
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
