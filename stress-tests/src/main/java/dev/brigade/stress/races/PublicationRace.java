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
import org.openjdk.jcstress.infra.results.I_Result;

/**
 * One thread builds an object and puts it into a plain field. Can another thread find it half-built?
 *
 * The four writes of the constructor and the write of the reference are ordered for the builder only; another thread may
 * see the reference first and zeroes behind it. x86 stores in program order, so only the compiler can swap them there: rare
 * on one JDK, absent on another, common on AArch64. Final fields are frozen when the constructor ends (JLS 17.5): whoever
 * sees the reference sees them, even through a race. That is why Brigade's values are records.
 *
 * <p>From one run of all the tests with these options, without its bars, while other programs used both processors:
 *
 * <pre>
 * $ java -jar stress-tests/target/stress-tests.jar run --form smoke --test PublicationRace -- -iters 5 -time 200 -pth false
 * JDK 25.0.3, 2 processors, AMD EPYC, smoke form, 378 s, 2026-11-22T11:26:03Z
 *
 * ok     PublicationRace.FinalFields, race seen in 0 of 1 configuration
 *   -1      116,057   60.62 %  acceptable: not there yet
 *    4       75,400   39.38 %  acceptable: whole
 * ok     PublicationRace.PlainFields, race seen in 0 of 1 configuration
 *      -1       63,654   46.84 %  acceptable: not there yet
 *       4       72,251   53.16 %  acceptable: whole
 *   [0-3]            0    0.00 %  interesting: half-built
 * </pre>
 */
@RunsFrom(value = StressForm.QUICK, because = "smoke keeps to CounterRace and to Brigade's own classes")
public final class PublicationRace {
    private PublicationRace() {}

    /** Broken: the reference may overtake the fields; x86 may not show it. */
    @JCStressTest
    @State
    @Outcome(id = "-1", expect = ACCEPTABLE, desc = "not there yet")
    @Outcome(id = "4", expect = ACCEPTABLE, desc = "whole")
    @Outcome(id = "[0-3]", expect = ACCEPTABLE_INTERESTING, desc = "half-built")
    @Outcome(expect = FORBIDDEN, desc = "never written")
    public static class PlainFields {
        private Whole shared;

        @Actor
        public void writer() {
            shared = new Whole();
        }

        @Actor
        public void reader(I_Result result) {
            Whole seen = shared;
            result.r1 = seen == null ? -1 : seen.sum();
        }

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

    /** Fixed: final fields are frozen before the reference can be seen. */
    @JCStressTest
    @State
    @Outcome(id = "-1", expect = ACCEPTABLE, desc = "not there yet")
    @Outcome(id = "4", expect = ACCEPTABLE, desc = "whole")
    @Outcome(expect = FORBIDDEN, desc = "half-built")
    public static class FinalFields {
        private Whole shared;

        @Actor
        public void writer() {
            shared = new Whole();
        }

        @Actor
        public void reader(I_Result result) {
            Whole seen = shared;
            result.r1 = seen == null ? -1 : seen.sum();
        }

        private static final class Whole {
            private final int a;
            private final int b;
            private final int c;
            private final int d;

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
}
