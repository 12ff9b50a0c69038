package dev.brigade.engine;

import dev.brigade.Capability;
import dev.brigade.Runner;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/** What all calls of one runner share. */
final class Engine {
    final Runner runner;
    final String name;
    final Strategy strategy;
    final Dispatcher dispatcher;
    final SideThreads threads;
    final Lifecycle lifecycle;

    /** Whether a timed-out body is reported only when it is dead. */
    final boolean forcible;

    /** Places taken, of the strategy's limit. */
    private final AtomicInteger taken = new AtomicInteger();

    Engine(Runner runner, String name, Strategy strategy, Duration closeTimeout) {
        this.runner = runner;
        this.name = name;
        this.strategy = strategy;
        forcible = strategy.capabilities().contains(Capability.FORCIBLE_CANCEL);
        dispatcher = new Dispatcher(strategy.inline());
        threads = new SideThreads(name);
        lifecycle = new Lifecycle(this, closeTimeout);
    }

    boolean hasPlace() {
        return taken.get() < strategy.limit();
    }

    /** Takes a place that {@link #hasPlace} showed; only one thread at a time does so. */
    void takePlace() {
        taken.incrementAndGet();
    }

    /** For the threads of inline runners, which compete. */
    boolean tryTakePlace() {
        while (true) {
            int now = taken.get();
            if (now >= strategy.limit()) {
                return false;
            }
            if (taken.compareAndSet(now, now + 1)) {
                return true;
            }
        }
    }

    void freePlace() {
        taken.decrementAndGet();
    }

    boolean nothingRuns() {
        return taken.get() == 0;
    }

    /** Whether this thread is running a body of this runner. */
    boolean isOwnBody() {
        BodyAttempt<?, ?> attempt = BodyAttempt.onThisThread();
        return attempt != null && attempt.item.call.engine == this;
    }
}
