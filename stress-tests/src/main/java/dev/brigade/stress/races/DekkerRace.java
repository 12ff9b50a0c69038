package dev.brigade.stress.races;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.brigade.stress.Form;
import dev.brigade.stress.MustObserve;
import dev.brigade.stress.RunsFrom;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * Each thread raises its own flag, then looks at the other's. Can both find the other's down?
 *
 * In any order of the four actions the last flag to go up sees the first, so "0, 0" looks impossible. For plain fields the
 * Java Memory Model does not promise such an order: a read of another variable may be done before the write, and every
 * processor with a store buffer does it. Volatile actions are sequentially consistent: they do have one order, and "0, 0"
 * is in none. This is what breaks a hand-made lock, and why a cancel flag and a state that check each other must be
 * volatile.
 *
 * <pre>
 * PASTE DekkerRace
 * </pre>
 */
@RunsFrom(value = Form.QUICK, because = "smoke keeps to CounterRace and to Brigade's own classes")
public final class DekkerRace {
    private DekkerRace() {}

    /** Broken: each write may still wait in its processor's store buffer. */
    @JCStressTest
    @State
    @MustObserve("0, 0")
    @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "both came second")
    @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "one came first")
    @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "two came first")
    @Outcome(id = "0, 0", expect = ACCEPTABLE_INTERESTING, desc = "both writes came after both reads")
    @Outcome(expect = FORBIDDEN, desc = "never written")
    public static class Plain {
        private int x;
        private int y;

        @Actor
        public void one(II_Result result) {
            x = 1;
            result.r1 = y;
        }

        @Actor
        public void two(II_Result result) {
            y = 1;
            result.r2 = x;
        }
    }

    /** Fixed: the four actions have one order. */
    @JCStressTest
    @State
    @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "both came second")
    @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "one came first")
    @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "two came first")
    @Outcome(expect = FORBIDDEN, desc = "volatile actions out of order")
    public static class Volatile {
        private volatile int x;
        private volatile int y;

        @Actor
        public void one(II_Result result) {
            x = 1;
            result.r1 = y;
        }

        @Actor
        public void two(II_Result result) {
            y = 1;
            result.r2 = x;
        }
    }
}
