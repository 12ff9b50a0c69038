package dev.brigade.stress.races;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.brigade.stress.RunsFrom;
import dev.brigade.stress.StressForm;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.concurrent.ThreadLocalRandom;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.J_Result;

/**
 * One thread writes a long with all its bits set. Can another see only some of them?
 *
 * A plain {@code long} or {@code double} may be written in two halves (JLS 17.7). 64-bit HotSpot does not do it, so the
 * plain field shows nothing here, and would on a 32-bit JVM. A long viewed at any place of a byte array is no variable at
 * all: where it straddles a cache line, the processor does two writes. A volatile long is always written whole.
 *
 * <p>From one run of all the tests with these options, without its bars, while other programs used both processors:
 *
 * <pre>
 * $ java -jar stress-tests/target/stress-tests.jar run --form smoke --test LongTearingRace -- -iters 5 -time 200 -pth false
 * JDK 25.0.3, 2 processors, AMD EPYC, smoke form, 378 s, 2026-11-22T11:26:03Z
 *
 * ok     LongTearingRace.PlainField, race seen in 0 of 1 configuration
 *            -1       78,243   62.19 %  acceptable: after the write
 *   -4294967296            0    0.00 %  interesting: half a write
 *             0       47,562   37.81 %  acceptable: before the write
 *    4294967295            0    0.00 %  interesting: half a write
 * ok     LongTearingRace.View, race seen in 1 of 1 configuration
 *                  -1       90,124   68.87 %  acceptable: after the write
 *                   0       40,724   31.12 %  acceptable: before the write
 *       1099511627775            2  &lt; 0.01 %  interesting: some bytes of a write
 *            16777215            2  &lt; 0.01 %  interesting: some bytes of a write
 *                 255            3  &lt; 0.01 %  interesting: some bytes of a write
 *     281474976710655            1  &lt; 0.01 %  interesting: some bytes of a write
 *          4294967295            2  &lt; 0.01 %  interesting: some bytes of a write
 *               65535            4  &lt; 0.01 %  interesting: some bytes of a write
 *   72057594037927935            5  &lt; 0.01 %  interesting: some bytes of a write
 * ok     LongTearingRace.VolatileField, race seen in 0 of 1 configuration
 *   -1       73,036   64.70 %  acceptable: after the write
 *    0       39,847   35.30 %  acceptable: before the write
 * </pre>
 */
@RunsFrom(value = StressForm.QUICK, because = "smoke keeps to CounterRace and to Brigade's own classes")
public final class LongTearingRace {
    private LongTearingRace() {}

    /** Broken by the letter; a 64-bit JVM does not show it. */
    @JCStressTest
    @State
    @Outcome(id = "0", expect = ACCEPTABLE, desc = "before the write")
    @Outcome(id = "-1", expect = ACCEPTABLE, desc = "after the write")
    @Outcome(
            id = {"4294967295", "-4294967296"},
            expect = ACCEPTABLE_INTERESTING,
            desc = "half a write")
    @Outcome(expect = FORBIDDEN, desc = "never written")
    public static class PlainField {
        private long value;

        @Actor
        public void writer() {
            value = -1;
        }

        @Actor
        public void reader(J_Result result) {
            result.r1 = value;
        }
    }

    /** Broken: at a random place in a byte array, sometimes across two cache lines. */
    @JCStressTest
    @State
    @Outcome(id = "0", expect = ACCEPTABLE, desc = "before the write")
    @Outcome(id = "-1", expect = ACCEPTABLE, desc = "after the write")
    @Outcome(
            id = {
                "255",
                "65535",
                "16777215",
                "4294967295",
                "1099511627775",
                "281474976710655",
                "72057594037927935",
                "-256",
                "-65536",
                "-16777216",
                "-4294967296",
                "-1099511627776",
                "-281474976710656",
                "-72057594037927936"
            },
            expect = ACCEPTABLE_INTERESTING,
            desc = "some bytes of a write")
    @Outcome(expect = FORBIDDEN, desc = "never written")
    public static class View {
        private static final VarHandle LONG =
                MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());

        private final byte[] bytes = new byte[128];
        private final int place = ThreadLocalRandom.current().nextInt(bytes.length - Long.BYTES);

        @Actor
        public void writer() {
            LONG.set(bytes, place, -1L);
        }

        @Actor
        public void reader(J_Result result) {
            result.r1 = (long) LONG.get(bytes, place);
        }
    }

    /** Fixed: volatile longs are written whole. */
    @JCStressTest
    @State
    @Outcome(id = "0", expect = ACCEPTABLE, desc = "before the write")
    @Outcome(id = "-1", expect = ACCEPTABLE, desc = "after the write")
    @Outcome(expect = FORBIDDEN, desc = "half a write")
    public static class VolatileField {
        private volatile long value;

        @Actor
        public void writer() {
            value = -1;
        }

        @Actor
        public void reader(J_Result result) {
            result.r1 = value;
        }
    }
}
