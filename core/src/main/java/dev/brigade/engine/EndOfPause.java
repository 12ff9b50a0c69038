package dev.brigade.engine;

import dev.brigade.Outcome.State;

/** The end of the pause before an item's next attempt; {@code how} and {@code cause} are how the last one ended. */
record EndOfPause<I, R>(BodyAttempt<I, R> last, State how, Throwable cause) implements TimedAction {
    /** Starts the pause; what is returned calls its end off. Where there is no thread for the clock the item fails. */
    static <I, R> Runnable after(long pauseNanos, BodyAttempt<I, R> last, State how, Throwable cause) {
        EndOfPause<I, R> end = new EndOfPause<>(last, how, cause);
        try {
            return last.item.call.engine.threads.after(pauseNanos, end);
        } catch (OutOfMemoryError noThread) {
            try {
                if (noThread != cause) {
                    noThread.addSuppressed(cause);
                }
            } finally {
                end.giveUp(noThread);
            }
            return () -> {};
        }
    }

    @Override
    public void run() {
        last.item.resume(last, how, cause);
    }

    @Override
    public void giveUp(Throwable failure) {
        Item<I, R> item = last.item;
        item.settle(last.claim, item.isReady() ? ItemState.READY : ItemState.PAUSED, State.FAILED, null, failure, null);
    }
}
