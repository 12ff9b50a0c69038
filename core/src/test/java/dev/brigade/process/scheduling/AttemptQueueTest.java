package dev.brigade.process.scheduling;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.brigade.process.scheduling.PoolFixture.TestAttempt;
import java.util.List;
import org.junit.jupiter.api.Test;

final class AttemptQueueTest {
    private final PoolBatch batch = new PoolFixture(1).batch(1);
    private final AttemptQueue queue = new AttemptQueue();

    @Test
    void theHeadIsTheOldest() {
        add(1, 2, 3);
        assertEquals(List.of(1, 2, 3), ids());
        queue.remove(queue.first());
        assertEquals(List.of(2, 3), ids());
        queue.addFirst(attempt(4));
        assertEquals(List.of(4, 2, 3), ids());
    }

    @Test
    void removesFromAnywhere() {
        add(1, 2, 3);
        queue.remove(queue.find(2));
        assertEquals(List.of(1, 3), ids());
        queue.remove(queue.find(3));
        add(5);
        assertEquals(List.of(1, 5), ids());
        assertNull(queue.find(2));
        assertEquals(2, queue.size());
    }

    @Test
    void anAttemptIsInOneQueueOnly() {
        TestAttempt attempt = attempt(1);
        queue.addLast(attempt);
        AttemptQueue other = new AttemptQueue();
        assertThrows(IllegalStateException.class, () -> other.addLast(attempt));
        assertThrows(IllegalStateException.class, () -> other.remove(attempt));
        assertSame(attempt, queue.first());
    }

    @Test
    void theLaterHalfLeavesTheHeadWhereItIs() {
        add(1);
        assertEquals(List.of(), laterHalf());
        add(2);
        assertEquals(List.of(2), laterHalf());
        add(3, 4, 5);
        assertEquals(List.of(5, 4), laterHalf());
    }

    private List<Integer> laterHalf() {
        return queue.laterHalf().stream().map(attempt -> attempt.id).toList();
    }

    private List<Integer> ids() {
        return queue.toList().stream().map(attempt -> attempt.id).toList();
    }

    private TestAttempt attempt(int id) {
        return new TestAttempt(id, batch, PoolFixture.NOTHING, new LossHistory() {}, 1);
    }

    private void add(int... ids) {
        for (int id : ids) {
            queue.addLast(attempt(id));
        }
    }
}
