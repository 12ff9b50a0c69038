package dev.brigade.engine.core;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.brigade.engine.state.TaskState;
import dev.brigade.spi.StopMode;
import dev.brigade.stress.MustObserve;
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;
import org.openjdk.jcstress.infra.results.LL_Result;

/**
 * A body ends, and the backend also says that it will never run. Is its permit freed exactly once?
 *
 * A permit freed twice lets one body too many run, for ever; one that is not freed is lost, for ever. The attempt answers
 * once, by compare-and-set, and only the answer that counts frees the permit. The twin asks a flag first and sets it then.
 *
 * <p>From one run of all the tests with these options, without its bars, while other programs used both processors:
 *
 * <pre>
 * $ java -jar stress-tests/target/stress-tests.jar run --form smoke --test PermitRace -- -iters 5 -time 200 -pth false
 * JDK 25.0.3, 2 processors, AMD EPYC, smoke form, 378 s, 2026-11-22T11:26:03Z
 *
 * ok     PermitRace.ActualCancelled, race seen in 0 of 1 configuration
 *   true, CANCELLED        8,735   11.19 %  acceptable: cancelled first
 *     true, SUCCESS       69,317   88.81 %  acceptable: the body ended
 * ok     PermitRace.ActualReturned, race seen in 0 of 1 configuration
 *     true, READY       52,287   31.39 %  acceptable: it came back, to be started again
 *   true, SUCCESS      114,304   68.61 %  acceptable: the body ended
 * ok     PermitRace.Racy, race seen in 1 of 1 configuration
 *   -1        9,211    5.36 %  interesting: freed twice
 *    0      162,534   94.64 %  acceptable: freed once
 * </pre>
 */
public final class PermitRace {
    private PermitRace() {}

    /** The twin: looks, then writes; how many places are taken afterwards. */
    @JCStressTest
    @State
    @MustObserve("-1")
    @Outcome(id = "0", expect = ACCEPTABLE, desc = "freed once")
    @Outcome(id = "-1", expect = ACCEPTABLE_INTERESTING, desc = "freed twice")
    @Outcome(expect = FORBIDDEN, desc = "no interleaving gives this")
    public static class Racy {
        private final AtomicInteger taken = new AtomicInteger(1);
        private volatile boolean answered;

        @Actor
        public void ended() {
            answer();
        }

        @Actor
        public void returned() {
            answer();
        }

        private void answer() {
            if (!answered) {
                answered = true;
                taken.decrementAndGet();
            }
        }

        @Arbiter
        public void after(I_Result result) {
            result.r1 = taken.get();
        }
    }

    /** The shipped engine: whether no permit is taken afterwards, and what became of the task. */
    @JCStressTest
    @State
    @Outcome(id = "true, SUCCESS", expect = ACCEPTABLE, desc = "the body ended")
    @Outcome(id = "true, READY", expect = ACCEPTABLE, desc = "it came back, to be started again")
    @Outcome(expect = FORBIDDEN, desc = "lost or freed twice")
    public static class ActualReturned {
        private final EngineFixture fixture = EngineFixture.slow();
        private final EngineTask<Void, String> task = fixture.startedTask();

        @Actor
        public void ended() {
            fixture.attempt.ended(EngineFixture.VALUE, null);
        }

        @Actor
        public void returned() {
            fixture.attempt.returned();
        }

        @Arbiter
        public void after(LL_Result result) {
            result.r1 = fixture.engine.nothingRuns();
            result.r2 = EngineFixture.stateOf(
                    task, () -> TaskState.phase(task.word()) == TaskState.RETURNED ? "READY" : "LOST");
        }
    }

    /** The shipped engine: the task is cancelled, and its backend hands it back, while the body ends. */
    @JCStressTest
    @State
    @Outcome(id = "true, SUCCESS", expect = ACCEPTABLE, desc = "the body ended")
    @Outcome(id = "true, CANCELLED", expect = ACCEPTABLE, desc = "cancelled first")
    @Outcome(expect = FORBIDDEN, desc = "lost or freed twice")
    public static class ActualCancelled {
        private final EngineFixture fixture = EngineFixture.slow();
        private final EngineTask<Void, String> task = fixture.startedTask();

        @Actor
        public void ended() {
            fixture.attempt.ended(EngineFixture.VALUE, null);
        }

        @Actor
        public void cancelled() {
            task.cancel(StopMode.INTERRUPT);
            fixture.attempt.returned();
        }

        @Arbiter
        public void after(LL_Result result) {
            result.r1 = fixture.engine.nothingRuns();
            result.r2 = EngineFixture.stateOf(task, () -> "LOST");
        }
    }
}
