package dev.brigade.process.scheduling;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.brigade.stress.MustObserve;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/**
 * Two threads have made decisions of the pool, and each wants the actions done. Is each action done once?
 *
 * Whoever comes first does the actions of both, and the other leaves at once; a count of requests tells the first that there was another
 * after its last look. A user's thread leaves the ends of tasks to the event loop. The count then stays raised, so that no other thread
 * does actions out of order, until the loop takes over. With a flag in place of the count, an action that was appended after the last
 * look stays undone: a task that has ended, and nobody is told.
 */
public final class ActionRace {
    private ActionRace() {}

    /** The twin: a flag instead of a count. */
    @JCStressTest
    @State
    @MustObserve("1")
    @Outcome(id = "0", expect = ACCEPTABLE, desc = "all are done")
    @Outcome(id = "1", expect = ACCEPTABLE_INTERESTING, desc = "an action is not done")
    @Outcome(expect = FORBIDDEN, desc = "no interleaving gives this")
    public static class Racy {
        private static final int SPINS = 20;

        private final Queue<String> actions = new ConcurrentLinkedQueue<>();
        private final AtomicBoolean doing = new AtomicBoolean();

        @Actor
        public void one() {
            decide();
        }

        @Actor
        public void two() {
            decide();
        }

        private void decide() {
            actions.add("action");
            if (doing.compareAndSet(false, true)) {
                String action = actions.poll();
                while (action != null) {
                    action = actions.poll();
                }
                for (int i = 0; i < SPINS; i++) {
                    Thread.onSpinWait(); // from the last look to the flag's fall: an action has to come in that time
                }
                doing.set(false);
            }
        }

        @Arbiter
        public void after(I_Result result) {
            result.r1 = actions.size();
        }
    }

    /** The shipped queue, and two users' threads without an event loop: how many of two actions were not done. */
    @JCStressTest
    @State
    @Outcome(id = "0", expect = ACCEPTABLE, desc = "both are done, once and one after the other")
    @Outcome(expect = FORBIDDEN, desc = "an action is not done, done twice, or done at the same time as the other")
    public static class ActualUsers extends Counted {
        @Actor
        public void one() {
            decide();
        }

        @Actor
        public void two() {
            decide();
        }

        @Override
        public boolean execute(Runnable action) {
            return false;
        }

        @Arbiter
        public void after(I_Result result) {
            result.r1 = 2 - done;
        }
    }

    /** The shipped queue: a user's thread leaves the end of a task to the event loop, which has an action of its own. */
    @JCStressTest
    @State
    @Outcome(id = "0", expect = ACCEPTABLE, desc = "both are done, once and one after the other")
    @Outcome(expect = FORBIDDEN, desc = "an action is not done, done twice, or done at the same time as the other")
    public static class ActualLoop extends Counted {
        private final Queue<Runnable> posted = new ConcurrentLinkedQueue<>();

        @Actor
        public void user() {
            decide();
        }

        @Actor
        public void loop() {
            eventLoop = Thread.currentThread();
            decide();
            doPosted();
        }

        @Override
        public boolean execute(Runnable action) {
            posted.add(action);
            return true;
        }

        private void doPosted() {
            for (Runnable action = posted.poll(); action != null; action = posted.poll()) {
                action.run();
            }
        }

        @Arbiter
        public void after(I_Result result) {
            eventLoop = Thread.currentThread();
            doPosted(); // the loop's next round
            result.r1 = 2 - done;
        }
    }

    /** A queue of ends of tasks, which are counted. */
    abstract static class Counted implements PoolState.EventLoop {
        private final ActionQueue actions = new ActionQueue(this);

        /** Number of actions done; plain, so that two done at the same time may count as one. */
        int done;

        volatile Thread eventLoop;

        final void decide() {
            actions.add(new Action() {
                @Override
                void run() {
                    done++;
                }

                @Override
                boolean endsAttempt() {
                    return true;
                }
            });
            actions.drain();
        }

        @Override
        public final boolean isCurrent() {
            return Thread.currentThread() == eventLoop;
        }

        @Override
        public final void wakeup() {
            // The arbiter makes the loop's next round.
        }
    }
}
