package dev.brigade.engine;

import dev.brigade.Runner;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the body, and the strategy, see of an attempt at an item: one says more of what becomes of it. */
abstract class ItemAttempt<I, R> extends AttemptState implements Strategy.Attempt<R> {
    private static final Logger LOG = LoggerFactory.getLogger(ItemAttempt.class);

    final Item<I, R> item;

    /** The number of the claim that made it, in its item's word; {@code number} does not count attempts that were given back. */
    final int claim;

    private final int number;

    /** One that somebody will begin or answer. */
    ItemAttempt(Item<I, R> item, int claim, int number) {
        this.item = item;
        this.claim = claim;
        this.number = number;
    }

    /** One that the given thread, which is the calling one, has begun. */
    ItemAttempt(Item<I, R> item, int claim, int number, Thread self) {
        super(self);
        this.item = item;
        this.claim = claim;
        this.number = number;
    }

    /** Whether its item has no attempt left. */
    boolean isLast() {
        return number >= item.call.options.retry().maxAttempts();
    }

    /** Asks the retry policy, which may be user code; one that throws means no. */
    boolean mayBeTriedAgainAfter(Throwable cause) {
        ClassLoader outer = ContextLoader.current();
        ContextLoader.set(item.call.context.loader());
        try {
            return Callbacks.ask(
                    () -> item.call.options.retry().retries(number, cause),
                    false,
                    t -> LOG.warn("the retry test of {} threw; not tried again", this, t));
        } finally {
            ContextLoader.set(outer);
        }
    }

    @Override
    public long index() {
        return item.index;
    }

    @Override
    public int number() {
        return number;
    }

    @Override
    public Optional<Duration> callRemaining() {
        return Deadline.left(item.call.deadline.atNanos());
    }

    @Override
    public boolean isCancelled() {
        return !item.isHanded(claim);
    }

    @Override
    public Runnable onCancel(Runnable action) {
        return cancelActions().add(action);
    }

    @Override
    public Optional<Duration> remaining() {
        return Deadline.left(item.call.deadlineOf(startedNanos()));
    }

    @Override
    public int attempt() {
        return number;
    }

    @Override
    public Runner runner() {
        return item.call.engine.runner;
    }

    @Override
    public String toString() {
        return item.describe();
    }
}
