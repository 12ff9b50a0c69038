package dev.brigade.stress;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;

/** The counter, in every interleaving that the model checker tries; each fix beside the race it mends. */
class CounterLincheckTest {
    private static int plain;
    private static volatile int seen;
    private static AtomicInteger atomic;
    private static ReentrantLock lock;

    @Test
    void findsTheLostUpdateOfAPlainCounter() {
        Interleaved.mustFail(
                () -> plain = 0, () -> plain++, () -> plain++, () -> assertEquals(2, plain, "two increments"));
    }

    @Test
    @SuppressWarnings("NonAtomicVolatileUpdate") // The race is the subject.
    void findsTheLostUpdateOfAVolatileCounter() {
        Interleaved.mustFail(() -> seen = 0, () -> seen++, () -> seen++, () -> assertEquals(2, seen, "two increments"));
    }

    @Test
    void losesNoUpdateOfAnAtomicCounter() {
        Interleaved.check(
                () -> atomic = new AtomicInteger(),
                () -> atomic.incrementAndGet(),
                () -> atomic.incrementAndGet(),
                () -> assertEquals(2, atomic.get(), "two increments"));
    }

    @Test
    void losesNoUpdateUnderALock() {
        Interleaved.check(
                () -> {
                    plain = 0;
                    lock = new ReentrantLock();
                },
                CounterLincheckTest::addLocked,
                CounterLincheckTest::addLocked,
                () -> assertEquals(2, plain, "two increments"));
    }

    private static void addLocked() {
        lock.lock();
        try {
            plain++;
        } finally {
            lock.unlock();
        }
    }
}
