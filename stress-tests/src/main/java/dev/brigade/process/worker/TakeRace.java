package dev.brigade.process.worker;

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
 * In a worker, a task is begun as the parent takes it back. Does it run, or go back, and never both?
 *
 * The body's thread takes from the inbox, and the channel's thread withdraws from it, under one lock; the parent is told
 * under that lock too. A task that ran and was given back as well would run twice: once here, once at another worker.
 *
 * <p>From one run of all the tests with these options, without its bars, while other programs used both processors:
 *
 * <pre>
 * $ java -jar stress-tests/target/stress-tests.jar run --form smoke --test TakeRace -- -iters 5 -time 200 -pth false
 * JDK 25.0.3, 2 processors, AMD EPYC, smoke form, 378 s, 2026-11-22T11:26:03Z
 *
 * ok     TakeRace.Actual, race seen in 0 of 1 configuration
 *   false, 1       69,280   30.31 %  acceptable: given back
 *    true, 0      159,327   69.69 %  acceptable: begun
 * ok     TakeRace.Racy, race seen in 1 of 1 configuration
 *   1        9,383   99.46 %  acceptable: run or given back
 *   2           51    0.54 %  interesting: both
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
        private volatile Object queued = "task";
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

    /** The shipped inbox: whether the task was begun, and how often it was given back. */
    @JCStressTest
    @State
    @Outcome(id = "true, 0", expect = ACCEPTABLE, desc = "begun")
    @Outcome(id = "false, 1", expect = ACCEPTABLE, desc = "given back")
    @Outcome(expect = FORBIDDEN, desc = "both, or neither")
    public static class Actual {
        private final AtomicInteger givenBack = new AtomicInteger();
        private final TaskInbox inbox = new TaskInbox(id -> givenBack.incrementAndGet());

        public Actual() {
            inbox.offer(new QueuedTask(1, null, null, null));
        }

        @Actor
        public void begin(ZI_Result result) {
            result.r1 = inbox.take() != null;
        }

        @Actor
        public void withdraw() {
            inbox.withdraw(1);
            inbox.retire(); // Or begin would wait for the next task.
        }

        @Arbiter
        public void after(ZI_Result result) {
            result.r2 = givenBack.get();
        }
    }
}
