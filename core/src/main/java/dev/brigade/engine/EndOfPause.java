package dev.brigade.engine;

import dev.brigade.Outcome.State;

/** The end of the pause before an item's next attempt; {@code how} and {@code cause} are the end of the last one. */
record EndOfPause<I, R>(Item<I, R> item, int number, State how, Throwable cause) implements TimedAction {
    /** Starts the pause; what is returned calls its end off. Where there is no thread for the clock the item fails. */
    static <I, R> Runnable after(long pauseNanos, Item<I, R> item, int number, State how, Throwable cause) {
        EndOfPause<I, R> end = new EndOfPause<>(item, number, how, cause);
        try {
            return item.call.engine.threads.after(pauseNanos, end);
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
        item.resume(number, how, cause);
    }

    @Override
    public void giveUp(Throwable failure) {
        item.settle(number, item.isReady() ? ItemState.READY : ItemState.PAUSED, State.FAILED, null, failure, null);
    }
}
