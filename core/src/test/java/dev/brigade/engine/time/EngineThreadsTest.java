package dev.brigade.engine.time;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests that no callback is lost when the machine has no thread left for it. */
@Timeout(60)
class EngineThreadsTest {
    private final AtomicInteger refusals = new AtomicInteger();
    private final BlockingQueue<Thread> ranOn = new ArrayBlockingQueue<>(9);
    private boolean timerToo;
    private final EngineThreads threads = new EngineThreads(this::factory);

    @AfterEach
    void close() {
        threads.close();
    }

    private ThreadFactory factory(String role) {
        return body -> {
            if ((timerToo || role.equals("callback")) && refusals.getAndDecrement() > 0) {
                throw new OutOfMemoryError("unable to create native thread, on purpose");
            }
            Thread thread = new Thread(body, role);
            thread.setDaemon(true);
            return thread;
        };
    }

    @Test
    void aCallbackWaitsUntilThereIsAThreadForIt() throws InterruptedException {
        refusals.set(3);
        threads.callbacks().execute(this::run);
        assertEquals("callback", await().getName());
        assertTrue(refusals.get() <= 0, "nothing was refused");
        runsNoMore();
    }

    @Test
    void aCallbackRunsOnTheCallersThreadWhenThereIsNoThreadForTheTimerEither() throws InterruptedException {
        timerToo = true;
        refusals.set(2);
        threads.callbacks().execute(this::run);
        assertSame(Thread.currentThread(), await());
        threads.callbacks().execute(this::run);
        assertEquals("callback", await().getName());
        runsNoMore();
    }

    @Test
    void closingRunsWhatStillWaitsForAThread() throws InterruptedException {
        refusals.set(Integer.MAX_VALUE);
        threads.callbacks().execute(this::run);
        threads.callbacks().execute(this::run);
        assertTrue(ranOn.isEmpty(), "it did not wait");
        threads.close();
        assertSame(Thread.currentThread(), await());
        assertSame(Thread.currentThread(), await());
        runsNoMore();
    }

    @Test
    void closingRunsTheOthersThoughOneThrows() throws InterruptedException {
        refusals.set(Integer.MAX_VALUE);
        threads.callbacks().execute(() -> {
            throw new IllegalStateException("on purpose");
        });
        threads.callbacks().execute(this::run);
        threads.close();
        assertSame(Thread.currentThread(), await());
    }

    @Test
    void aCallbackThatNoThreadComesForRunsOnTheTimersInTheEnd() throws InterruptedException {
        refusals.set(Integer.MAX_VALUE);
        threads.callbacks().execute(this::run);
        assertEquals("timer", await().getName());
        runsNoMore();
    }

    @Test
    void aShortageThatIsOverDoesNotCountInTheNext() throws InterruptedException {
        refusals.set(Integer.MAX_VALUE);
        threads.callbacks().execute(this::run);
        assertEquals("timer", await().getName());
        refusals.set(0);
        CountDownLatch held = new CountDownLatch(1);
        CountDownLatch over = new CountDownLatch(1);
        threads.callbacks().execute(() -> {
            held.countDown();
            awaitQuietly(over); // keeps this thread busy, so that the next callback needs a new one
        });
        assertTrue(held.await(30, TimeUnit.SECONDS), "it did not run");
        refusals.set(3);
        threads.callbacks().execute(this::run);
        assertEquals("callback", await().getName());
        over.countDown();
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await(30, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void aCallbackIsNotLeftToATimerThatCannotBeStarted() throws InterruptedException {
        timerToo = true;
        refusals.set(1);
        assertThrows(OutOfMemoryError.class, () -> threads.after(1, this::run));
        runsNoMore();
    }

    @Test
    void aCallbackThatComesWhenAllIsClosedRunsOnceThoughItThrows() {
        threads.close();
        assertThrows(
                OutOfMemoryError.class,
                () -> threads.callbacks().execute(() -> {
                    run();
                    throw new OutOfMemoryError("its own");
                }));
        assertEquals(1, ranOn.size());
    }

    /** Waits until the timer has done what was due before, and asserts that no callback ran again. */
    private void runsNoMore() throws InterruptedException {
        CountDownLatch later = new CountDownLatch(1);
        threads.after(TimeUnit.MILLISECONDS.toNanos(50), later::countDown);
        later.await(1, TimeUnit.SECONDS); // times out if the threads are closed
        assertTrue(ranOn.isEmpty(), "it ran twice");
    }

    private void run() {
        ranOn.add(Thread.currentThread());
    }

    private Thread await() throws InterruptedException {
        Thread thread = ranOn.poll(30, TimeUnit.SECONDS);
        if (thread == null) {
            throw new AssertionError("it did not run within 30 s");
        }
        return thread;
    }
}
