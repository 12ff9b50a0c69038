package dev.brigade.stress.races;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.brigade.stress.MustObserve;
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
 * Two threads add one to the same counter. Is it two afterwards?
 *
 * <p>{@code count++} is three actions: read, add, write. The Java Memory Model (JLS 17.4) orders actions only where a
 * happens-before edge does, and between two plain increments there is none, so both threads may read 0 and both write
 * 1. Making the field {@code volatile} orders each read and each write, but does not fuse them: another thread's
 * write still fits between. A lock makes the three exclusive; an atomic makes them one.
 *
 * <p>From one run of all the tests with these options, without its bars, while other programs used both processors:
 *
 * <pre>
 * $ java -jar stress-tests/target/stress-tests.jar run --form smoke --test CounterRace -- -iters 5 -time 200 -pth false
 * JDK 25.0.3, 2 processors, AMD EPYC, smoke form, 378 s, 2026-11-22T11:26:03Z
 *
 * ok     CounterRace.Adder, race seen in 0 of 1 configuration
 *   2      131,764  100.00 %  acceptable: both increments count
 * ok     CounterRace.Atomic, race seen in 0 of 1 configuration
 *   2      172,724  100.00 %  acceptable: both increments count
 * ok     CounterRace.Handle, race seen in 0 of 1 configuration
 *   2      120,244  100.00 %  acceptable: both increments count
 * ok     CounterRace.Locked, race seen in 0 of 1 configuration
 *   2       92,084  100.00 %  acceptable: both increments count
 * ok     CounterRace.Plain, race seen in 1 of 1 configuration
 *   1        2,007    1.36 %  interesting: one increment is lost
 *   2      145,244   98.64 %  acceptable: both increments count
 * ok     CounterRace.Synchronized, race seen in 0 of 1 configuration
 *   2       40,062  100.00 %  acceptable: both increments count
 * ok     CounterRace.Volatile, race seen in 1 of 1 configuration
 *   1        5,599    3.42 %  interesting: one increment is lost
 *   2      158,165   96.58 %  acceptable: both increments count
 * </pre>
 */
public final class CounterRace {
    private CounterRace() {}

    /** Broken: three separate actions. */
    @JCStressTest
    @State
    @MustObserve("1")
    @Outcome(id = "2", expect = ACCEPTABLE, desc = "both increments count")
    @Outcome(id = "1", expect = ACCEPTABLE_INTERESTING, desc = "one increment is lost")
    @Outcome(expect = FORBIDDEN, desc = "no interleaving gives this")
    public static class Plain {
        private int count;

        @Actor
        public void one() {
            count++;
        }

        @Actor
        public void two() {
            count++;
        }

        @Arbiter
        public void after(I_Result result) {
            result.r1 = count;
        }
    }

    /** Broken: every read and write is visible at once, but they are still separate. */
    @JCStressTest
    @State
    @MustObserve("1")
    @Outcome(id = "2", expect = ACCEPTABLE, desc = "both increments count")
    @Outcome(id = "1", expect = ACCEPTABLE_INTERESTING, desc = "one increment is lost")
    @Outcome(expect = FORBIDDEN, desc = "no interleaving gives this")
    public static class Volatile {
        private volatile int count;

        @Actor
        public void one() {
            count++;
        }

        @Actor
        public void two() {
            count++;
        }

        @Arbiter
        public void after(I_Result result) {
            result.r1 = count;
        }
    }

    /** Fixed: one thread at a time holds the monitor. */
    @JCStressTest
    @State
    @Outcome(id = "2", expect = ACCEPTABLE, desc = "both increments count")
    @Outcome(expect = FORBIDDEN, desc = "the monitor admitted two threads")
    public static class Synchronized {
        private int count;

        @Actor
        public void one() {
            add();
        }

        @Actor
        public void two() {
            add();
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
    @Outcome(id = "2", expect = ACCEPTABLE, desc = "both increments count")
    @Outcome(expect = FORBIDDEN, desc = "the lock admitted two threads")
    public static class Locked {
        private final ReentrantLock lock = new ReentrantLock();
        private int count;

        @Actor
        public void one() {
            add();
        }

        @Actor
        public void two() {
            add();
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
    @Outcome(id = "2", expect = ACCEPTABLE, desc = "both increments count")
    @Outcome(expect = FORBIDDEN, desc = "the increment is not atomic")
    public static class Atomic {
        private final AtomicInteger count = new AtomicInteger();

        @Actor
        public void one() {
            count.incrementAndGet();
        }

        @Actor
        public void two() {
            count.incrementAndGet();
        }

        @Arbiter
        public void after(I_Result result) {
            result.r1 = count.get();
        }
    }

    /** Fixed: under contention each thread adds to a cell of its own, and the sum is taken afterwards. */
    @JCStressTest
    @State
    @Outcome(id = "2", expect = ACCEPTABLE, desc = "both increments count")
    @Outcome(expect = FORBIDDEN, desc = "a cell is lost")
    public static class Adder {
        private final LongAdder count = new LongAdder();

        @Actor
        public void one() {
            count.increment();
        }

        @Actor
        public void two() {
            count.increment();
        }

        @Arbiter
        public void after(I_Result result) {
            result.r1 = count.intValue();
        }
    }

    /** Fixed: the atomic's action on a plain field. */
    @JCStressTest
    @State
    @Outcome(id = "2", expect = ACCEPTABLE, desc = "both increments count")
    @Outcome(expect = FORBIDDEN, desc = "the increment is not atomic")
    public static class Handle {
        private static final VarHandle COUNT = Fields.handle(MethodHandles.lookup(), Handle.class, "count");

        private int count;

        @Actor
        public void one() {
            COUNT.getAndAdd(this, 1);
        }

        @Actor
        public void two() {
            COUNT.getAndAdd(this, 1);
        }

        @Arbiter
        public void after(I_Result result) {
            result.r1 = count;
        }
    }
}
