package dev.brigade.engine;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.brigade.stress.MustObserve;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LLL_Result;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/**
 * A task ends while it is being cancelled. Is there one outcome, and do all agree on it?
 *
 * Both sides settle the item by one compare-and-set on the word that holds its phase, and only the winner writes the
 * outcome's fields and tells the sink. What {@code cancel} returns and what the outcome says are then the same decision.
 * A check followed by a write would let both win: the caller is told that the task was cancelled, and then gets a value,
 * or the sink is told twice.
 *
 * <pre>
 * PASTE CancelRace
 * </pre>
 */
public final class CancelRace {
    private CancelRace() {}

    /** The twin: looks, then writes. */
    @JCStressTest
    @State
    @MustObserve("true, true")
    @Outcome(id = "true, false", expect = ACCEPTABLE, desc = "the first decides")
    @Outcome(id = "false, true", expect = ACCEPTABLE, desc = "the second decides")
    @Outcome(id = "true, true", expect = ACCEPTABLE_INTERESTING, desc = "both decide")
    @Outcome(expect = FORBIDDEN, desc = "no interleaving gives this")
    public static class Racy {
        private volatile boolean settled;

        @Actor
        public void end(ZZ_Result result) {
            result.r1 = settle();
        }

        @Actor
        public void cancel(ZZ_Result result) {
            result.r2 = settle();
        }

        private boolean settle() {
            if (settled) {
                return false;
            }
            settled = true;
            return true;
        }
    }

    /** The shipped item and attempt: what cancel says, the outcome, and how often the sink was told. */
    @JCStressTest
    @State
    @Outcome(id = "true, CANCELLED, 1", expect = ACCEPTABLE, desc = "cancelled in time")
    @Outcome(id = "false, SUCCESS, 1", expect = ACCEPTABLE, desc = "too late")
    @Outcome(expect = FORBIDDEN, desc = "two decisions, or none")
    public static class Actual {
        private final Rig rig = Rig.slow();
        private final Item<Void, String> item = rig.startedItem();

        @Actor
        public void end() {
            rig.attempt.ended(Rig.VALUE, null);
        }

        @Actor
        public void cancel(LLL_Result result) {
            result.r1 = item.cancel(Strategy.Stop.INTERRUPT);
        }

        @Arbiter
        public void after(LLL_Result result) {
            result.r2 = Rig.stateOf(item, () -> "never");
            result.r3 = rig.settlements.get();
        }
    }
}
