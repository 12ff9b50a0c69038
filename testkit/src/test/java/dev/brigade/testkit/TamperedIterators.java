package dev.brigade.testkit;

import dev.brigade.Outcome;
import dev.brigade.Outcome.State;
import dev.brigade.WorkerLostException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Iterators of outcomes with a fault. */
final class TamperedIterators {
    private TamperedIterators() {}

    /** Drops the last outcome. */
    static <I, R> Iterator<Outcome<I, R>> withoutTheLast(Iterator<Outcome<I, R>> sound) {
        return new Iterator<>() {
            private @Nullable Outcome<I, R> held;

            @Override
            public boolean hasNext() {
                if (held == null && sound.hasNext()) {
                    held = sound.next();
                }
                return sound.hasNext();
            }

            @Override
            public Outcome<I, R> next() {
                Outcome<I, R> given = hasNext() ? held : null;
                if (given == null) {
                    throw new NoSuchElementException();
                }
                held = null;
                return given;
            }
        };
    }

    /** Delivers no outcome before it has several. */
    static <I, R> Iterator<Outcome<I, R>> inChunks(Iterator<Outcome<I, R>> sound) {
        Queue<Outcome<I, R>> chunk = new ArrayDeque<>();
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                while (chunk.isEmpty() && sound.hasNext()) {
                    for (int i = 0; i < 4 && sound.hasNext(); i++) {
                        chunk.add(sound.next());
                    }
                }
                return !chunk.isEmpty();
            }

            @Override
            public Outcome<I, R> next() {
                if (!hasNext()) {
                    throw new NoSuchElementException();
                }
                return chunk.remove();
            }
        };
    }

    /** Ends instead of throwing. */
    static <I, R> Iterator<Outcome<I, R>> endingQuietly(Iterator<Outcome<I, R>> sound) {
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                try {
                    return sound.hasNext();
                } catch (CancellationException cutShort) {
                    return false;
                }
            }

            @Override
            public Outcome<I, R> next() {
                return sound.next();
            }
        };
    }

    /** Takes the exceptions of tasks for the runner's own. */
    static <I, R> Iterator<Outcome<I, R>> misjudging(Iterator<Outcome<I, R>> sound) {
        return changing(sound, one -> {
            boolean timeout = one.exception() instanceof TimeoutException;
            boolean cancel = one.exception() instanceof CancellationException;
            return timeout ? State.TIMED_OUT : cancel ? State.CANCELLED : one.state();
        });
    }

    /** If one task lost its worker, all tasks fail, even those that ended before. */
    static <I, R> Iterator<Outcome<I, R>> blamingAll(Iterator<Outcome<I, R>> sound) {
        List<Outcome<I, R>> all = new ArrayList<>();
        sound.forEachRemaining(all::add);
        boolean lost = all.stream().anyMatch(one -> one.exception() instanceof WorkerLostException);
        return changing(all.iterator(), one -> lost ? State.FAILED : one.state());
    }

    private interface Judge {
        State of(Outcome<?, ?> outcome);
    }

    private static <I, R> Iterator<Outcome<I, R>> changing(Iterator<Outcome<I, R>> sound, Judge judge) {
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return sound.hasNext();
            }

            @Override
            public Outcome<I, R> next() {
                Outcome<I, R> one = sound.next();
                State state = judge.of(one);
                if (state == one.state()) {
                    return one;
                }
                Throwable exception = one.exception() == null ? new IllegalStateException("blamed") : one.exception();
                return new Outcome<>(
                        one.index(), one.input(), state, null, exception, one.attempts(), one.timing(), one.worker());
            }
        };
    }
}
