package dev.brigade.engine.core;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.brigade.stress.MustObserve;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LI_Result;
import org.openjdk.jcstress.infra.results.LL_Result;

/**
 * A task is submitted while the runner closes. Is it either refused or run to an outcome?
 *
 * The call registers under the lock under which closing begins, so it is refused or seen. Without the lock a submitter
 * may look, find the runner open, and add its task after the closer has looked for what is left: accepted, and never run.
 *
 * <p>From one run of all the tests with these options, without its bars, while other programs used both processors:
 *
 * <pre>
 * $ java -jar stress-tests/target/stress-tests.jar run --form smoke --test SubmitCloseRace -- -iters 5 -time 200 -pth false
 * JDK 25.0.3, 2 processors, AMD EPYC, smoke form, 378 s, 2026-11-22T11:26:03Z
 *
 * ok     SubmitCloseRace.Actual, race seen in 0 of 1 configuration
 *   accepted, CANCELLED            1  &lt; 0.01 %  acceptable: accepted, and it has an outcome
 *     accepted, SUCCESS       38,076   71.92 %  acceptable: accepted, and it has an outcome
 *        rejected, none       14,863   28.08 %  acceptable: refused
 * ok     SubmitCloseRace.ActualSlowInput, race seen in 0 of 1 configuration
 *   accepted, CANCELLED           95    0.13 %  acceptable: accepted, and it has an outcome
 *     accepted, SUCCESS       51,647   69.83 %  acceptable: accepted, and it has an outcome
 *        rejected, none       22,221   30.04 %  acceptable: refused
 * ok     SubmitCloseRace.Racy, race seen in 1 of 1 configuration
 *   accepted, 0       44,950   53.26 %  acceptable: accepted and drained
 *   accepted, 1          213    0.25 %  interesting: accepted and stranded
 *   rejected, 0       39,241   46.49 %  acceptable: refused
 * </pre>
 */
public final class SubmitCloseRace {
    private SubmitCloseRace() {}

    /** The twin: looks whether it is open, then adds. */
    @JCStressTest
    @State
    @MustObserve("accepted, 1")
    @Outcome(id = "rejected, 0", expect = ACCEPTABLE, desc = "refused")
    @Outcome(id = "accepted, 0", expect = ACCEPTABLE, desc = "accepted and drained")
    @Outcome(id = "accepted, 1", expect = ACCEPTABLE_INTERESTING, desc = "accepted and stranded")
    @Outcome(expect = FORBIDDEN, desc = "no interleaving gives this")
    public static class Racy {
        private volatile boolean closed;
        private final AtomicInteger pending = new AtomicInteger();

        @Actor
        public void submit(LI_Result result) {
            if (closed) {
                result.r1 = "rejected";
                return;
            }
            pending.incrementAndGet();
            result.r1 = "accepted";
        }

        @Actor
        public void close() {
            closed = true;
            pending.set(0);
        }

        @Arbiter
        public void after(LI_Result result) {
            result.r2 = pending.get();
        }
    }

    /** The shipped lifecycle and call, with a backend that takes nothing more once it is closed. */
    @JCStressTest
    @State
    @Outcome(id = "rejected, none", expect = ACCEPTABLE, desc = "refused")
    @Outcome(
            id = "accepted, (?:SUCCESS|CANCELLED|FAILED)",
            expect = ACCEPTABLE,
            desc = "accepted, and it has an outcome")
    @Outcome(expect = FORBIDDEN, desc = "accepted and stranded")
    public static class Actual {
        private final EngineFixture fixture = EngineFixture.quick();
        private final BatchRun<Void, String> batch = fixture.call();
        private final EngineTask<Void, String> task = new EngineTask<>(batch, 0, null);

        @Actor
        public void submit(LL_Result result) {
            try {
                fixture.engine.lifecycle.register(batch);
            } catch (RejectedExecutionException closed) {
                result.r1 = "rejected";
                return;
            }
            batch.add(task, true);
            result.r1 = "accepted";
        }

        @Actor
        public void close() {
            fixture.engine.lifecycle.close(false);
        }

        @Arbiter
        public void after(LL_Result result) {
            result.r2 = EngineFixture.stateOf(task, () -> "rejected".equals(result.r1) ? "none" : "stranded");
        }
    }

    /** The shipped lifecycle and call, as an iteration uses them: the input comes some time after the look. */
    @JCStressTest
    @State
    @Outcome(id = "rejected, none", expect = ACCEPTABLE, desc = "refused")
    @Outcome(
            id = "accepted, (?:SUCCESS|CANCELLED|FAILED)",
            expect = ACCEPTABLE,
            desc = "accepted, and it has an outcome")
    @Outcome(expect = FORBIDDEN, desc = "accepted and stranded")
    public static class ActualSlowInput {
        private static final int SPINS = 200;

        private final EngineFixture fixture = EngineFixture.quick();
        private final BatchRun<Void, String> batch = fixture.registeredCall();
        private final EngineTask<Void, String> task = new EngineTask<>(batch, 0, null);

        @Actor
        public void pull(LL_Result result) {
            if (!fixture.engine.lifecycle.isOpen()) {
                result.r1 = "rejected";
                return;
            }
            for (int i = 0; i < SPINS; i++) {
                Thread.onSpinWait(); // The caller's iterator takes its time.
            }
            batch.add(task, true);
            result.r1 = "accepted";
        }

        @Actor
        public void close() {
            fixture.engine.lifecycle.close(false);
        }

        @Arbiter
        public void after(LL_Result result) {
            result.r2 = EngineFixture.stateOf(task, () -> "rejected".equals(result.r1) ? "none" : "stranded");
        }
    }
}
