package dev.brigade.engine.batch;

import dev.brigade.Outcome;
import dev.brigade.Outcomes;
import dev.brigade.Progress;
import dev.brigade.RunOptions;
import dev.brigade.TaskFunction;
import dev.brigade.engine.core.RunnerCore;
import dev.brigade.engine.state.ProgressCounter;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * The outcomes of one batch, as the caller holds them: one iterator, and methods that end it from any thread.
 *
 * <p>Design note: callers may hold this long after its end. At its end it drops the cursor, and with it the inputs, the function and the
 * results.
 */
public final class BatchOutcomes<I, R> implements Outcomes<I, R> {
    /** Null once the iteration has ended or this is closed. */
    private volatile @Nullable OutcomeIterator<I, R> cursor;

    private final ProgressCounter counter;

    /** The exception that cut the iteration short, for later calls; null if there is none. Consumer's thread only. */
    private @Nullable CancellationException failure;

    /** True once the one iterator has been taken. */
    private final AtomicBoolean taken = new AtomicBoolean();

    public BatchOutcomes(
            RunnerCore engine,
            Iterable<? extends I> inputs,
            TaskFunction<I, R> function,
            RunOptions options,
            Object code,
            ResultDemand demand) {
        OutcomeIterator<I, R> made = new OutcomeIterator<>(engine, inputs, function, options, code, demand);
        counter = made.counter;
        cursor = made;
    }

    /** Returns the cursor; must not be called once the iteration has ended or this is closed. */
    public OutcomeIterator<I, R> cursor() {
        return Objects.requireNonNull(cursor);
    }

    @Override
    public Iterator<Outcome<I, R>> iterator() {
        if (!taken.compareAndSet(false, true)) {
            throw new IllegalStateException("outcomes have one iterator, and it was taken before");
        }
        return new Iteration();
    }

    /** The caller's iterator, which uses the cursor as long as there is one. */
    private final class Iteration implements Iterator<Outcome<I, R>> {
        @Override
        public boolean hasNext() {
            OutcomeIterator<I, R> mine = cursor;
            if (mine == null) {
                throwIfCutShort();
                return false;
            }
            try {
                return mine.hasNext();
            } finally {
                letGoIfOver(mine);
            }
        }

        @Override
        public Outcome<I, R> next() {
            OutcomeIterator<I, R> mine = cursor;
            if (mine == null) {
                throwIfCutShort();
                throw new NoSuchElementException("no more outcomes");
            }
            try {
                return mine.next();
            } finally {
                letGoIfOver(mine);
            }
        }
    }

    private void throwIfCutShort() {
        if (failure != null) {
            throw failure;
        }
    }

    private void letGoIfOver(OutcomeIterator<I, R> mine) {
        if (mine.isFinished()) {
            failure = mine.failure();
            cursor = null;
        }
    }

    @Override
    public Stream<Outcome<I, R>> stream() {
        return StreamSupport.stream(new Unsplittable<>(iterator()), false).onClose(this::close);
    }

    @Override
    public Progress progress() {
        return counter.progress();
    }

    @Override
    public void cancel() {
        OutcomeIterator<I, R> mine = cursor;
        if (mine != null) {
            mine.cancel();
        }
    }

    @Override
    public void close() {
        OutcomeIterator<I, R> mine = cursor;
        if (mine != null) {
            mine.close();
            cursor = null;
        }
    }
}
