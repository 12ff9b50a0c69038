package dev.brigade.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.List;
import org.junit.jupiter.api.Test;

final class WorkerQueueTest {
    private final WorkerQueue<Integer> ledger = new WorkerQueue<>(entry -> entry);

    @Test
    void headIsTheOldestThatHasNotBeenAnswered() {
        fill(1, 2, 3);
        assertEquals(1, ledger.head());
        assertEquals(1, ledger.settle(1));
        assertEquals(2, ledger.head());
    }

    @Test
    void settlesEachEntryOnce() {
        fill(1, 2, 3);
        assertEquals(2, ledger.settle(2));
        assertNull(ledger.settle(2));
        assertNull(ledger.settle(9));
        assertEquals(List.of(1, 3), ledger.drain());
        assertNull(ledger.settle(1));
    }

    @Test
    void laterHalfLeavesTheHeadWhereItIs() {
        fill(1);
        assertEquals(List.of(), ledger.laterHalf());
        fill(2);
        assertEquals(List.of(2), ledger.laterHalf());
        fill(3, 4, 5);
        assertEquals(List.of(5, 4), ledger.laterHalf());
    }

    private void fill(int... entries) {
        for (int entry : entries) {
            ledger.add(entry);
        }
    }
}
