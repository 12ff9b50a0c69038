package dev.brigade.engine.core;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.brigade.engine.state.CancelActions;
import dev.brigade.stress.MustObserve;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;
import org.openjdk.jcstress.infra.results.LL_Result;

/**
 * A callback is registered as the task is cancelled, or as it completes. Does it run, and once?
 *
 * One side writes "here is a callback" and looks whether it has happened; the other writes that it has happened and looks
 * for callbacks. That is {@code DekkerRace}: with plain fields each may miss the other's write, and the callback never
 * runs. The shipped classes put both under one lock, or look again, at volatile fields, after writing.
 *
 * <p>From one run of all the tests with these options, without its bars, while other programs used both processors:
 *
 * <pre>
 * $ java -jar stress-tests/target/stress-tests.jar run --form smoke --test CallbackRace -- -iters 5 -time 200 -pth false
 * JDK 25.0.3, 2 processors, AMD EPYC, smoke form, 378 s, 2026-11-22T11:26:03Z
 *
 * ok     CallbackRace.ActualFuture, race seen in 0 of 1 configuration
 *   true, value       72,427  100.00 %  acceptable: completed
 * ok     CallbackRace.ActualOnCancel, race seen in 0 of 1 configuration
 *   1      169,953  100.00 %  acceptable: ran once
 * ok     CallbackRace.Racy, race seen in 1 of 1 configuration
 *   0, 0        6,756    1.49 %  interesting: the callback never runs
 *   0, 1      231,175   51.14 %  acceptable: registered first
 *   1, 0      214,152   47.37 %  acceptable: registered last
 *   1, 1            0    0.00 %  acceptable: each saw the other
 * </pre>
 */
public final class CallbackRace {
    private CallbackRace() {}

    /** The twin: plain fields, as in Dekker's puzzle; who saw that the callback has to run. */
    @JCStressTest
    @State
    @MustObserve("0, 0")
    @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "each saw the other")
    @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "registered last")
    @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "registered first")
    @Outcome(id = "0, 0", expect = ACCEPTABLE_INTERESTING, desc = "the callback never runs")
    @Outcome(expect = FORBIDDEN, desc = "never written")
    public static class Racy {
        private boolean registered;
        private boolean happened;

        @Actor
        public void register(II_Result result) {
            registered = true;
            if (happened) {
                result.r1 = 1;
            }
        }

        @Actor
        public void happen(II_Result result) {
            happened = true;
            if (registered) {
                result.r2 = 1;
            }
        }
    }

    /** The shipped list of a body's cancel actions: how often the action ran. */
    @JCStressTest
    @State
    @Outcome(id = "1", expect = ACCEPTABLE, desc = "ran once")
    @Outcome(expect = FORBIDDEN, desc = "never, or twice")
    public static class ActualOnCancel {
        private final CancelActions actions = new CancelActions();
        private final AtomicInteger runs = new AtomicInteger();

        @Actor
        public void register() {
            actions.add(runs::incrementAndGet);
        }

        @Actor
        public void cancel() {
            actions.fire(Runnable::run);
        }

        @Arbiter
        public void after(I_Result result) {
            result.r1 = runs.get();
        }
    }

    /** The shipped future of a submitted task, asked for its CompletableFuture as the task ends. */
    @JCStressTest
    @State
    @Outcome(id = "true, value", expect = ACCEPTABLE, desc = "completed")
    @Outcome(expect = FORBIDDEN, desc = "never completed, or wrongly")
    public static class ActualFuture {
        private final EngineFixture fixture = EngineFixture.slow();
        private final SubmittedTask<String> submission = fixture.startedSubmission();
        private CompletableFuture<String> future;

        @Actor
        public void ask() {
            future = submission.toCompletableFuture();
        }

        @Actor
        public void end() {
            fixture.attempt.ended(EngineFixture.VALUE, null);
        }

        @Arbiter
        public void after(LL_Result result) {
            result.r1 = future.isDone();
            result.r2 = future.getNow("nothing");
        }
    }
}
