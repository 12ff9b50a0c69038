package dev.brigade.engine.core;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.brigade.spi.StopMode;
import dev.brigade.stress.MustObserve;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LLL_Result;
import org.openjdk.jcstress.infra.results.LL_Result;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/**
 * A task ends while it is being cancelled. Is there one outcome, and do all agree on it?
 *
 * Both sides settle the task by one compare-and-set on the word that holds its phase, and only the winner writes the
 * outcome's fields and tells the sink. What {@code cancel} returns and what the outcome says are then the same decision.
 * A check followed by a write would let both win: the caller is told that the task was cancelled, and then gets a value,
 * or the sink is told twice.
 *
 * <p>From one run of all the tests with these options, without its bars, while other programs used both processors:
 *
 * <pre>
 * $ java -jar stress-tests/target/stress-tests.jar run --form smoke --test CancelRace -- -iters 5 -time 200 -pth false
 * JDK 25.0.3, 2 processors, AMD EPYC, smoke form, 378 s, 2026-11-22T11:26:03Z
 *
 * ok     CancelRace.Actual, race seen in 0 of 1 configuration
 *    false, SUCCESS, 1       67,333   86.55 %  acceptable: too late
 *   true, CANCELLED, 1       10,466   13.45 %  acceptable: cancelled in time
 * ok     CancelRace.Racy, race seen in 1 of 1 configuration
 *   false, true       34,174   27.76 %  acceptable: the second decides
 *   true, false       77,325   62.81 %  acceptable: the first decides
 *    true, true       11,616    9.44 %  interesting: both decide
 * </pre>
 */
public final class CancelRace {
    private CancelRace() {}

    /** The twin: looks, then writes. */
    @JCStressTest
    @State
    @MustObserve("true, true")
    @Outcome(id = "true, false", expect = ACCEPTABLE, desc = "the first decides")
    @Outcome(id = "false, true", expect = ACCEPTABLE, desc = "the second decides")
    @Outcome(id = "true, true", expect = ACCEPTABLE_INTERESTING, desc = "both decide")
    @Outcome(expect = FORBIDDEN, desc = "no interleaving gives this")
    public static class Racy {
        private volatile boolean settled;

        @Actor
        public void end(ZZ_Result result) {
            result.r1 = settle();
        }

        @Actor
        public void cancel(ZZ_Result result) {
            result.r2 = settle();
        }

        private boolean settle() {
            if (settled) {
                return false;
            }
            settled = true;
            return true;
        }
    }

    /** The shipped task and attempt: what cancel says, the outcome, and how often the sink was told. */
    @JCStressTest
    @State
    @Outcome(id = "true, CANCELLED, 1", expect = ACCEPTABLE, desc = "cancelled in time")
    @Outcome(id = "false, SUCCESS, 1", expect = ACCEPTABLE, desc = "too late")
    @Outcome(expect = FORBIDDEN, desc = "two decisions, or none")
    public static class Actual {
        private final EngineFixture fixture = EngineFixture.slow();
        private final EngineTask<Void, String> task = fixture.startedTask();

        @Actor
        public void end() {
            fixture.attempt.ended(EngineFixture.VALUE, null);
        }

        @Actor
        public void cancel(LLL_Result result) {
            result.r1 = task.cancel(StopMode.INTERRUPT);
        }

        @Arbiter
        public void after(LLL_Result result) {
            result.r2 = EngineFixture.stateOf(task, () -> "never");
            result.r3 = fixture.settlements.get();
        }
    }

    /** The shipped task: a cancel that is not to interrupt, as the task is started. How was the body told to stop? */
    @JCStressTest
    @State
    @Outcome(id = "true, null", expect = ACCEPTABLE, desc = "cancelled before it was started")
    @Outcome(id = "true, CANCEL", expect = ACCEPTABLE, desc = "told that it is cancelled")
    @Outcome(expect = FORBIDDEN, desc = "interrupted, though nobody asked for that")
    public static class ActualGentle {
        private final EngineFixture fixture = EngineFixture.slow();
        private final EngineTask<Void, String> task = new EngineTask<>(fixture.call(), 0, null);

        @Actor
        public void start() {
            EngineFixture.start(task);
        }

        @Actor
        public void cancel(LL_Result result) {
            result.r1 = task.cancel(StopMode.CANCEL);
        }

        @Arbiter
        public void after(LL_Result result) {
            result.r2 = fixture.stopped;
        }
    }
}
