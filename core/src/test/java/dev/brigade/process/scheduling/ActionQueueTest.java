package dev.brigade.process.scheduling;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ActionQueueTest {
    private final List<String> done = new ArrayList<>();
    private final ActionQueue actions = new ActionQueue(new PoolFixture.NoLoop(true));

    private final class Fails extends Action {
        private final Throwable why;

        Fails(Throwable why) {
            this.why = why;
        }

        @Override
        void run() {
            done.add("begun");
            ActionQueueTest.<RuntimeException>sneakyThrow(why);
        }

        @Override
        void recover() {
            done.add("recovered");
        }
    }

    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // throws what it is given
    private static <E extends Throwable> void sneakyThrow(Throwable why) throws E {
        throw (E) why;
    }

    private Action marks(String mark) {
        return new Action() {
            @Override
            void run() {
                done.add(mark);
            }
        };
    }

    @Test
    void anActionThatFailsKeepsNoOtherFromBeingDone() {
        actions.add(marks("before"));
        actions.add(new Fails(new OutOfMemoryError("no thread is left")));
        actions.add(marks("after"));
        actions.drain();
        assertEquals(List.of("before", "begun", "after"), done);
    }

    /** The thread that ran the action can do nothing more. The next thread recovers the action, and goes on in order. */
    @Test
    void anActionThatMeetsTheEndOfTheStackIsRecoveredByTheNextThread() {
        actions.add(new Fails(new StackOverflowError()));
        actions.add(marks("after"));
        assertThrows(StackOverflowError.class, actions::drain);
        assertEquals(List.of("begun"), done);
        actions.drain();
        assertEquals(List.of("begun", "recovered", "after"), done);
    }

    /** One action may be in the queue repeatedly, and is new each time. */
    @Test
    void aSharedActionThatMeetsTheEndOfTheStackIsRecoveredToo() {
        Fails shared = new Fails(new StackOverflowError());
        actions.add(shared);
        assertThrows(StackOverflowError.class, actions::drain);
        actions.drain();
        assertEquals(List.of("begun", "recovered"), done);
        actions.add(shared);
        assertThrows(StackOverflowError.class, actions::drain);
        actions.drain();
        assertEquals(List.of("begun", "recovered", "begun", "recovered"), done);
    }

    @Test
    void anActionThatAsksForMoreIsNotRunTwice() {
        actions.add(new Action() {
            @Override
            void run() {
                done.add("outer");
                actions.add(marks("inner"));
                actions.drain();
                done.add("outer ends");
            }
        });
        actions.drain();
        assertEquals(List.of("outer", "outer ends", "inner"), done);
    }
}
