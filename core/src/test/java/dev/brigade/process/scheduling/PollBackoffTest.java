package dev.brigade.process.scheduling;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class PollBackoffTest {
    private static final long SOON = TimeUnit.MILLISECONDS.toNanos(1);

    private final PollBackoff watch = new PollBackoff();

    @Test
    void nobodyIsLookedAfterWhileNothingWaitsBehindAnything() {
        assertFalse(watch.begins(false));
        assertEquals(PoolState.NEVER_NANOS, watch.nextNanos(true));
    }

    @Test
    void theEventLoopIsWokenOnceForWhatWaitsBehindSomething() {
        assertTrue(watch.begins(true));
        assertFalse(watch.begins(true));
        assertEquals(SOON, watch.nextNanos(false));
    }

    @Test
    void itLooksLessAndLessWhileNothingHappens() {
        watch.begins(true);
        assertEquals(SOON, watch.nextNanos(false));
        assertEquals(2 * SOON, watch.nextNanos(false));
        assertEquals(4 * SOON, watch.nextNanos(false));
        for (int i = 0; i < 100; i++) {
            assertTrue(watch.nextNanos(false) <= 32 * SOON);
        }
        assertEquals(SOON, watch.nextNanos(true));
    }

    @Test
    void whatIsGivenWhileItLooksSeldomWakesIt() {
        watch.begins(true);
        watch.nextNanos(false);
        watch.nextNanos(false);
        assertTrue(watch.begins(true));
        assertEquals(SOON, watch.nextNanos(false));
    }

    @Test
    void itEndsWhenNothingIsBehindAnythingAnyMore() {
        watch.begins(true);
        watch.setNeeded(false);
        assertEquals(PoolState.NEVER_NANOS, watch.nextNanos(true));
        assertTrue(watch.begins(true));
    }
}
