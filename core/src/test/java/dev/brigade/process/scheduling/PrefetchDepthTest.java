package dev.brigade.process.scheduling;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

final class PrefetchDepthTest {
    private static final long ROUND_TRIP_NANOS = 100_000;
    private final PrefetchDepth depth = new PrefetchDepth(null);

    @Test
    void queuesNothingWhileNothingIsKnown() {
        assertEquals(0, depth.depth(ROUND_TRIP_NANOS));
    }

    @Test
    void queuesNothingBehindLongBodies() {
        depth.sample(11_000_000);
        assertEquals(0, depth.depth(ROUND_TRIP_NANOS));
    }

    @Test
    void queuesFourRoundTripsOfWork() {
        depth.sample(4_000);
        assertEquals(1 + 100, depth.depth(ROUND_TRIP_NANOS));
    }

    @Test
    void forgetsASlowStartSoon() {
        depth.sample(20_000_000);
        for (int i = 0; i < 15; i++) {
            depth.sample(1_000);
        }
        assertTrue(depth.depth(ROUND_TRIP_NANOS) > 100, "depth " + depth.depth(ROUND_TRIP_NANOS));
    }

    @Test
    void oneSlowBodyAmongFastOnesEndsTheQueueing() {
        depth.sample(1_000);
        depth.sample(50_000_000);
        assertEquals(0, depth.depth(ROUND_TRIP_NANOS));
    }

    @Test
    void newBatchAssumesWhatTheOthersHaveSeen() {
        depth.sample(4_000);
        assertEquals(depth.depth(ROUND_TRIP_NANOS), new PrefetchDepth(depth).depth(ROUND_TRIP_NANOS));
    }
}
