package dev.brigade.engine;

import dev.brigade.Outcome.State;
import org.jspecify.annotations.Nullable;

/** The end of the pause before an item's next attempt; {@code how} and {@code cause} are how the last one ended. */
record EndOfPause<I, R>(BodyAttempt<I, R> last, State how, Throwable cause) implements TimedAction {
    /**
     * Lets a PAUSED item wait for its next attempt, and fails it where that cannot be: where there is no thread for the clock, say.
     * What is returned calls the pause off; null when there is none.
     */
    static <I, R> @Nullable Runnable begin(BodyAttempt<I, R> last, State how, Throwable cause) {
        Item<I, R> item = last.item;
        try {
            long pauseNanos =
                    item.call.options.retry().pauseAfter(last.number()).toNanos();
            if (pauseNanos > 0) {
                return item.call.engine.threads.after(pauseNanos, new EndOfPause<>(last, how, cause));
            }
            item.resume(last, how, cause);
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

    private static <I, R> void giveUp(BodyAttempt<I, R> last, Throwable failure) {
        Item<I, R> item = last.item;
        item.settle(last.claim, item.isReady() ? ItemState.READY : ItemState.PAUSED, State.FAILED, null, failure, null);
    }

    @Override
    public void run() {
        last.item.resume(last, how, cause);
    }

    @Override
    public void giveUp(Throwable failure) {
        giveUp(last, failure);
    }
}
