package dev.brigade.worker;

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
import org.openjdk.jcstress.infra.results.I_Result;
import org.openjdk.jcstress.infra.results.ZI_Result;

/**
 * In a worker, an item is begun as the parent takes it back. Does it run, or go back, and never both?
 *
 * The body's thread takes from the inbox, and the channel's thread withdraws from it, under one lock; the parent is told
 * under that lock too. An item that ran and was given back as well would run twice: once here, once at another worker.
 *
 * <pre>
 * PASTE TakeRace
 * </pre>
 */
public final class TakeRace {
    private TakeRace() {}

    /** The twin: looks, then takes out. */
    @JCStressTest
    @State
    @MustObserve("2")
    @Outcome(id = "1", expect = ACCEPTABLE, desc = "run or given back")
    @Outcome(id = "2", expect = ACCEPTABLE_INTERESTING, desc = "both")
    @Outcome(expect = FORBIDDEN, desc = "no interleaving gives this")
    public static class Racy {
        private volatile Object queued = "item";
        private final AtomicInteger takers = new AtomicInteger();

        @Actor
        public void begin() {
            take();
        }

        @Actor
        public void withdraw() {
            take();
        }

        private void take() {
            if (queued != null) {
                queued = null;
                takers.incrementAndGet();
            }
        }

        @Arbiter
        public void after(I_Result result) {
            result.r1 = takers.get();
        }
    }

    /** The shipped inbox: whether the item was begun, and how often it was given back. */
    @JCStressTest
    @State
    @Outcome(id = "true, 0", expect = ACCEPTABLE, desc = "begun")
    @Outcome(id = "false, 1", expect = ACCEPTABLE, desc = "given back")
    @Outcome(expect = FORBIDDEN, desc = "both, or neither")
    public static class Actual {
        private final AtomicInteger givenBack = new AtomicInteger();
        private final Inbox inbox = new Inbox(id -> givenBack.incrementAndGet());

        public Actual() {
            inbox.offer(new Assignment(1, null, null, null));
        }

        @Actor
        public void begin(ZI_Result result) {
            result.r1 = inbox.take() != null;
        }

        @Actor
        public void withdraw() {
            inbox.withdraw(1);
            inbox.retire(); // Or begin would wait for the next item.
        }

        @Arbiter
        public void after(ZI_Result result) {
            result.r2 = givenBack.get();
        }
    }
}
