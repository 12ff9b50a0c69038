package dev.brigade.stress.races;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.brigade.stress.RunsFrom;
import dev.brigade.stress.StressForm;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * One thread writes the data, then says it is ready. Can the other see "ready" and stale data?
 *
 * Nothing orders two plain writes for another thread, nor two plain reads. x86 keeps both in order in its memory, so there
 * only the compiler is left to swap them, and the outcome is rare or absent; AArch64 swaps them itself. A volatile flag
 * orders it: what happens before the write of {@code ready} is visible to whoever reads that write.
 *
 * <p>From one run of all the tests with these options, without its bars, while other programs used both processors:
 *
 * <pre>
 * $ java -jar stress-tests/target/stress-tests.jar run --form smoke --test MessagePassingRace -- -iters 5 -time 200 -pth false
 * JDK 25.0.3, 2 processors, AMD EPYC, smoke form, 378 s, 2026-11-22T11:26:03Z
 *
 * ok     MessagePassingRace.Plain, race seen in 1 of 1 configuration
 *   0, 0       51,774   32.12 %  acceptable: before the message
 *   0, 1           32    0.02 %  acceptable: between the two writes
 *   1, 0            4  &lt; 0.01 %  interesting: ready, but the data is stale
 *   1, 1      109,394   67.86 %  acceptable: the message arrived whole
 * ok     MessagePassingRace.Volatile, race seen in 0 of 1 configuration
 *   0, 0        3,642   76.72 %  acceptable: before the message
 *   0, 1          215    4.53 %  acceptable: between the two writes
 *   1, 1          890   18.75 %  acceptable: the message arrived whole
 * </pre>
 */
@RunsFrom(value = StressForm.QUICK, because = "smoke keeps to CounterRace and to Brigade's own classes")
public final class MessagePassingRace {
    private MessagePassingRace() {}

    /** Broken: the flag does not order the data; x86 may not show it. */
    @JCStressTest
    @State
    @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "before the message")
    @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "between the two writes")
    @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "the message arrived whole")
    @Outcome(id = "1, 0", expect = ACCEPTABLE_INTERESTING, desc = "ready, but the data is stale")
    @Outcome(expect = FORBIDDEN, desc = "never written")
    public static class Plain {
        private int data;
        private boolean ready;

        @Actor
        public void writer() {
            data = 1;
            ready = true;
        }

        @Actor
        public void reader(II_Result result) {
            result.r1 = ready ? 1 : 0;
            result.r2 = data;
        }
    }

    /** Fixed: the flag's write is read, so the data's write is visible. */
    @JCStressTest
    @State
    @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "before the message")
    @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "between the two writes")
    @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "the message arrived whole")
    @Outcome(expect = FORBIDDEN, desc = "ready, but the data is stale")
    public static class Volatile {
        private int data;
        private volatile boolean ready;

        @Actor
        public void writer() {
            data = 1;
            ready = true;
        }

        @Actor
        public void reader(II_Result result) {
            result.r1 = ready ? 1 : 0;
            result.r2 = data;
        }
    }
}
