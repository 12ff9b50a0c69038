package dev.brigade.stress.races;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.brigade.stress.MustObserve;
import dev.brigade.stress.RunsFrom;
import dev.brigade.stress.StressForm;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Mode;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.Signal;
import org.openjdk.jcstress.annotations.State;

/**
 * One thread loops until the other says stop. Does it ever hear it?
 *
 * A plain read that nothing in the loop can change may be read once, before the loop: the Java Memory Model demands no
 * more without a happens-before edge, and the optimizing compiler (C2) does just that. This is not a delay, the loop is
 * endless. A volatile read is made anew each time.
 *
 * <p>From one run of all the tests with these options, without its bars, while other programs used both processors:
 *
 * <pre>
 * $ java -jar stress-tests/target/stress-tests.jar run --form smoke --test VisibilityRace -- -iters 5 -time 200 -pth false
 * JDK 25.0.3, 2 processors, AMD EPYC, smoke form, 378 s, 2026-11-22T11:26:03Z
 *
 * ok     VisibilityRace.Plain, race seen in 1 of 1 configuration
 *        STALE            1   33.33 %  interesting: never heard: an endless loop
 *   TERMINATED            2   66.67 %  acceptable: heard
 * ok     VisibilityRace.Volatile, race seen in 0 of 1 configuration
 *   TERMINATED          355  100.00 %  acceptable: heard
 * </pre>
 */
@RunsFrom(value = StressForm.FULL, because = "a loop that never ends costs over 30 s in each fork")
public final class VisibilityRace {
    private VisibilityRace() {}

    /** Broken: the compiled loop never looks again. */
    @JCStressTest(Mode.Termination)
    @State
    @MustObserve("STALE")
    @Outcome(id = "TERMINATED", expect = ACCEPTABLE, desc = "heard")
    @Outcome(id = "STALE", expect = ACCEPTABLE_INTERESTING, desc = "never heard: an endless loop")
    @Outcome(expect = FORBIDDEN, desc = "no other end")
    public static class Plain {
        private boolean stop;

        @Actor
        public void loop() {
            while (!stop) {
                // Nothing in here makes the compiler read the field again.
            }
        }

        @Signal
        public void signal() {
            stop = true;
        }
    }

    /** Fixed: each turn reads the field. */
    @JCStressTest(Mode.Termination)
    @State
    @Outcome(id = "TERMINATED", expect = ACCEPTABLE, desc = "heard")
    @Outcome(expect = FORBIDDEN, desc = "never heard: an endless loop")
    public static class Volatile {
        private volatile boolean stop;

        @Actor
        public void loop() {
            while (!stop) {
                // Nothing in here makes the compiler read the field again.
            }
        }

        @Signal
        public void signal() {
            stop = true;
        }
    }
}
