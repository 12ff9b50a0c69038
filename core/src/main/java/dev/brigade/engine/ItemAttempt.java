package dev.brigade.engine;

import dev.brigade.Runner;
import java.time.Duration;
import java.util.Optional;

/** What the body, and the strategy, see of an attempt at an item: one says more of what becomes of it. */
abstract class ItemAttempt<I, R> extends AttemptState implements Strategy.Attempt<R> {
    final Item<I, R> item;
    final int number;

    /** One that somebody will begin or answer. */
    ItemAttempt(Item<I, R> item, int number) {
        this.item = item;
        this.number = number;
    }

    /** One that the given thread, which is the calling one, has begun. */
    ItemAttempt(Item<I, R> item, int number, Thread self) {
        super(self);
        this.item = item;
        this.number = number;
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
        return !item.isHanded(number);
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
