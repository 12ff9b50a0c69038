package dev.brigade.stress.races;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.brigade.stress.MustObserve;
import dev.brigade.stress.RunsFrom;
import dev.brigade.stress.StressForm;
import java.util.BitSet;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/**
 * Two threads write to neighbouring places. Does each write stay?
 *
 * The Java Memory Model forbids word tearing (JLS 17.6): a write to one array element or field leaves its neighbours
 * alone, bytes and booleans included. But the bits of a {@code BitSet} are no variables: setting one reads 64 of them,
 * changes one and writes all back, which is the counter's race in disguise.
 *
 * <p>From one run of all the tests with these options, without its bars, while other programs used both processors:
 *
 * <pre>
 * $ java -jar stress-tests/target/stress-tests.jar run --form smoke --test NeighboursRace -- -iters 5 -time 200 -pth false
 * JDK 25.0.3, 2 processors, AMD EPYC, smoke form, 378 s, 2026-11-22T11:26:03Z
 *
 * ok     NeighboursRace.Bits, race seen in 1 of 1 configuration
 *   false, true          506    0.45 %  interesting: the first bit is lost
 *   true, false          554    0.50 %  interesting: the second bit is lost
 *    true, true      110,224   99.05 %  acceptable: both are set
 * ok     NeighboursRace.Booleans, race seen in 0 of 1 configuration
 *   true, true      118,964  100.00 %  acceptable: both are set
 * </pre>
 */
@RunsFrom(value = StressForm.QUICK, because = "smoke keeps to CounterRace and to Brigade's own classes")
public final class NeighboursRace {
    private NeighboursRace() {}

    /** Broken: neighbours share a long. */
    @JCStressTest
    @State
    @MustObserve("true, false|false, true")
    @Outcome(id = "true, true", expect = ACCEPTABLE, desc = "both are set")
    @Outcome(id = "true, false", expect = ACCEPTABLE_INTERESTING, desc = "the second bit is lost")
    @Outcome(id = "false, true", expect = ACCEPTABLE_INTERESTING, desc = "the first bit is lost")
    @Outcome(expect = FORBIDDEN, desc = "no interleaving gives this")
    public static class Bits {
        private final BitSet bits = new BitSet(2);

        @Actor
        public void one() {
            bits.set(0);
        }

        @Actor
        public void two() {
            bits.set(1);
        }

        @Arbiter
        public void after(ZZ_Result result) {
            result.r1 = bits.get(0);
            result.r2 = bits.get(1);
        }
    }

    /** Fixed: each element is a variable of its own. */
    @JCStressTest
    @State
    @Outcome(id = "true, true", expect = ACCEPTABLE, desc = "both are set")
    @Outcome(expect = FORBIDDEN, desc = "word tearing")
    public static class Booleans {
        private final boolean[] places = new boolean[2];

        @Actor
        public void one() {
            places[0] = true;
        }

        @Actor
        public void two() {
            places[1] = true;
        }

        @Arbiter
        public void after(ZZ_Result result) {
            result.r1 = places[0];
            result.r2 = places[1];
        }
    }
}
