package dev.brigade.process.protocol;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.brigade.stress.MustObserve;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.IZ_Result;
import org.openjdk.jcstress.infra.results.I_Result;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/**
 * A worker publishes a result in memory that its parent has mapped too. Is a result read whole, and is a sleeping parent rung?
 *
 * The worker writes the record, then the count of published bytes, with a fence between; the parent reads them the other way round.
 * The parent frees a record's room after it has copied the record. For the doorbell each side writes its own word, fences, and then
 * reads the other's. Both sides are in one JVM here, and the memory is an array: what orders the accesses is the same.
 */
public final class RingRace {
    /** The length of the twins' records: to write one takes a while. */
    private static final int RECORD_LENGTH = 64;

    /** Fills the ring without a rest, so that a new record takes the place of the oldest. */
    private static final int PAYLOAD_BYTES = ResultRing.CAPACITY / 16 - ResultRing.HEADER_BYTES;

    private static final byte[] OLD = bytes(1);
    private static final byte[] NEW = bytes(2);

    private RingRace() {}

    private static byte[] bytes(int each) {
        byte[] bytes = new byte[PAYLOAD_BYTES];
        Arrays.fill(bytes, (byte) each);
        return bytes;
    }

    /** A ring in memory of its own. */
    private static final class Ring {
        final ResultRing.Writer worker;
        final ResultRing.Reader parent;

        Ring() {
            ByteBuffer page = ByteBuffer.allocate(ResultRing.FILE_BYTES).order(ByteOrder.nativeOrder());
            worker = new ResultRing.Writer(page);
            parent = new ResultRing.Reader(Path.of("ring"), page);
        }

        boolean offer(byte[] result) {
            return worker.offer(1, (byte) 0, 0, result);
        }

        /** Takes a result: 1 or 2 as all its bytes are, 0 if there is none, -1 if they are not all the same. */
        int take() {
            try {
                Frame frame = parent.peek(parent.published());
                if (frame == null) {
                    return 0;
                }
                parent.remove(frame);
                byte[] bytes = frame.bytes();
                boolean same = Arrays.equals(bytes, OLD) || Arrays.equals(bytes, NEW);
                return same ? bytes[0] : -1;
            } catch (ProtocolException e) {
                return -1;
            }
        }
    }

    /** The twin of the doorbell: no fence between writing one's own word and reading the other's. */
    @JCStressTest
    @State
    @MustObserve("false, true")
    @Outcome(id = "true, true", expect = ACCEPTABLE, desc = "the parent sleeps, and is rung")
    @Outcome(id = "true, false", expect = ACCEPTABLE, desc = "the parent stays awake, and is rung for nothing")
    @Outcome(id = "false, false", expect = ACCEPTABLE, desc = "the parent stays awake")
    @Outcome(id = "false, true", expect = ACCEPTABLE_INTERESTING, desc = "the parent sleeps, and is not rung")
    public static class RacyBell {
        private int published;
        private int asleep;

        @Actor
        public void worker(ZZ_Result result) {
            published = 1;
            result.r1 = asleep == 1;
        }

        @Actor
        public void parent(ZZ_Result result) {
            asleep = 1;
            result.r2 = published == 0;
        }
    }

    /** The shipped ring: a worker that publishes, and a parent that goes to sleep. */
    @JCStressTest
    @State
    @Outcome(id = "true, true", expect = ACCEPTABLE, desc = "the parent sleeps, and is rung")
    @Outcome(id = "true, false", expect = ACCEPTABLE, desc = "the parent stays awake, and is rung for nothing")
    @Outcome(id = "false, false", expect = ACCEPTABLE, desc = "the parent stays awake")
    @Outcome(expect = FORBIDDEN, desc = "the parent sleeps, and is not rung")
    public static class ActualBell {
        private final Ring ring = new Ring();

        @Actor
        public void worker(ZZ_Result result) {
            ring.offer(Frame.NO_BYTES);
            result.r1 = ring.worker.mustRing();
        }

        @Actor
        public void parent(ZZ_Result result) {
            result.r2 = ring.parent.armDoorbell();
        }
    }

    /** The twin of a record: the count is written first. */
    @JCStressTest
    @State
    @MustObserve("1, 0")
    @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "nothing yet")
    @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "the whole result")
    @Outcome(id = "1, 0", expect = ACCEPTABLE_INTERESTING, desc = "a result that is not there yet")
    @Outcome(expect = FORBIDDEN, desc = "no interleaving gives this")
    public static class RacyRecord {
        private volatile int published;
        private final int[] record = new int[RECORD_LENGTH];

        @Actor
        public void worker() {
            published = 1;
            Arrays.fill(record, 1);
        }

        @Actor
        public void parent(II_Result result) {
            result.r1 = published;
            result.r2 = result.r1 == 0 ? 0 : record[RECORD_LENGTH - 1];
        }
    }

    /** The shipped ring: a worker that publishes, and a parent that looks. */
    @JCStressTest
    @State
    @Outcome(id = "0", expect = ACCEPTABLE, desc = "nothing yet")
    @Outcome(id = "2", expect = ACCEPTABLE, desc = "the whole result")
    @Outcome(expect = FORBIDDEN, desc = "a result that is not all there")
    public static class ActualRecord {
        private final Ring ring = new Ring();

        @Actor
        public void worker() {
            ring.offer(NEW);
        }

        @Actor
        public void parent(I_Result result) {
            result.r1 = ring.take();
        }
    }

    /** The twin of the room: it is freed, and the record copied afterwards. */
    @JCStressTest
    @State
    @MustObserve("2, true")
    @Outcome(id = "1, false", expect = ACCEPTABLE, desc = "read while there was no room")
    @Outcome(id = "1, true", expect = ACCEPTABLE, desc = "read, and then overwritten")
    @Outcome(id = "2, true", expect = ACCEPTABLE_INTERESTING, desc = "overwritten while it was read")
    @Outcome(expect = FORBIDDEN, desc = "no interleaving gives this")
    public static class RacyRoom {
        private volatile boolean free;
        private final int[] record = new int[RECORD_LENGTH];

        @Actor
        public void worker(IZ_Result result) {
            boolean room = free;
            result.r2 = room;
            if (room) {
                Arrays.fill(record, 1);
            }
        }

        @Actor
        public void parent(IZ_Result result) {
            free = true;
            result.r1 = 1 + Arrays.stream(record).max().orElseThrow();
        }
    }

    /** The shipped ring, full: a parent that takes the oldest result, and a worker that waits for its room. */
    @JCStressTest
    @State
    @Outcome(id = "1, false", expect = ACCEPTABLE, desc = "read while there was no room")
    @Outcome(id = "1, true", expect = ACCEPTABLE, desc = "read, and then overwritten")
    @Outcome(expect = FORBIDDEN, desc = "overwritten while it was read")
    public static class ActualRoom {
        private final Ring ring = new Ring();

        public ActualRoom() {
            boolean room = true;
            while (room) {
                room = ring.offer(OLD);
            }
        }

        @Actor
        public void worker(IZ_Result result) {
            result.r2 = ring.offer(NEW);
        }

        @Actor
        public void parent(IZ_Result result) {
            result.r1 = ring.take();
        }
    }
}
