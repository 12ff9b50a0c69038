package dev.brigade.runner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import dev.brigade.threads.OwnThreads;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

/** Tests that the timer goes on, and does everything that is due, even if threads are short, or dependents or logs block. */
@Timeout(60)
class DelayTimerTest {
    private static final int LONG = 20;

    /** Number of times that no thread can be had. */
    private final AtomicInteger refusals = new AtomicInteger();

    private final DelayTimer timer = new DelayTimer(this::factory);

    private ThreadFactory factory(String prefix) {
        ThreadFactory real = OwnThreads.named(prefix);
        return task -> {
            if (refusals.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                throw new OutOfMemoryError("unable to create native thread, on purpose");
            }
            return real.newThread(task);
        };
    }

    @Test
    void whatIsDueWaitsUntilThereIsAThreadForIt() throws Exception {
        CountDownLatch timerRan = new CountDownLatch(1);
        timer.scheduleBrief(timerRan::countDown, 0);
        assertTrue(timerRan.await(LONG, TimeUnit.SECONDS));
        refusals.set(5);
        CountDownLatch ran = new CountDownLatch(2);
        assertTrue(later(ran::countDown) != null);
        assertTrue(later(ran::countDown) != null);
        assertTrue(ran.await(LONG, TimeUnit.SECONDS), () -> ran.getCount() + " were forgotten");
        assertEquals(0, refusals.get());
    }

    private Future<?> later(Runnable action) {
        return timer.schedule(action, Duration.ofMillis(1));
    }

    @Test
    void whatBlocksHoldsUpNoOther() throws Exception {
        int blocked = 50;
        CountDownLatch release = new CountDownLatch(1);
        CountDownLatch begun = new CountDownLatch(blocked);
        for (int i = 0; i < blocked; i++) {
            assertTrue(later(() -> {
                        begun.countDown();
                        await(release);
                    })
                    != null);
        }
        try {
            assertTrue(begun.await(LONG, TimeUnit.SECONDS), () -> begun.getCount() + " have no thread");
        } finally {
            release.countDown();
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            assertTrue(latch.await(2 * LONG, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aStepOfALoopRunsThoughThereIsNoThreadForTheTimer() throws Exception {
        EventLoop loop = new EventLoop("short-of-threads", Duration.ofMillis(100), timer);
        refusals.set(1);
        CountDownLatch ran = new CountDownLatch(1);
        loop.execute("a step", ran::countDown);
        assertTrue(ran.await(LONG, TimeUnit.SECONDS));
        assertEquals(0, refusals.get(), "nothing was refused");
        assertTrue(loop.close(Duration.ofSeconds(LONG)));
    }

    @Test
    void aLogThatBlocksStopsNoDelay() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        CountDownLatch logs = new CountDownLatch(1);
        Logger logger = (Logger) LoggerFactory.getLogger(EventLoop.class);
        AppenderBase<ILoggingEvent> blocks = new AppenderBase<>() {
            @Override
            protected void append(ILoggingEvent event) {
                if (event.getFormattedMessage().contains("that blocks the log")) {
                    logs.countDown();
                    DelayTimerTest.await(release);
                }
            }
        };
        blocks.start();
        logger.addAppender(blocks);
        EventLoop loop = new EventLoop("blocked", Duration.ofMillis(1), timer);
        try {
            loop.execute("a step that blocks the log", () -> await(release));
            assertTrue(logs.await(LONG, TimeUnit.SECONDS));
            CountDownLatch ended = new CountDownLatch(1);
            assertTrue(later(ended::countDown) != null);
            assertTrue(ended.await(LONG, TimeUnit.SECONDS), "the clock stands still");
        } finally {
            release.countDown();
            logger.detachAppender(blocks);
        }
        assertTrue(loop.close(Duration.ofSeconds(LONG)));
    }
}
