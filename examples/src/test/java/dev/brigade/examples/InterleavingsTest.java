package dev.brigade.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The lesson {@code interleave}: every order, and only the orders that can be. */
class InterleavingsTest {
    @Test
    void replaysEveryOrderOnce() {
        List<String> orders = Interleavings.replays(1).stream()
                .map(Interleavings.Replay::order)
                .toList();
        assertEquals(List.of("AABB", "ABAB", "ABBA", "BAAB", "BABA", "BBAA"), orders);
        assertEquals(70, Set.copyOf(Interleavings.orders(4, 4)).size());
    }

    @Test
    void losesAnIncrementUnlessOneThreadEndsBeforeTheOtherBegins() {
        Set<String> safe = Interleavings.replays(1).stream()
                .filter(replay -> !replay.loses())
                .map(Interleavings.Replay::order)
                .collect(Collectors.toSet());
        assertEquals(Set.of("AABB", "BBAA"), safe);
    }

    @Test
    void takesTheStepsInTheOrderItWasGiven() {
        for (Interleavings.Replay replay : Interleavings.replays(2)) {
            String taken =
                    replay.steps().stream().map(step -> step.substring(0, 1)).collect(Collectors.joining());
            assertEquals(replay.order(), taken);
        }
    }

    @Test
    void endsAtTwoInTheWorstOrderHoweverOftenEachAdds() {
        for (int increments = 2; increments <= 3; increments++) {
            int least = Interleavings.replays(increments).stream()
                    .mapToInt(Interleavings.Replay::counter)
                    .min()
                    .orElseThrow();
            assertEquals(2, least);
        }
    }

    @Test
    void printsTheSameEachTimeAndPasses() {
        String first = print();
        assertEquals(first, print());
        assertTrue(first.contains("=> 4 of 6 orders lose an increment"), first);
    }

    private static String print() {
        Launch launch = Launch.of("interleave");
        assertEquals(0, launch.code(), launch.out());
        return launch.out();
    }
}
