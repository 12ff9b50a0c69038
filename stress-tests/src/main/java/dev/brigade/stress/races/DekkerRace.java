package dev.brigade.stress.races;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.brigade.stress.MustObserve;
import dev.brigade.stress.RunsFrom;
import dev.brigade.stress.StressForm;
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
 * <p>From one run of all the tests with these options, without its bars, while other programs used both processors:
 *
 * <pre>
 * $ java -jar stress-tests/target/stress-tests.jar run --form smoke --test DekkerRace -- -iters 5 -time 200 -pth false
 * JDK 25.0.3, 2 processors, AMD EPYC, smoke form, 378 s, 2026-11-22T11:26:03Z
 *
 * ok     DekkerRace.Plain, race seen in 1 of 1 configuration
 *   0, 0      261,030   24.16 %  interesting: both writes came after both reads
 *   0, 1      455,298   42.14 %  acceptable: one came first
 *   1, 0      364,216   33.71 %  acceptable: two came first
 *   1, 1           19  &lt; 0.01 %  acceptable: both came second
 * ok     DekkerRace.Volatile, race seen in 0 of 1 configuration
 *   0, 1       99,823   59.90 %  acceptable: one came first
 *   1, 0       66,226   39.74 %  acceptable: two came first
 *   1, 1          594    0.36 %  acceptable: both came second
 * </pre>
 */
@RunsFrom(value = StressForm.QUICK, because = "smoke keeps to CounterRace and to Brigade's own classes")
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
