package dev.brigade.engine;

import dev.brigade.TaskTimeoutException;

/** The end of an attempt's time. */
record AttemptDeadline<I, R>(BodyAttempt<I, R> attempt) implements TimedAction {
    static TaskTimeoutException exceeded(Item<?, ?> item, int number) {
        return new TaskTimeoutException(item.describe() + " exceeded its taskTimeout of "
                + item.call.spec.taskTimeout().orElseThrow() + " (attempt " + number + ")");
    }

    @Override
    public void run() {
        attempt.item.timedOut(attempt);
    }

    @Override
    public void giveUp(Throwable cause) {
        attempt.item.failTimedOut(attempt.number(), cause);
    }
}
