package dev.brigade.process.scheduling;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.brigade.stress.MustObserve;
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;
import org.openjdk.jcstress.infra.results.LI_Result;

/**
 * A worker's result arrives as the worker dies. Is the task answered once, with the one or the other?
 *
 * Both take the task out of the worker's queue under the pool's lock, and the one that took it out answers. A task answered
 * twice would free its permit twice; one never answered would never end. The twin looks at what the worker runs, and
 * takes it out afterwards.
 *
 * <p>From one run of all the tests with these options, without its bars, while other programs used both processors:
 *
 * <pre>
 * $ java -jar stress-tests/target/stress-tests.jar run --form smoke --test DeathRace -- -iters 5 -time 200 -pth false
 * JDK 25.0.3, 2 processors, AMD EPYC, smoke form, 378 s, 2026-11-22T11:26:03Z
 *
 * ok     DeathRace.Actual, race seen in 0 of 1 configuration
 *     lost, 0       46,816   20.59 %  acceptable: the death came first
 *   result, 0      180,531   79.41 %  acceptable: the result came first
 * ok     DeathRace.ActualGivenBack, race seen in 0 of 1 configuration
 *       lost, 0       55,748   11.89 %  acceptable: the death came first
 *   returned, 0      413,263   88.11 %  acceptable: it came back first
 * ok     DeathRace.Racy, race seen in 1 of 1 configuration
 *   1      131,722   97.14 %  acceptable: answered once
 *   2        3,882    2.86 %  interesting: answered twice
 * </pre>
 */
public final class DeathRace {
    private DeathRace() {}

    /** The twin: looks, then takes out. */
    @JCStressTest
    @State
    @MustObserve("2")
    @Outcome(id = "1", expect = ACCEPTABLE, desc = "answered once")
    @Outcome(id = "2", expect = ACCEPTABLE_INTERESTING, desc = "answered twice")
    @Outcome(expect = FORBIDDEN, desc = "no interleaving gives this")
    public static class Racy {
        private volatile Object running = "task";
        private final AtomicInteger answers = new AtomicInteger();

        @Actor
        public void result() {
            answer();
        }

        @Actor
        public void death() {
            answer();
        }

        private void answer() {
            if (running != null) {
                running = null;
                answers.incrementAndGet();
            }
        }

        @Arbiter
        public void after(I_Result result) {
            result.r1 = answers.get();
        }
    }

    /** The shipped state machine: what the engine was told, and what the batch still waits for. */
    @JCStressTest
    @State
    @Outcome(id = "result, 0", expect = ACCEPTABLE, desc = "the result came first")
    @Outcome(id = "lost, 0", expect = ACCEPTABLE, desc = "the death came first")
    @Outcome(expect = FORBIDDEN, desc = "told twice, or never")
    public static class Actual {
        private final PoolStateFixture fixture = PoolStateFixture.busy();

        @Actor
        public void result() {
            fixture.result();
        }

        @Actor
        public void death() {
            fixture.death();
        }

        @Arbiter
        public void after(LI_Result result) {
            result.r1 = fixture.attempt.told();
            result.r2 = fixture.outstanding();
        }
    }

    /** The same for a worker that dies as it gives the task back. */
    @JCStressTest
    @State
    @Outcome(id = "returned, 0", expect = ACCEPTABLE, desc = "it came back first")
    @Outcome(id = "lost, 0", expect = ACCEPTABLE, desc = "the death came first")
    @Outcome(expect = FORBIDDEN, desc = "told twice, or never")
    public static class ActualGivenBack {
        private final PoolStateFixture fixture = PoolStateFixture.busy();

        @Actor
        public void givenBack() {
            fixture.givenBack();
        }

        @Actor
        public void death() {
            fixture.death();
        }

        @Arbiter
        public void after(LI_Result result) {
            result.r1 = fixture.attempt.told();
            result.r2 = fixture.outstanding();
        }
    }
}
