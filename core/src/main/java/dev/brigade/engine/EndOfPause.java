package dev.brigade.engine;

import dev.brigade.Outcome.State;

/** The end of the pause before an item's next attempt; {@code how} and {@code cause} are the end of the last one. */
record EndOfPause<I, R>(Item<I, R> item, int number, State how, Throwable cause) implements TimedAction {
    @Override
    public void run() {
        item.resume(number, how, cause);
    }

    @Override
    public void giveUp(Throwable failure) {
        item.settle(number, item.isReady() ? ItemState.READY : ItemState.PAUSED, State.FAILED, null, failure, null);
    }
}
