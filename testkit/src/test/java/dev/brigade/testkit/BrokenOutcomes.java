package dev.brigade.testkit;

import dev.brigade.Outcome;
import dev.brigade.Outcomes;
import dev.brigade.Progress;
import java.util.Iterator;
import java.util.Spliterators;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** Outcomes with a broken iterator. */
record BrokenOutcomes<I, R>(Outcomes<I, R> sound, UnaryOperator<Iterator<Outcome<I, R>>> fault)
        implements Outcomes<I, R> {

    @Override
    public Iterator<Outcome<I, R>> iterator() {
        return fault.apply(sound.iterator());
    }

    @Override
    public Stream<Outcome<I, R>> stream() {
        return StreamSupport.stream(Spliterators.spliteratorUnknownSize(iterator(), 0), false);
    }

    @Override
    public Progress progress() {
        return sound.progress();
    }

    @Override
    public void cancel() {
        sound.cancel();
    }

    @Override
    public void close() {
        sound.close();
    }
}
