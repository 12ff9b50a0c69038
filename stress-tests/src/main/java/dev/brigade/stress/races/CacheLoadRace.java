package dev.brigade.stress.races;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import com.google.common.cache.Cache;
import com.google.common.cache.CacheBuilder;
import dev.brigade.stress.MustObserve;
import dev.brigade.stress.RunsFrom;
import dev.brigade.stress.StressForm;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/**
 * Two threads ask a cache for a value that it does not hold yet. Is the value loaded twice?
 *
 * The race of {@link CheckThenActRace} in the place where most programs have it: with a Guava cache, {@code getIfPresent}
 * and {@code put} are atomic each, and both threads may find nothing before either has put. {@code get} with a loader is
 * one call: the second thread waits for the first one's load.
 *
 * <p>From one run of all the tests with these options, without its bars, while other programs used both processors:
 *
 * <pre>
 * $ java -jar stress-tests/target/stress-tests.jar run --form smoke --test CacheLoadRace -- -iters 5 -time 200 -pth false
 * JDK 25.0.3, 2 processors, AMD EPYC, smoke form, 378 s, 2026-11-22T11:26:03Z
 *
 * ok     CacheLoadRace.GetWithLoader, race seen in 0 of 1 configuration
 *   1       72,242  100.00 %  acceptable: loaded once
 * ok     CacheLoadRace.LookThenLoad, race seen in 1 of 1 configuration
 *   1      191,899   98.71 %  acceptable: loaded once
 *   2        2,502    1.29 %  interesting: loaded twice
 * </pre>
 */
@RunsFrom(value = StressForm.QUICK, because = "smoke keeps to CounterRace and to Brigade's own classes")
public final class CacheLoadRace {
    private CacheLoadRace() {}

    /** Broken: both find nothing, both load. */
    @JCStressTest
    @State
    @MustObserve("2")
    @Outcome(id = "1", expect = ACCEPTABLE, desc = "loaded once")
    @Outcome(id = "2", expect = ACCEPTABLE_INTERESTING, desc = "loaded twice")
    @Outcome(expect = FORBIDDEN, desc = "no interleaving gives this")
    public static class LookThenLoad {
        private final Cache<String, Integer> cache =
                CacheBuilder.newBuilder().concurrencyLevel(1).initialCapacity(1).build();
        private final AtomicInteger loads = new AtomicInteger();

        @Actor
        public void one() {
            look();
        }

        @Actor
        public void two() {
            look();
        }

        private void look() {
            if (cache.getIfPresent("key") == null) {
                cache.put("key", loads.incrementAndGet());
            }
        }

        @Arbiter
        public void after(I_Result result) {
            result.r1 = loads.get();
        }
    }

    /** Fixed: look and load are one call. */
    @JCStressTest
    @State
    @Outcome(id = "1", expect = ACCEPTABLE, desc = "loaded once")
    @Outcome(expect = FORBIDDEN, desc = "not loaded exactly once")
    public static class GetWithLoader {
        private final Cache<String, Integer> cache =
                CacheBuilder.newBuilder().concurrencyLevel(1).initialCapacity(1).build();
        private final AtomicInteger loads = new AtomicInteger();

        @Actor
        public void one() {
            look();
        }

        @Actor
        public void two() {
            look();
        }

        private void look() {
            try {
                cache.get("key", loads::incrementAndGet);
            } catch (ExecutionException e) {
                throw new IllegalStateException("The loader throws nothing", e);
            }
        }

        @Arbiter
        public void after(I_Result result) {
            result.r1 = loads.get();
        }
    }
}
