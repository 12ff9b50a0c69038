package dev.brigade.stress.races;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.brigade.stress.MustObserve;
import dev.brigade.stress.RunsFrom;
import dev.brigade.stress.StressForm;
import java.util.concurrent.ConcurrentHashMap;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/**
 * Two threads claim a key that a map does not hold yet. Can both win?
 *
 * Each call on a {@code ConcurrentHashMap} is atomic, and a pair of calls is not: between the look and the put there is
 * room for the other's put. The map is as safe as promised; the promise is about one call. {@code putIfAbsent} is the
 * pair as one call.
 *
 * <p>From one run of all the tests with these options, without its bars, while other programs used both processors:
 *
 * <pre>
 * $ java -jar stress-tests/target/stress-tests.jar run --form smoke --test CheckThenActRace -- -iters 5 -time 200 -pth false
 * JDK 25.0.3, 2 processors, AMD EPYC, smoke form, 378 s, 2026-11-22T11:26:03Z
 *
 * ok     CheckThenActRace.LookThenPut, race seen in 1 of 1 configuration
 *   false, true       33,168   28.11 %  acceptable: two won
 *   true, false       82,005   69.50 %  acceptable: one won
 *    true, true        2,812    2.38 %  interesting: two winners
 * ok     CheckThenActRace.PutIfAbsent, race seen in 0 of 1 configuration
 *   false, true       44,284   41.15 %  acceptable: two won
 *   true, false       63,342   58.85 %  acceptable: one won
 * </pre>
 */
@RunsFrom(value = StressForm.QUICK, because = "smoke keeps to CounterRace and to Brigade's own classes")
public final class CheckThenActRace {
    private CheckThenActRace() {}

    /** Broken: another claim fits between the two calls. */
    @JCStressTest
    @State
    @MustObserve("true, true")
    @Outcome(id = "true, false", expect = ACCEPTABLE, desc = "one won")
    @Outcome(id = "false, true", expect = ACCEPTABLE, desc = "two won")
    @Outcome(id = "true, true", expect = ACCEPTABLE_INTERESTING, desc = "two winners")
    @Outcome(expect = FORBIDDEN, desc = "no interleaving gives this")
    public static class LookThenPut {
        private final ConcurrentHashMap<String, String> owners = new ConcurrentHashMap<>();

        @Actor
        public void one(ZZ_Result result) {
            result.r1 = claim("one");
        }

        @Actor
        public void two(ZZ_Result result) {
            result.r2 = claim("two");
        }

        private boolean claim(String who) {
            if (owners.containsKey("key")) {
                return false;
            }
            owners.put("key", who);
            return true;
        }
    }

    /** Fixed: look and put are one call. */
    @JCStressTest
    @State
    @Outcome(id = "true, false", expect = ACCEPTABLE, desc = "one won")
    @Outcome(id = "false, true", expect = ACCEPTABLE, desc = "two won")
    @Outcome(expect = FORBIDDEN, desc = "not exactly one winner")
    public static class PutIfAbsent {
        private final ConcurrentHashMap<String, String> owners = new ConcurrentHashMap<>();

        @Actor
        public void one(ZZ_Result result) {
            result.r1 = claim("one");
        }

        @Actor
        public void two(ZZ_Result result) {
            result.r2 = claim("two");
        }

        private boolean claim(String who) {
            return owners.putIfAbsent("key", who) == null;
        }
    }
}
