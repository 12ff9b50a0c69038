package dev.brigade.process.scheduling;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

final class PrefetchDepthTest {
    private static final long ROUND_TRIP_NANOS = 100_000;
    private final PrefetchDepth pace = new PrefetchDepth(null);

    @Test
    void queuesNothingWhileNothingIsKnown() {
        assertEquals(0, pace.depth(ROUND_TRIP_NANOS));
    }

    @Test
    void queuesNothingBehindLongBodies() {
        pace.sample(11_000_000);
        assertEquals(0, pace.depth(ROUND_TRIP_NANOS));
    }

    @Test
    void queuesFourRoundTripsOfWork() {
        pace.sample(4_000);
        assertEquals(1 + 100, pace.depth(ROUND_TRIP_NANOS));
    }

    @Test
    void forgetsASlowStartSoon() {
        pace.sample(20_000_000);
        for (int i = 0; i < 15; i++) {
            pace.sample(1_000);
        }
        assertTrue(pace.depth(ROUND_TRIP_NANOS) > 100, "depth " + pace.depth(ROUND_TRIP_NANOS));
    }

    @Test
    void oneSlowBodyAmongFastOnesEndsTheQueueing() {
        pace.sample(1_000);
        pace.sample(50_000_000);
        assertEquals(0, pace.depth(ROUND_TRIP_NANOS));
    }

    @Test
    void newLaneAssumesWhatTheOthersHaveSeen() {
        pace.sample(4_000);
        assertEquals(pace.depth(ROUND_TRIP_NANOS), new PrefetchDepth(pace).depth(ROUND_TRIP_NANOS));
    }
}
