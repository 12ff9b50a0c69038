package dev.brigade.process.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.brigade.stress.Interleaved;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** A worker's inbox in every interleaving that the model checker tries, beside a racy control. */
class TaskInboxLincheckTest {
    /** What the threads share hangs off these fields; see {@link Interleaved}. */
    private static TaskInbox inbox;

    private static AtomicInteger answers;
    private static volatile Object racy;

    @Test
    void runsATaskOrGivesItBack() {
        Interleaved.check(
                () -> {
                    answers = new AtomicInteger();
                    inbox = new TaskInbox(id -> answers.incrementAndGet());
                    inbox.offer(new QueuedTask(1, null, null, null));
                },
                () -> {
                    if (inbox.take() != null) {
                        answers.incrementAndGet();
                    }
                },
                () -> {
                    inbox.withdraw(1);
                    inbox.retire(); // Or the taker would wait for the next task.
                },
                TaskInboxLincheckTest::assertOneAnswer);
    }

    @Test
    void findsATaskTakenTwiceWhenItIsTakenOutAfterALook() {
        Interleaved.mustFail(
                () -> {
                    answers = new AtomicInteger();
                    racy = "task";
                },
                TaskInboxLincheckTest::racyAnswer,
                TaskInboxLincheckTest::racyAnswer,
                TaskInboxLincheckTest::assertOneAnswer);
    }

    private static void racyAnswer() {
        if (racy != null) {
            racy = null;
            answers.incrementAndGet();
        }
    }

    private static void assertOneAnswer() {
        assertEquals(1, answers.get(), "answers");
    }
}
