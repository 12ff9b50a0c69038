package dev.brigade.stress.races;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.brigade.stress.MustObserve;
import dev.brigade.stress.RunsFrom;
import dev.brigade.stress.StressForm;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * Two threads each take the next ticket. Does each get one of its own?
 *
 * The counter's race again, seen from the threads: {@code ++next} hands back the value that it wrote, and two threads
 * that both read 0 both leave with ticket 1. A final value of 2 would not show it, and a lock around the increment alone
 * would not mend it: the read that returns the ticket belongs to the same action. {@code LongAdder} is missing here on
 * purpose: it counts, but cannot say which value an increment gave.
 *
 * <p>From one run of all the tests with these options, without its bars, while other programs used both processors:
 *
 * <pre>
 * $ java -jar stress-tests/target/stress-tests.jar run --form smoke --test TicketRace -- -iters 5 -time 200 -pth false
 * JDK 25.0.3, 2 processors, AMD EPYC, smoke form, 378 s, 2026-11-22T11:26:03Z
 *
 * ok     TicketRace.Atomic, race seen in 0 of 1 configuration
 *   1, 2        1,076    5.46 %  acceptable: each thread its own ticket
 *   2, 1       18,614   94.54 %  acceptable: each thread its own ticket
 * ok     TicketRace.Handle, race seen in 0 of 1 configuration
 *   1, 2          441    4.62 %  acceptable: each thread its own ticket
 *   2, 1        9,104   95.38 %  acceptable: each thread its own ticket
 * ok     TicketRace.Locked, race seen in 0 of 1 configuration
 *   1, 2       62,560   65.88 %  acceptable: each thread its own ticket
 *   2, 1       32,403   34.12 %  acceptable: each thread its own ticket
 * ok     TicketRace.Plain, race seen in 1 of 1 configuration
 *   1, 1       23,357   12.67 %  interesting: the same ticket twice
 *   1, 2       94,901   51.50 %  acceptable: each thread its own ticket
 *   2, 1       66,031   35.83 %  acceptable: each thread its own ticket
 * ok     TicketRace.Synchronized, race seen in 0 of 1 configuration
 *   1, 2       72,652   62.76 %  acceptable: each thread its own ticket
 *   2, 1       43,110   37.24 %  acceptable: each thread its own ticket
 * ok     TicketRace.Volatile, race seen in 1 of 1 configuration
 *   1, 1        1,265    1.12 %  interesting: the same ticket twice
 *   1, 2       67,987   60.40 %  acceptable: each thread its own ticket
 *   2, 1       43,312   38.48 %  acceptable: each thread its own ticket
 * </pre>
 */
@RunsFrom(value = StressForm.QUICK, because = "smoke keeps to CounterRace and to Brigade's own classes")
public final class TicketRace {
    private TicketRace() {}

    /** Broken: read, add and write are three actions. */
    @JCStressTest
    @State
    @MustObserve("1, 1")
    @Outcome(id = "1, 2", expect = ACCEPTABLE, desc = "each thread its own ticket")
    @Outcome(id = "2, 1", expect = ACCEPTABLE, desc = "each thread its own ticket")
    @Outcome(id = "1, 1", expect = ACCEPTABLE_INTERESTING, desc = "the same ticket twice")
    @Outcome(expect = FORBIDDEN, desc = "no interleaving gives this")
    public static class Plain {
        private int next;

        @Actor
        public void one(II_Result result) {
            result.r1 = take();
        }

        @Actor
        public void two(II_Result result) {
            result.r2 = take();
        }

        private int take() {
            return ++next;
        }
    }

    /** Broken: ordered and visible, still three actions. */
    @JCStressTest
    @State
    @MustObserve("1, 1")
    @Outcome(id = "1, 2", expect = ACCEPTABLE, desc = "each thread its own ticket")
    @Outcome(id = "2, 1", expect = ACCEPTABLE, desc = "each thread its own ticket")
    @Outcome(id = "1, 1", expect = ACCEPTABLE_INTERESTING, desc = "the same ticket twice")
    @Outcome(expect = FORBIDDEN, desc = "no interleaving gives this")
    public static class Volatile {
        private volatile int next;

        @Actor
        public void one(II_Result result) {
            result.r1 = take();
        }

        @Actor
        public void two(II_Result result) {
            result.r2 = take();
        }

        private int take() {
            return ++next;
        }
    }

    /** Fixed: the monitor covers the increment and its result. */
    @JCStressTest
    @State
    @Outcome(id = "1, 2", expect = ACCEPTABLE, desc = "each thread its own ticket")
    @Outcome(id = "2, 1", expect = ACCEPTABLE, desc = "each thread its own ticket")
    @Outcome(expect = FORBIDDEN, desc = "the same ticket twice, or a ticket that was not next")
    public static class Synchronized {
        private int next;

        @Actor
        public void one(II_Result result) {
            result.r1 = take();
        }

        @Actor
        public void two(II_Result result) {
            result.r2 = take();
        }

        private synchronized int take() {
            return ++next;
        }
    }

    /** Fixed: the lock covers the increment and its result. */
    @JCStressTest
    @State
    @Outcome(id = "1, 2", expect = ACCEPTABLE, desc = "each thread its own ticket")
    @Outcome(id = "2, 1", expect = ACCEPTABLE, desc = "each thread its own ticket")
    @Outcome(expect = FORBIDDEN, desc = "the same ticket twice, or a ticket that was not next")
    public static class Locked {
        private final ReentrantLock lock = new ReentrantLock();
        private int next;

        @Actor
        public void one(II_Result result) {
            result.r1 = take();
        }

        @Actor
        public void two(II_Result result) {
            result.r2 = take();
        }

        private int take() {
            lock.lock();
            try {
                return ++next;
            } finally {
                lock.unlock();
            }
        }
    }

    /** Fixed: increment and result are one action. */
    @JCStressTest
    @State
    @Outcome(id = "1, 2", expect = ACCEPTABLE, desc = "each thread its own ticket")
    @Outcome(id = "2, 1", expect = ACCEPTABLE, desc = "each thread its own ticket")
    @Outcome(expect = FORBIDDEN, desc = "the same ticket twice, or a ticket that was not next")
    public static class Atomic {
        private final AtomicInteger next = new AtomicInteger();

        @Actor
        public void one(II_Result result) {
            result.r1 = take();
        }

        @Actor
        public void two(II_Result result) {
            result.r2 = take();
        }

        private int take() {
            return next.incrementAndGet();
        }
    }

    /** Fixed: the atomic's action on a plain field. */
    @JCStressTest
    @State
    @Outcome(id = "1, 2", expect = ACCEPTABLE, desc = "each thread its own ticket")
    @Outcome(id = "2, 1", expect = ACCEPTABLE, desc = "each thread its own ticket")
    @Outcome(expect = FORBIDDEN, desc = "the same ticket twice, or a ticket that was not next")
    public static class Handle {
        private static final VarHandle NEXT = Fields.handle(MethodHandles.lookup(), Handle.class, "next");

        private int next;

        @Actor
        public void one(II_Result result) {
            result.r1 = take();
        }

        @Actor
        public void two(II_Result result) {
            result.r2 = take();
        }

        private int take() {
            return (int) NEXT.getAndAdd(this, 1) + 1;
        }
    }
}
