package dev.brigade.process.scheduling;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.brigade.stress.MustObserve;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LLI_Result;
import org.openjdk.jcstress.infra.results.LL_Result;

/**
 * An idle worker is told to exit as a task is given out. Does the task end up at a worker that stays?
 *
 * Both decisions are made under the pool's lock: the worker gets the task and is not idle, or it leaves and the task waits
 * for the next one, which is then started. In the twin each side looks at what the other is about to write, and the task
 * goes to a worker that has been told to exit.
 *
 * <p>From one run of all the tests with these options, without its bars, while other programs used both processors:
 *
 * <pre>
 * $ java -jar stress-tests/target/stress-tests.jar run --form smoke --test IdleRace -- -iters 5 -time 200 -pth false
 * JDK 25.0.3, 2 processors, AMD EPYC, smoke form, 378 s, 2026-11-22T11:26:03Z
 *
 * ok     IdleRace.Actual, race seen in 0 of 1 configuration
 *       given, READY, 0        2,433   38.15 %  acceptable: given in time
 *   waiting, LEAVING, 1        3,944   61.85 %  acceptable: let go first, and the next one started
 * ok     IdleRace.Racy, race seen in 1 of 1 configuration
 *     leaves, given        3,667    3.02 %  interesting: given to a worker that leaves
 *   leaves, waiting       46,486   38.25 %  acceptable: let go first
 *      stays, given       71,371   58.73 %  acceptable: given in time
 * </pre>
 */
public final class IdleRace {
    private IdleRace() {}

    /** The twin: each looks at the other's field, then writes its own. */
    @JCStressTest
    @State
    @MustObserve("leaves, given")
    @Outcome(id = "stays, given", expect = ACCEPTABLE, desc = "given in time")
    @Outcome(id = "leaves, waiting", expect = ACCEPTABLE, desc = "let go first")
    @Outcome(id = "leaves, given", expect = ACCEPTABLE_INTERESTING, desc = "given to a worker that leaves")
    @Outcome(expect = FORBIDDEN, desc = "no interleaving gives this")
    public static class Racy {
        private volatile boolean leaving;
        private volatile boolean given;

        @Actor
        public void dispatch() {
            if (!leaving) {
                given = true;
            }
        }

        @Actor
        public void retire() {
            if (!given) {
                leaving = true;
            }
        }

        @Arbiter
        public void after(LL_Result result) {
            result.r1 = leaving ? "leaves" : "stays";
            result.r2 = given ? "given" : "waiting";
        }
    }

    /** The shipped state machine: where the task is, the state of the worker, how many workers were started. */
    @JCStressTest
    @State
    @Outcome(id = "given, READY, 0", expect = ACCEPTABLE, desc = "given in time")
    @Outcome(id = "waiting, LEAVING, 1", expect = ACCEPTABLE, desc = "let go first, and the next one started")
    @Outcome(expect = FORBIDDEN, desc = "given to a worker that leaves, or left waiting for none")
    public static class Actual {
        private final PoolStateFixture fixture = PoolStateFixture.idle();

        @Actor
        public void dispatch() {
            fixture.dispatch();
        }

        @Actor
        public void retire() {
            fixture.tick();
        }

        @Arbiter
        public void after(LLI_Result result) {
            result.r1 = fixture.isGiven() ? "given" : "waiting";
            result.r2 = fixture.workerState();
            result.r3 = fixture.launches.get();
        }
    }
}
