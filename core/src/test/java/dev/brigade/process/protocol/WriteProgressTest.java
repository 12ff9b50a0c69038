package dev.brigade.process.protocol;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 30, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class WriteProgressTest {
    private final WriteProgress written = new WriteProgress();

    @Test
    void waitsForTheMark() throws InterruptedException {
        Thread writer = new Thread(() -> {
            written.advance(6);
            written.advance(4);
        });
        writer.start();
        assertFalse(written.await(10));
        writer.join();
    }

    @Test
    void tellsOfAnInterruptAndWaitsAllTheSame() throws InterruptedException {
        Thread waiter = Thread.currentThread();
        waiter.interrupt();
        Thread writer = new Thread(() -> {
            while (waiter.isInterrupted()) {
                Thread.onSpinWait(); // until it waits, and has taken the interrupt
            }
            written.advance(10);
        });
        writer.start();
        assertTrue(written.await(10));
        writer.join();
    }

    @Test
    void endsTheWaitWhenNothingMoreGoesOut() throws InterruptedException {
        Thread breaker = new Thread(written::breakOff);
        breaker.start();
        assertFalse(written.await(10));
        assertTrue(written.isBroken());
        breaker.join();
    }
}
