package dev.brigade.engine.core;

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
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;

/**
 * Two threads close the runner. Is what it owns released once, and before either close returns?
 *
 * The first to move the state releases; the other waits until that is done. With a check and a write both would release,
 * and a closer that finds the runner closed may return while its threads and processes are still alive.
 *
 * <p>From one run of all the tests with these options, without its bars, while other programs used both processors:
 *
 * <pre>
 * $ java -jar stress-tests/target/stress-tests.jar run --form smoke --test CloseCloseRace -- -iters 5 -time 200 -pth false
 * JDK 25.0.3, 2 processors, AMD EPYC, smoke form, 378 s, 2026-11-22T11:26:03Z
 *
 * ok     CloseCloseRace.Actual, race seen in 0 of 1 configuration
 *   1, 1       50,583  100.00 %  acceptable: once, and both waited for it
 * ok     CloseCloseRace.Racy, race seen in 1 of 1 configuration
 *   1      176,489   94.57 %  acceptable: released once
 *   2       10,136    5.43 %  interesting: released twice
 * </pre>
 */
public final class CloseCloseRace {
    private CloseCloseRace() {}

    /** The twin: looks, then writes. */
    @JCStressTest
    @State
    @MustObserve("2")
    @Outcome(id = "1", expect = ACCEPTABLE, desc = "released once")
    @Outcome(id = "2", expect = ACCEPTABLE_INTERESTING, desc = "released twice")
    @Outcome(expect = FORBIDDEN, desc = "no interleaving gives this")
    public static class Racy {
        private volatile boolean closed;
        private final AtomicInteger releases = new AtomicInteger();

        @Actor
        public void one() {
            close();
        }

        @Actor
        public void two() {
            close();
        }

        private void close() {
            if (!closed) {
                closed = true;
                releases.incrementAndGet();
            }
        }

        @Arbiter
        public void after(I_Result result) {
            result.r1 = releases.get();
        }
    }

    /** The shipped lifecycle: how often each closer has seen the release when its close returns. */
    @JCStressTest
    @State
    @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "once, and both waited for it")
    @Outcome(expect = FORBIDDEN, desc = "twice, or not yet")
    public static class Actual {
        private final EngineFixture fixture = EngineFixture.quick();

        @Actor
        public void one(II_Result result) {
            fixture.engine.lifecycle.close(true);
            result.r1 = fixture.closes.get();
        }

        @Actor
        public void two(II_Result result) {
            fixture.engine.lifecycle.close(true);
            result.r2 = fixture.closes.get();
        }
    }
}
