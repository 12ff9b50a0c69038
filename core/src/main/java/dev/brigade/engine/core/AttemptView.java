package dev.brigade.engine.core;

import dev.brigade.Runner;
import dev.brigade.spi.Attempt;
import dev.brigade.threads.Callbacks;
import dev.brigade.threads.ContextLoader;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the body, and the strategy, see of an attempt at an item: one says more of what becomes of it. */
public abstract class AttemptView<I, R> extends AttemptState implements Attempt<R> {
    private static final Logger LOG = LoggerFactory.getLogger(AttemptView.class);

    public final EngineTask<I, R> task;

    /** The number of the claim that made it, in its item's word; {@code number} does not count attempts that were given back. */
    final int claim;

    private final int number;

    /** One that somebody will begin or answer. */
    AttemptView(EngineTask<I, R> task, int claim, int number) {
        this.task = task;
        this.claim = claim;
        this.number = number;
    }

    /** One that the given thread, which is the calling one, has begun. */
    AttemptView(EngineTask<I, R> task, int claim, int number, Thread self) {
        super(self);
        this.task = task;
        this.claim = claim;
        this.number = number;
    }

    /** Whether its item has no attempt left. */
    boolean isLast() {
        return number >= task.batch.options.retry().maxAttempts();
    }

    /** Asks the retry policy, which may be user code; one that throws means no. */
    boolean mayBeTriedAgainAfter(Throwable cause) {
        ClassLoader outer = ContextLoader.current();
        ContextLoader.set(task.batch.context.loader());
        try {
            return Callbacks.ask(
                    () -> task.batch.options.retry().retries(number, cause),
                    false,
                    t -> LOG.warn("the retry test of {} threw; not tried again", this, t));
        } finally {
            ContextLoader.set(outer);
        }
    }

    @Override
    public long index() {
        return task.index;
    }

    @Override
    public int number() {
        return number;
    }

    @Override
    public Optional<Duration> callRemaining() {
        return BatchDeadline.left(task.batch.deadline.atNanos());
    }

    @Override
    public boolean isCancelled() {
        return !task.isHanded(claim);
    }

    @Override
    public Runnable onCancel(Runnable action) {
        return cancelActions().add(action);
    }

    @Override
    public Optional<Duration> remaining() {
        return BatchDeadline.left(task.batch.deadlineOf(startedNanos()));
    }

    @Override
    public int attempt() {
        return number;
    }

    @Override
    public Runner runner() {
        return task.batch.engine.runner;
    }

    @Override
    public String toString() {
        return task.describe();
    }
}
