package dev.brigade.engine.core;

import dev.brigade.TaskFunction;
import dev.brigade.spi.AttemptHandle;
import dev.brigade.spi.PreparedTask;
import dev.brigade.spi.Session;
import java.util.concurrent.CancellationException;

/**
 * The stand-in for the function, session and {@code Sink} of a batch that is over. Only a task that was added while another thread closed
 * the batch can reach it. Such a task is cancelled, or fails with a {@link CancellationException}; its outcome is dropped.
 */
final class FinishedBatch implements BatchRun.Sink<Object, Object>, Session<Object, Object> {
    private static final FinishedBatch ONLY = new FinishedBatch();

    private FinishedBatch() {}

    @SuppressWarnings("unchecked") // it gives no results and drops its arguments
    static <I, R> BatchRun.Sink<I, R> sink() {
        return (BatchRun.Sink<I, R>) ONLY;
    }

    @SuppressWarnings("unchecked") // as above
    static <I, R> Session<I, R> session() {
        return (Session<I, R>) (Session<?, ?>) ONLY;
    }

    static <I, R> TaskFunction<I, R> function() {
        return input -> {
            throw isOver();
        };
    }

    private static CancellationException isOver() {
        return new CancellationException("the batch is over");
    }

    @Override
    public void settled(EngineTask<Object, Object> task) {}

    @Override
    public void settled(EngineTask<Object, Object> newest, EngineTask<Object, Object> oldest, int count) {}

    @Override
    public void wake() {}

    @Override
    public PreparedTask<Object> prepare(Object input) {
        return attempt -> {
            attempt.ended(null, isOver());
            return AttemptHandle.UNSTOPPABLE;
        };
    }
}
