package dev.brigade.engine.core;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.brigade.stress.MustObserve;
import java.util.concurrent.atomic.AtomicReference;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LLL_Result;
import org.openjdk.jcstress.infra.results.LL_Result;
import org.openjdk.jcstress.infra.results.L_Result;

/**
 * A task ends as its deadline passes. Is it a success or a time-out, and never both?
 *
 * The timer's thread and the body's end race for the same word, by compare-and-set, with the attempt's claim in it: a
 * deadline that comes late misses. The twin reads a deadline flag and writes the result afterwards, so that a value can
 * appear in an outcome that was already reported as timed out. Where bodies can be killed, a deadline that comes first leaves
 * it to the body's end to settle: there the twin looks at the word before it competes for it, and what comes between the two
 * is nobody's.
 *
 * <p>From one run of all the tests with these options, without its bars, while other programs used both processors:
 *
 * <pre>
 * $ java -jar stress-tests/target/stress-tests.jar run --form smoke --test TimeoutRace -- -iters 5 -time 200 -pth false
 * JDK 25.0.3, 2 processors, AMD EPYC, smoke form, 378 s, 2026-11-22T11:26:03Z
 *
 * ok     TimeoutRace.Actual, race seen in 0 of 1 configuration
 *    SUCCESS, value, 1       35,194   87.30 %  acceptable: in time
 *   TIMED_OUT, null, 1        5,120   12.70 %  acceptable: too late
 * ok     TimeoutRace.Racy, race seen in 1 of 1 configuration
 *     SUCCESS, value       68,798   44.81 %  acceptable: in time
 *    TIMED_OUT, null       82,744   53.90 %  acceptable: too late
 *   TIMED_OUT, value        1,982    1.29 %  interesting: a value in a time-out
 * </pre>
 */
public final class TimeoutRace {
    private TimeoutRace() {}

    /** The twin: the state and the value are two writes, checked beforehand. */
    @JCStressTest
    @State
    @MustObserve("TIMED_OUT, value")
    @Outcome(id = "SUCCESS, value", expect = ACCEPTABLE, desc = "in time")
    @Outcome(id = "TIMED_OUT, null", expect = ACCEPTABLE, desc = "too late")
    @Outcome(id = "TIMED_OUT, value", expect = ACCEPTABLE_INTERESTING, desc = "a value in a time-out")
    @Outcome(expect = FORBIDDEN, desc = "no interleaving gives this")
    public static class Racy {
        private volatile String state;
        private volatile String value;

        @Actor
        public void end() {
            if (state == null) {
                value = EngineFixture.VALUE;
                state = "SUCCESS";
            }
        }

        @Actor
        public void deadline() {
            if (state == null) {
                state = "TIMED_OUT";
            }
        }

        @Arbiter
        public void after(LL_Result result) {
            result.r1 = state;
            result.r2 = value;
        }
    }

    /** The shipped task and attempt. */
    @JCStressTest
    @State
    @Outcome(id = "SUCCESS, value, 1", expect = ACCEPTABLE, desc = "in time")
    @Outcome(id = "TIMED_OUT, null, 1", expect = ACCEPTABLE, desc = "too late")
    @Outcome(expect = FORBIDDEN, desc = "two decisions, or none")
    public static class Actual {
        private final EngineFixture fixture = EngineFixture.slow();
        private final EngineTask<Void, String> task = fixture.startedTask();

        @Actor
        public void end() {
            fixture.attempt.ended(EngineFixture.VALUE, null);
        }

        @Actor
        public void deadline() {
            task.timedOut(task.current(), false);
        }

        @Arbiter
        public void after(LLL_Result result) {
            result.r1 = EngineFixture.stateOf(task, () -> "never");
            result.r2 = task.isSettled() ? task.outcome().value() : null;
            result.r3 = fixture.settlements.get();
        }
    }

    /** The twin where bodies can be killed: the end looks who is to settle, and then does not look again. */
    @JCStressTest
    @State
    @MustObserve("never")
    @Outcome(id = "SUCCESS", expect = ACCEPTABLE, desc = "in time")
    @Outcome(id = "TIMED_OUT", expect = ACCEPTABLE, desc = "too late")
    @Outcome(id = "never", expect = ACCEPTABLE_INTERESTING, desc = "nobody settles it")
    @Outcome(expect = FORBIDDEN, desc = "no interleaving gives this")
    public static class RacyKillable {
        private static final String RUNNING = "RUNNING";
        private static final String TIMING_OUT = "TIMING_OUT";

        private final AtomicReference<String> word = new AtomicReference<>(RUNNING);
        private String state = "never";

        @Actor
        public void end() {
            if (word.get() == RUNNING) {
                settle(RUNNING, "SUCCESS");
            } else {
                settle(TIMING_OUT, "TIMED_OUT");
            }
        }

        private void settle(String from, String how) {
            if (word.compareAndSet(from, how)) {
                state = how;
            }
        }

        @Actor
        public void deadline() {
            word.compareAndSet(RUNNING, TIMING_OUT);
        }

        @Arbiter
        public void after(L_Result result) {
            result.r1 = state;
        }
    }

    /** The shipped task and attempt where bodies can be killed: the deadline leaves it to the body's end to settle. */
    @JCStressTest
    @State
    @Outcome(id = "SUCCESS, value, 1", expect = ACCEPTABLE, desc = "in time")
    @Outcome(id = "TIMED_OUT, null, 1", expect = ACCEPTABLE, desc = "too late")
    @Outcome(expect = FORBIDDEN, desc = "two decisions, or none")
    public static class Killable {
        private final EngineFixture fixture = EngineFixture.killable();
        private final EngineTask<Void, String> task = fixture.startedTask();

        @Actor
        public void end() {
            fixture.attempt.ended(EngineFixture.VALUE, null);
        }

        @Actor
        public void deadline() {
            task.timedOut(task.current(), false);
        }

        @Arbiter
        public void after(LLL_Result result) {
            result.r1 = EngineFixture.stateOf(task, () -> "never");
            result.r2 = task.isSettled() ? task.outcome().value() : null;
            result.r3 = fixture.settlements.get();
        }
    }
}
