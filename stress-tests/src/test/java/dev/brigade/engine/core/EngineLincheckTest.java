package dev.brigade.engine.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.brigade.engine.state.CancelActions;
import dev.brigade.engine.state.CompletionQueue;
import dev.brigade.engine.state.TaskState;
import dev.brigade.stress.Interleaved;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** The engine's state machines in every interleaving that the model checker tries, each beside a racy control. */
class EngineLincheckTest {
    /** Everything that the threads share hangs off this field; see {@link Interleaved}. */
    private static Shared shared;

    @Test
    void letsOneOfCancelAndEndSettleATask() {
        Interleaved.check(
                () -> shared = new Shared(),
                () -> shared.settleIf(shared.task.move(0, TaskState.READY, TaskState.SETTLED)),
                () -> shared.settleIf(shared.task.move(0, TaskState.READY, TaskState.SETTLED)),
                EngineLincheckTest::assertOneSettled);
    }

    @Test
    void findsBothSettlingATaskThatIsCheckedBeforeItIsWritten() {
        Interleaved.mustFail(
                () -> shared = new Shared(),
                () -> shared.settleIf(shared.racyMove()),
                () -> shared.settleIf(shared.racyMove()),
                EngineLincheckTest::assertOneSettled);
    }

    @Test
    void claimsATaskOnceAndGivesItBackUnlessItIsSettled() {
        Interleaved.check(
                () -> shared = new Shared(),
                () -> {
                    int claim = shared.task.tryClaim(shared.task.word());
                    if (claim > 0) {
                        shared.task.giveBack(claim);
                    }
                },
                () -> {
                    while (!shared.task.isSettled()) {
                        int seen = shared.task.word();
                        shared.task.move(TaskState.claimOf(seen), TaskState.phase(seen), TaskState.SETTLED);
                    }
                },
                () -> assertTrue(shared.task.isSettled(), "settled for good"));
    }

    @Test
    void findsASettledTaskThatIsGivenBackAfterALook() {
        Interleaved.mustFail(
                () -> shared = new Shared(),
                () -> {
                    if (!shared.racySettled) {
                        shared.racySettled = false;
                    }
                },
                () -> shared.racySettled = true,
                () -> assertTrue(shared.racySettled, "settled for good"));
    }

    @Test
    void runsACancelActionOnceWhetherItCameBeforeOrAfter() {
        Interleaved.check(
                () -> shared = new Shared(),
                () -> shared.actions.add(shared.count::incrementAndGet),
                () -> shared.actions.fire(Runnable::run),
                () -> assertEquals(1, shared.count.get(), "runs of the action"));
    }

    @Test
    void findsACancelActionForgottenBetweenLookAndAdd() {
        Interleaved.mustFail(
                () -> shared = new Shared(),
                () -> {
                    if (shared.racyFired) {
                        shared.count.incrementAndGet();
                    } else {
                        shared.racyWaiting = true;
                    }
                },
                () -> {
                    shared.racyFired = true;
                    if (shared.racyWaiting) {
                        shared.count.incrementAndGet();
                    }
                },
                () -> assertEquals(1, shared.count.get(), "runs of the action"));
    }

    @Test
    void handsOutEachResultOnce() {
        Interleaved.check(
                () -> shared = new Shared(),
                () -> {
                    shared.queue.push(new Node());
                    shared.queue.push(new Node());
                },
                () -> shared.count.addAndGet(Node.count(shared.queue.takeAll())),
                () -> assertEquals(2, shared.count.get() + Node.count(shared.queue.takeAll()), "results"));
    }

    @Test
    void findsAResultLostByAStackWrittenAfterItWasRead() {
        Interleaved.mustFail(
                () -> shared = new Shared(),
                () -> shared.racyHead = new Link(shared.racyHead),
                () -> shared.racyHead = new Link(shared.racyHead),
                () -> assertEquals(2, Link.count(shared.racyHead), "results"));
    }

    private static void assertOneSettled() {
        assertEquals(1, shared.count.get(), "decisions");
    }

    /** What two threads share in one run. */
    private static final class Shared {
        private final TaskState<Node> task = new Node();
        private final CancelActions actions = new CancelActions();
        private final CompletionQueue<Node> queue = new CompletionQueue<>();
        private final AtomicInteger count = new AtomicInteger();
        private volatile boolean racySettled;
        private volatile boolean racyFired;
        private volatile boolean racyWaiting;
        private volatile Link racyHead;

        void settleIf(boolean decided) {
            if (decided) {
                count.incrementAndGet();
            }
        }

        boolean racyMove() {
            if (racySettled) {
                return false;
            }
            racySettled = true;
            return true;
        }
    }

    private static final class Node extends TaskState<Node> {
        static int count(Node first) {
            int count = 0;
            for (Node node = first; node != null; node = node.older) {
                count++;
            }
            return count;
        }
    }

    private record Link(Link older) {
        static int count(Link first) {
            int count = 0;
            for (Link link = first; link != null; link = link.older()) {
                count++;
            }
            return count;
        }
    }
}
