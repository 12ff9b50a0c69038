package dev.brigade.testkit;

import dev.brigade.Outcome;
import dev.brigade.Outcomes;
import dev.brigade.RunOptions;
import dev.brigade.Runner;
import dev.brigade.TaskFunction;
import java.util.Iterator;
import java.util.concurrent.atomic.AtomicBoolean;

/** Runners that keep one half of a rule, and break the other. */
final class HalfBrokenRunners {
    private HalfBrokenRunners() {}

    /** Interrupts its consumer when a body has left its own thread interrupted. */
    static final class LeaksInterrupts extends BrokenRunner {
        LeaksInterrupts(Runner sound) {
            super(sound);
        }

        @Override
        public <I, R> Outcomes<I, R> mapOutcomes(
                Iterable<? extends I> inputs, TaskFunction<? super I, ? extends R> function, RunOptions options) {
            AtomicBoolean left = new AtomicBoolean();
            TaskFunction<I, R> looking = input -> {
                R result = function.apply(input);
                left.set(Thread.currentThread().isInterrupted());
                return result;
            };
            return afterEach(super.mapOutcomes(inputs, looking, options), () -> {
                if (left.get()) {
                    Thread.currentThread().interrupt();
                }
            });
        }
    }

    /** Clears its consumer's interrupt, whoever sent it. */
    static final class SwallowsInterrupts extends BrokenRunner {
        SwallowsInterrupts(Runner sound) {
            super(sound);
        }

        @Override
        public <I, R> Outcomes<I, R> mapOutcomes(
                Iterable<? extends I> inputs, TaskFunction<? super I, ? extends R> function, RunOptions options) {
            return afterEach(super.mapOutcomes(inputs, function, options), () -> {
                boolean ignored = Thread.interrupted();
            });
        }
    }

    private static <I, R> Outcomes<I, R> afterEach(Outcomes<I, R> sound, Runnable fault) {
        return new BrokenOutcomes<>(sound, outcomes -> afterEach(outcomes, fault));
    }

    private static <I, R> Iterator<Outcome<I, R>> afterEach(Iterator<Outcome<I, R>> sound, Runnable fault) {
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return sound.hasNext();
            }

            @Override
            public Outcome<I, R> next() {
                try {
                    return sound.next();
                } finally {
                    fault.run();
                }
            }
        };
    }
}
