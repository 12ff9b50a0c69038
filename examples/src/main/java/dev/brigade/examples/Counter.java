package dev.brigade.examples;

import dev.brigade.Runner;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/** A counter that threads may share: the four ways of {@code share2}. */
sealed interface Counter {
    void increment();

    long value();

    /** How to make one of each kind, by the name of what protects it; sorted by name. */
    SortedMap<String, Supplier<Counter>> KINDS = new TreeMap<>(Map.of(
            "synchronized", Synchronized::new,
            "ReentrantLock", Locked::new,
            "AtomicInteger", Atomic::new,
            "LongAdder", Adder::new));

    /** What one increment costs when so many tasks make that many each: all the time, divided by all of them. */
    static double costNanos(Runner runner, Counter counter, int tasks, int each) throws Exception {
        try (runner) {
            long beginNanos = System.nanoTime();
            runner.map(Collections.nCopies(tasks, each), many -> {
                for (int i = 0; i < many; i++) {
                    counter.increment();
                }
                return many;
            });
            return (System.nanoTime() - beginNanos) / ((double) tasks * each);
        }
    }

    /** The lock that every Java object has: one thread at a time in the methods marked so. */
    final class Synchronized implements Counter {
        private long value;

        @Override
        public synchronized void increment() {
            value++;
        }

        @Override
        public synchronized long value() {
            return value;
        }
    }

    /** A lock as an object of its own: the same, but it can also be tried, timed and interrupted. */
    final class Locked implements Counter {
        private final ReentrantLock lock = new ReentrantLock(); // guards value
        private long value;

        @Override
        public void increment() {
            lock.lock();
            try {
                value++;
            } finally {
                lock.unlock();
            }
        }

        @Override
        public long value() {
            lock.lock();
            try {
                return value;
            } finally {
                lock.unlock();
            }
        }
    }

    /** No lock: the processor reads, adds and writes in one step. */
    final class Atomic implements Counter {
        private final AtomicInteger value = new AtomicInteger();

        @Override
        public void increment() {
            value.incrementAndGet();
        }

        @Override
        public long value() {
            return value.get();
        }
    }

    /** Several counters, so that threads seldom meet; reading adds them up. */
    final class Adder implements Counter {
        private final LongAdder value = new LongAdder();

        @Override
        public void increment() {
            value.increment();
        }

        @Override
        public long value() {
            return value.sum();
        }
    }
}
