package dev.brigade.engine;

import dev.brigade.Outcome;
import dev.brigade.Outcomes;
import dev.brigade.Progress;
import dev.brigade.RunOptions;
import dev.brigade.TaskFunction;
import java.util.Iterator;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** The outcomes of one call, as the caller holds them: one iterator, and the means to end it from any thread. */
final class Batch<I, R> implements Outcomes<I, R> {
    final Cursor<I, R> cursor;

    /** Whether the one iterator has been taken. */
    private final AtomicBoolean taken = new AtomicBoolean();

    Batch(
            Engine engine,
            Iterable<? extends I> inputs,
            TaskFunction<I, R> function,
            RunOptions options,
            Object code,
            Use use) {
        cursor = new Cursor<>(engine, inputs, function, options, code, use);
    }

    @Override
    public Iterator<Outcome<I, R>> iterator() {
        if (!taken.compareAndSet(false, true)) {
            throw new IllegalStateException("outcomes have one iterator, and it was taken before");
        }
        return cursor;
    }

    @Override
    public Stream<Outcome<I, R>> stream() {
        return StreamSupport.stream(new Unsplittable<>(iterator()), false).onClose(this::close);
    }

    @Override
    public Progress progress() {
        return cursor.progress();
    }

    @Override
    public void cancel() {
        cursor.cancel();
    }

    @Override
    public void close() {
        cursor.close();
    }
}
