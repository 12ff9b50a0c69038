package dev.brigade.process.connection;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.channels.ClosedSelectorException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

final class PoolEventLoopTest {
    private static final long LONG_NANOS = TimeUnit.MINUTES.toNanos(1);

    private static final class NothingDue implements PoolEventLoop.Handler {
        @Override
        public long tick() {
            return LONG_NANOS;
        }

        @Override
        public boolean mayWait() {
            return true;
        }

        @Override
        public void waited() {}
    }

    /** If the loop did not say so, the pool's tasks would wait for ever for a dead thread. */
    @Test
    void aLoopThatCannotGoOnSaysSoAndTakesNothingMore() throws Exception {
        AtomicReference<Throwable> why = new AtomicReference<>();
        CountDownLatch told = new CountDownLatch(1);
        PoolEventLoop loop = new PoolEventLoop("loop-under-test", new NothingDue(), cause -> {
            why.set(cause);
            told.countDown();
        });
        loop.start();
        loop.selector().close();
        assertTrue(told.await(20, TimeUnit.SECONDS), "it is told");
        assertInstanceOf(ClosedSelectorException.class, why.get());
        loop.stop(LONG_NANOS);
        assertFalse(loop.execute(() -> {}));
    }

    @Test
    void whatWasTakenBeforeTheEndIsDone() throws Exception {
        PoolEventLoop loop = new PoolEventLoop("loop-under-test", new NothingDue(), cause -> {});
        loop.start();
        CountDownLatch done = new CountDownLatch(1);
        boolean taken = loop.execute(done::countDown);
        loop.stop(LONG_NANOS);
        assertTrue(taken);
        assertTrue(done.await(20, TimeUnit.SECONDS), "it is done");
    }
}
