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
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/**
 * Two threads add one five times each. What is the least that may be left of ten?
 *
 * Not five but two. A thread reads 0 and stops; the other finishes four increments; the first writes 1; the other reads
 * that 1 for its last increment and stops; the first finishes; the other writes 2. The Java Memory Model allows no less
 * even for the plain field, since each thread reads its own earlier writes or something newer. Small values need several
 * unlucky stops in one run: in practice 5 to 9 show, 3 and 4 hardly ever, and 2 was never seen. Compiled, the plain loop
 * may also become one {@code count += 5}, which leaves 5 or 10 and nothing between.
 *
 * <p>From one run of all the tests with these options, without its bars, while other programs used both processors:
 *
 * <pre>
 * $ java -jar stress-tests/target/stress-tests.jar run --form smoke --test FiveIncrementsRace -- -iters 5 -time 200 -pth false
 * JDK 25.0.3, 2 processors, AMD EPYC, smoke form, 378 s, 2026-11-22T11:26:03Z
 *
 * ok     FiveIncrementsRace.Adder, race seen in 0 of 1 configuration
 *   10      131,764  100.00 %  acceptable: every increment counts
 * ok     FiveIncrementsRace.Atomic, race seen in 0 of 1 configuration
 *   10      663,571  100.00 %  acceptable: every increment counts
 * ok     FiveIncrementsRace.Handle, race seen in 0 of 1 configuration
 *   10      155,123  100.00 %  acceptable: every increment counts
 * ok     FiveIncrementsRace.Locked, race seen in 0 of 1 configuration
 *   10      111,284  100.00 %  acceptable: every increment counts
 * ok     FiveIncrementsRace.Plain, race seen in 1 of 1 configuration
 *      10      354,156   95.10 %  acceptable: every increment counts
 *       5       18,245    4.90 %  interesting: up to five increments are lost
 *       6            1  &lt; 0.01 %  interesting: up to five increments are lost
 *       7            2  &lt; 0.01 %  interesting: up to five increments are lost
 *   [2-4]            0    0.00 %  interesting: a stale read undoes the other's work as well
 * ok     FiveIncrementsRace.Synchronized, race seen in 0 of 1 configuration
 *   10      165,044  100.00 %  acceptable: every increment counts
 * ok     FiveIncrementsRace.Volatile, race seen in 1 of 1 configuration
 *   10      151,273   92.37 %  acceptable: every increment counts
 *    3            2  &lt; 0.01 %  interesting: a stale read undoes the other's work as well
 *    4           21    0.01 %  interesting: a stale read undoes the other's work as well
 *    5        2,273    1.39 %  interesting: up to five increments are lost
 *    6        1,270    0.78 %  interesting: up to five increments are lost
 *    7        1,585    0.97 %  interesting: up to five increments are lost
 *    8        2,905    1.77 %  interesting: up to five increments are lost
 *    9        4,435    2.71 %  interesting: up to five increments are lost
 * </pre>
 */
@RunsFrom(value = StressForm.QUICK, because = "smoke keeps to CounterRace and to Brigade's own classes")
public final class FiveIncrementsRace {
    private FiveIncrementsRace() {}

    /** Broken: each increment is three actions. */
    @JCStressTest
    @State
    @MustObserve("[5-9]")
    @Outcome(id = "10", expect = ACCEPTABLE, desc = "every increment counts")
    @Outcome(id = "[5-9]", expect = ACCEPTABLE_INTERESTING, desc = "up to five increments are lost")
    @Outcome(id = "[2-4]", expect = ACCEPTABLE_INTERESTING, desc = "a stale read undoes the other's work as well")
    @Outcome(expect = FORBIDDEN, desc = "no interleaving gives this")
    public static class Plain {
        private int count;

        @Actor
        public void one() {
            addFive();
        }

        @Actor
        public void two() {
            addFive();
        }

        private void addFive() {
            for (int i = 0; i < 5; i++) {
                count++;
            }
        }

        @Arbiter
        public void after(I_Result result) {
            result.r1 = count;
        }
    }

    /** Broken: ten ordered reads and writes, none of them fused. */
    @JCStressTest
    @State
    @MustObserve("[5-9]")
    @Outcome(id = "10", expect = ACCEPTABLE, desc = "every increment counts")
    @Outcome(id = "[5-9]", expect = ACCEPTABLE_INTERESTING, desc = "up to five increments are lost")
    @Outcome(id = "[2-4]", expect = ACCEPTABLE_INTERESTING, desc = "a stale read undoes the other's work as well")
    @Outcome(expect = FORBIDDEN, desc = "no interleaving gives this")
    public static class Volatile {
        private volatile int count;

        @Actor
        public void one() {
            addFive();
        }

        @Actor
        public void two() {
            addFive();
        }

        private void addFive() {
            for (int i = 0; i < 5; i++) {
                count++;
            }
        }

        @Arbiter
        public void after(I_Result result) {
            result.r1 = count;
        }
    }

    /** Fixed: one thread at a time holds the monitor. */
    @JCStressTest
    @State
    @Outcome(id = "10", expect = ACCEPTABLE, desc = "every increment counts")
    @Outcome(expect = FORBIDDEN, desc = "an increment is lost")
    public static class Synchronized {
        private int count;

        @Actor
        public void one() {
            for (int i = 0; i < 5; i++) {
                add();
            }
        }

        @Actor
        public void two() {
            for (int i = 0; i < 5; i++) {
                add();
            }
        }

        private synchronized void add() {
            count++;
        }

        @Arbiter
        public void after(I_Result result) {
            result.r1 = count;
        }
    }

    /** Fixed: one thread at a time holds the lock. */
    @JCStressTest
    @State
    @Outcome(id = "10", expect = ACCEPTABLE, desc = "every increment counts")
    @Outcome(expect = FORBIDDEN, desc = "an increment is lost")
    public static class Locked {
        private final ReentrantLock lock = new ReentrantLock();
        private int count;

        @Actor
        public void one() {
            for (int i = 0; i < 5; i++) {
                add();
            }
        }

        @Actor
        public void two() {
            for (int i = 0; i < 5; i++) {
                add();
            }
        }

        private void add() {
            lock.lock();
            try {
                count++;
            } finally {
                lock.unlock();
            }
        }

        @Arbiter
        public void after(I_Result result) {
            result.r1 = count;
        }
    }

    /** Fixed: read, add and write are one action. */
    @JCStressTest
    @State
    @Outcome(id = "10", expect = ACCEPTABLE, desc = "every increment counts")
    @Outcome(expect = FORBIDDEN, desc = "an increment is lost")
    public static class Atomic {
        private final AtomicInteger count = new AtomicInteger();

        @Actor
        public void one() {
            addFive();
        }

        @Actor
        public void two() {
            addFive();
        }

        private void addFive() {
            for (int i = 0; i < 5; i++) {
                count.incrementAndGet();
            }
        }

        @Arbiter
        public void after(I_Result result) {
            result.r1 = count.get();
        }
    }

    /** Fixed: cells of their own under contention, summed afterwards. */
    @JCStressTest
    @State
    @Outcome(id = "10", expect = ACCEPTABLE, desc = "every increment counts")
    @Outcome(expect = FORBIDDEN, desc = "an increment is lost")
    public static class Adder {
        private final LongAdder count = new LongAdder();

        @Actor
        public void one() {
            addFive();
        }

        @Actor
        public void two() {
            addFive();
        }

        private void addFive() {
            for (int i = 0; i < 5; i++) {
                count.increment();
            }
        }

        @Arbiter
        public void after(I_Result result) {
            result.r1 = count.intValue();
        }
    }

    /** Fixed: the atomic's action on a plain field. */
    @JCStressTest
    @State
    @Outcome(id = "10", expect = ACCEPTABLE, desc = "every increment counts")
    @Outcome(expect = FORBIDDEN, desc = "an increment is lost")
    public static class Handle {
        private static final VarHandle COUNT = Fields.handle(MethodHandles.lookup(), Handle.class, "count");

        private int count;

        @Actor
        public void one() {
            addFive();
        }

        @Actor
        public void two() {
            addFive();
        }

        private void addFive() {
            for (int i = 0; i < 5; i++) {
                COUNT.getAndAdd(this, 1);
            }
        }

        @Arbiter
        public void after(I_Result result) {
            result.r1 = count;
        }
    }
}
