package dev.brigade.stress.races;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.brigade.stress.RunsFrom;
import dev.brigade.stress.StressForm;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * Look without the lock, create under it. Can the one who did not lock get a half-built object?
 *
 * The first look is not synchronized, so for it the creation is a plain publication: the reference may be seen before the
 * fields behind it. The lock does not help whoever never takes it. On x86 with HotSpot this does not show; AArch64 shows
 * it. A volatile field makes the first look read the write, and with it all that came before.
 *
 * <p>From one run of all the tests with these options, without its bars, while other programs used both processors:
 *
 * <pre>
 * $ java -jar stress-tests/target/stress-tests.jar run --form smoke --test DoubleCheckedLockingRace -- -iters 5 -time 200 -pth false
 * JDK 25.0.3, 2 processors, AMD EPYC, smoke form, 378 s, 2026-11-22T11:26:03Z
 *
 * ok     DoubleCheckedLockingRace.Plain, race seen in 0 of 1 configuration
 *       4, 4       14,134  100.00 %  acceptable: both got it whole
 *   4, [0-3]            0    0.00 %  interesting: two got it half-built
 *   [0-3], 4            0    0.00 %  interesting: one got it half-built
 * ok     DoubleCheckedLockingRace.Volatile, race seen in 0 of 1 configuration
 *   4, 4        7,778  100.00 %  acceptable: both got it whole
 * </pre>
 */
@RunsFrom(value = StressForm.QUICK, because = "smoke keeps to CounterRace and to Brigade's own classes")
public final class DoubleCheckedLockingRace {
    private DoubleCheckedLockingRace() {}

    /** Broken: the unlocked look is a race; x86 may not show it. */
    @JCStressTest
    @State
    @Outcome(id = "4, 4", expect = ACCEPTABLE, desc = "both got it whole")
    @Outcome(id = "4, [0-3]", expect = ACCEPTABLE_INTERESTING, desc = "two got it half-built")
    @Outcome(id = "[0-3], 4", expect = ACCEPTABLE_INTERESTING, desc = "one got it half-built")
    @Outcome(expect = FORBIDDEN, desc = "no interleaving gives this")
    public static class Plain {
        private Whole instance;

        @Actor
        public void one(II_Result result) {
            result.r1 = get().sum();
        }

        @Actor
        public void two(II_Result result) {
            result.r2 = get().sum();
        }

        private Whole get() {
            Whole found = instance;
            if (found == null) {
                found = create();
            }
            return found;
        }

        private synchronized Whole create() {
            if (instance == null) {
                instance = new Whole();
            }
            return instance;
        }
    }

    /** Fixed: the unlocked look reads a volatile write. */
    @JCStressTest
    @State
    @Outcome(id = "4, 4", expect = ACCEPTABLE, desc = "both got it whole")
    @Outcome(expect = FORBIDDEN, desc = "half-built")
    public static class Volatile {
        private volatile Whole instance;

        @Actor
        public void one(II_Result result) {
            result.r1 = get().sum();
        }

        @Actor
        public void two(II_Result result) {
            result.r2 = get().sum();
        }

        private Whole get() {
            Whole found = instance;
            if (found == null) {
                found = create();
            }
            return found;
        }

        private synchronized Whole create() {
            if (instance == null) {
                instance = new Whole();
            }
            return instance;
        }
    }

    /** Four plain fields, so that the order of their writes can show. */
    private static final class Whole {
        private int a;
        private int b;
        private int c;
        private int d;

        Whole() {
            a = 1;
            b = 1;
            c = 1;
            d = 1;
        }

        int sum() {
            return a + b + c + d;
        }
    }
}
