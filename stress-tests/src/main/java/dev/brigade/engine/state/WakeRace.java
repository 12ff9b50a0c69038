package dev.brigade.engine.state;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.brigade.stress.MustObserve;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/**
 * A result is pushed as the consumer goes to sleep. Does the consumer see it, or is it woken?
 *
 * The consumer announces that it will park, and then looks at the queue; a producer pushes, and then looks for an announcement.
 * Both announcement and queue are volatile, so one of the two sees the other. If the consumer looks first and announces afterwards,
 * a push that comes between is seen by neither: the consumer sleeps on a queue that is not empty.
 */
public final class WakeRace {
    private WakeRace() {}

    /** The twin: the consumer looks, then announces. */
    @JCStressTest
    @State
    @MustObserve("true, false")
    @Outcome(id = "true, true", expect = ACCEPTABLE, desc = "it sleeps, and is woken")
    @Outcome(id = "false, true", expect = ACCEPTABLE, desc = "it stays awake, and is woken for nothing")
    @Outcome(id = "false, false", expect = ACCEPTABLE, desc = "it stays awake")
    @Outcome(id = "true, false", expect = ACCEPTABLE_INTERESTING, desc = "it sleeps, and nobody wakes it")
    public static class Racy {
        private static final int SPINS = 20;

        private volatile boolean pushed;
        private volatile boolean announced;

        @Actor
        public void consume(ZZ_Result result) {
            result.r1 = !pushed;
            for (int i = 0; i < SPINS; i++) {
                Thread.onSpinWait(); // the time from the look to the announcement: a producer has to come in it
            }
            announced = true;
        }

        @Actor
        public void produce(ZZ_Result result) {
            pushed = true;
            result.r2 = announced;
        }
    }

    /** The shipped queue: a consumer that wants one result, and a producer of one. */
    @JCStressTest
    @State
    @Outcome(id = "true, true", expect = ACCEPTABLE, desc = "it sleeps, and is woken")
    @Outcome(id = "false, true", expect = ACCEPTABLE, desc = "it stays awake, and is woken for nothing")
    @Outcome(id = "false, false", expect = ACCEPTABLE, desc = "it stays awake")
    @Outcome(expect = FORBIDDEN, desc = "it sleeps, and nobody wakes it")
    public static class ActualOne {
        private final CompletionQueue<Settled> queue = new CompletionQueue<>();

        @Actor
        public void consume(ZZ_Result result) {
            queue.announce(1);
            result.r1 = queue.mustWait(1);
        }

        @Actor
        public void produce(ZZ_Result result) {
            result.r2 = push(queue);
        }
    }

    /** The shipped queue: a consumer that has no use for one result, and a producer of two. */
    @JCStressTest
    @State
    @Outcome(id = "true, true", expect = ACCEPTABLE, desc = "it sleeps, and is woken")
    @Outcome(id = "false, true", expect = ACCEPTABLE, desc = "it stays awake, and is woken for nothing")
    @Outcome(id = "false, false", expect = ACCEPTABLE, desc = "it stays awake")
    @Outcome(expect = FORBIDDEN, desc = "it sleeps, and nobody wakes it")
    public static class ActualTwo {
        private final CompletionQueue<Settled> queue = new CompletionQueue<>();

        @Actor
        public void consume(ZZ_Result result) {
            queue.announce(2);
            result.r1 = queue.mustWait(2);
        }

        @Actor
        public void produce(ZZ_Result result) {
            result.r2 = push(queue) | push(queue);
        }
    }

    private static boolean push(CompletionQueue<Settled> queue) {
        Settled node = new Settled();
        return queue.add(node, node, 1) != null;
    }

    static final class Settled extends CompletionQueue.Node<Settled> {}
}
