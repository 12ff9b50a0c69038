package dev.brigade.process.scheduling;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.fail;

import dev.brigade.process.scheduling.PoolSimulation.Schedule;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Tests of random schedules of everything that happens to a pool; see {@link PoolSimulation}. */
final class PoolSimulationTest {
    private static final int STEPS = 400;
    private static final int SHORT_SCHEDULES = 2600;

    /** The length of a long run, as in {@code -Dbrigade.simulationSeconds=3600}; {@code -Dbrigade.simulationSeed} is its first seed. */
    private static final long SECONDS = Long.getLong("brigade.simulationSeconds", 0);

    private static final long FIRST_SEED = Long.getLong("brigade.simulationSeed", 1);

    @Test
    void allInvariantsHoldInAMillionSteps() {
        long endNanos = System.nanoTime() + SECONDS * 1_000_000_000L;
        long seed = FIRST_SEED;
        long steps = 0;
        while (seed < FIRST_SEED + SHORT_SCHEDULES || System.nanoTime() - endNanos < 0) {
            Schedule schedule = Schedule.of(seed, STEPS);
            if (schedule.failure() != null) {
                report(schedule);
            }
            steps += STEPS;
            seed++;
        }
        System.out.println("simulated " + steps + " steps in " + (seed - FIRST_SEED) + " schedules");
    }

    private static void report(Schedule failing) {
        Schedule shortest = failing.shrunk();
        Throwable why = shortest.failure();
        fail(
                "seed " + failing.seed() + ", shrunk to " + shortest.steps().size() + " steps of " + shortest.workers()
                        + " workers, " + shortest.maxTasks() + " tasks each at most: " + shortest.steps() + ": " + why,
                why);
    }

    /** A seed that fails once must fail always. */
    @Test
    void oneSeedIsOnePlay() {
        List<List<String>> once = new ArrayList<>();
        List<List<String>> again = new ArrayList<>();
        assertNull(Schedule.of(7, STEPS).play(once));
        assertNull(Schedule.of(7, STEPS).play(again));
        assertFalse(once.isEmpty());
        assertEquals(once, again);
    }
}
