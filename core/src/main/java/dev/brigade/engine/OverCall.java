package dev.brigade.engine;

import dev.brigade.TaskFunction;
import java.util.concurrent.CancellationException;

/**
 * What takes the place of a call's function, lane and sink when the call is over. Only an item that was added while another thread
 * closed the call can meet it; that is cancelled, and handed to nobody.
 */
final class OverCall implements Call.Sink<Object, Object>, Strategy.Lane<Object, Object> {
    private static final OverCall ONLY = new OverCall();

    private OverCall() {}

    @SuppressWarnings("unchecked") // it gives no results and drops what it is given
    static <I, R> Call.Sink<I, R> sink() {
        return (Call.Sink<I, R>) ONLY;
    }

    @SuppressWarnings("unchecked") // as above
    static <I, R> Strategy.Lane<I, R> lane() {
        return (Strategy.Lane<I, R>) (Strategy.Lane<?, ?>) ONLY;
    }

    static <I, R> TaskFunction<I, R> function() {
        return input -> {
            throw isOver();
        };
    }

    private static CancellationException isOver() {
        return new CancellationException("the call is over");
    }

    @Override
    public void settled(Item<Object, Object> item) {}

    @Override
    public void settled(Item<Object, Object> newest, Item<Object, Object> oldest, int count) {}

    @Override
    public void wake() {}

    @Override
    public Strategy.Prepared<Object> prepare(Object input) {
        return attempt -> {
            attempt.ended(null, isOver());
            return Strategy.Running.UNSTOPPABLE;
        };
    }
}
