package dev.brigade.examples;

import java.util.concurrent.atomic.AtomicInteger;

/** How many threads are at the same place at once: now, and at most so far. */
final class Gauge {
    private final AtomicInteger now = new AtomicInteger();
    private final AtomicInteger most = new AtomicInteger();

    /** Returns how many are there now. */
    int enter() {
        int here = now.incrementAndGet();
        most.accumulateAndGet(here, Math::max);
        return here;
    }

    void leave() {
        now.decrementAndGet();
    }

    int most() {
        return most.get();
    }
}
