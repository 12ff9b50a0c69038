package dev.brigade.timeline;

import dev.brigade.Outcome;
import dev.brigade.Outcomes;
import dev.brigade.Progress;
import java.util.Iterator;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;

/** Records outcomes as they are delivered; those that never are, are counted when the batch is left. */
final class WatchedOutcomes<I, R> implements Outcomes<I, R> {
    private final Outcomes<I, R> outcomes;
    private final RunnerRecording recording;

    /** True once the batch has been left. */
    private final AtomicBoolean left = new AtomicBoolean();

    WatchedOutcomes(Outcomes<I, R> outcomes, RunnerRecording recording) {
        this.outcomes = outcomes;
        this.recording = recording;
    }

    @Override
    public Iterator<Outcome<I, R>> iterator() {
        Iterator<Outcome<I, R>> iterator = outcomes.iterator();
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                try {
                    return iterator.hasNext();
                } catch (CancellationException cutShort) {
                    leave();
                    throw cutShort;
                }
            }

            @Override
            public Outcome<I, R> next() {
                return taped(iterator.next());
            }
        };
    }

    @Override
    public Stream<Outcome<I, R>> stream() {
        return outcomes.stream().map(this::taped).onClose(this::leave);
    }

    private Outcome<I, R> taped(Outcome<I, R> outcome) {
        recording.add(outcome);
        return outcome;
    }

    @Override
    public Progress progress() {
        return outcomes.progress();
    }

    @Override
    public void cancel() {
        outcomes.cancel();
    }

    @Override
    public void close() {
        outcomes.close();
        leave();
    }

    private void leave() {
        if (left.compareAndSet(false, true)) {
            Progress last = outcomes.progress();
            recording.addDropped(last.pulled() - last.done());
        }
    }
}
