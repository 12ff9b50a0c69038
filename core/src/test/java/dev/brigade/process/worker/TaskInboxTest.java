package dev.brigade.process.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.brigade.process.protocol.Frame;
import dev.brigade.transport.Codec;
import dev.brigade.transport.Payload;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class TaskInboxTest {
    private static final Payload NOTHING =
            Codec.of(ClassLoader.getSystemClassLoader()).encode(null);

    private final List<Integer> givenBack = new ArrayList<>();
    private final TaskInbox inbox = new TaskInbox(givenBack::add);

    @Test
    void givesBackWhatHasNotBegun() {
        inbox.offer(task(1));
        inbox.offer(task(2));
        assertNotNull(inbox.take());
        assertNull(inbox.withdraw(2));
        assertEquals(List.of(2), givenBack);
    }

    @Test
    void keepsWhatRuns() {
        QueuedTask running = task(1);
        inbox.offer(running);
        inbox.take();
        assertSame(running, inbox.withdraw(1));
        assertEquals(List.of(), givenBack);
    }

    @Test
    void interruptsOnlyTheTaskThatRuns() {
        inbox.offer(task(1));
        inbox.take();
        inbox.interrupt(2);
        assertFalse(Thread.currentThread().isInterrupted());
        inbox.interrupt(1);
        assertTrue(Thread.currentThread().isInterrupted());
        inbox.finish();
        assertFalse(Thread.currentThread().isInterrupted(), "no interrupt reaches the next body");
        inbox.interrupt(1);
        assertFalse(Thread.currentThread().isInterrupted());
    }

    @Test
    void isLowWhenHardlyAnythingIsLeftAndAtEachQuarter() {
        List<Integer> lowAt = new ArrayList<>();
        for (int id = 0; id < 100; id++) {
            inbox.offer(task(id));
        }
        for (int left = 99; left >= 0; left--) {
            inbox.take();
            inbox.finish();
            if (inbox.isLow()) {
                lowAt.add(left);
            }
        }
        assertEquals(List.of(25, 6, 1, 0), lowAt);
    }

    @Test
    void givesBackEverythingOnceRetired() {
        inbox.offer(task(1));
        inbox.offer(task(2));
        inbox.retire();
        inbox.offer(task(3));
        assertEquals(List.of(1, 2, 3), givenBack);
        assertNull(inbox.take());
    }

    private static QueuedTask task(int id) {
        return new QueuedTask(
                id, new WorkerBatch(Frame.of(Frame.FUNCTION, 0), null), NOTHING, new WorkerTaskContext(1, -1));
    }
}
