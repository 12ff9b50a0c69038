package dev.brigade.process.protocol;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.brigade.stress.MustObserve;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/**
 * Two threads send frames through one channel, and neither waits for the other. Is each frame written?
 *
 * Whoever flushes first writes for both, and the other leaves at once. The count of requests tells the writer that there was another
 * after its last look. A flag cannot: the frame that was queued after the last look, and before the flag fell, stays in the queue,
 * and the worker waits for a task that never comes.
 */
public final class FlushRace {
    private FlushRace() {}

    /** The twin: a flag instead of a count. */
    @JCStressTest
    @State
    @MustObserve("1")
    @Outcome(id = "0", expect = ACCEPTABLE, desc = "all are written")
    @Outcome(id = "1", expect = ACCEPTABLE_INTERESTING, desc = "a frame stays in the queue")
    @Outcome(expect = FORBIDDEN, desc = "no interleaving gives this")
    public static class Racy {
        private static final int SPINS = 20;

        private final Queue<String> queue = new ConcurrentLinkedQueue<>();
        private final AtomicBoolean writing = new AtomicBoolean();

        @Actor
        public void one() {
            send();
        }

        @Actor
        public void two() {
            send();
        }

        private void send() {
            queue.add("frame");
            if (writing.compareAndSet(false, true)) {
                String frame = queue.poll();
                while (frame != null) {
                    frame = queue.poll();
                }
                wantNoWrite();
                writing.set(false);
            }
        }

        /** Takes as long as the shipped channel takes to tell its selector that nothing is left. */
        private static void wantNoWrite() {
            for (int i = 0; i < SPINS; i++) {
                Thread.onSpinWait();
            }
        }

        @Arbiter
        public void after(I_Result result) {
            result.r1 = queue.size();
        }
    }

    /** The shipped channel, on a socket that takes all: how many bytes of two frames were not written. */
    @JCStressTest
    @State
    @Outcome(id = "0", expect = ACCEPTABLE, desc = "all are written, once")
    @Outcome(expect = FORBIDDEN, desc = "a frame stays in the queue, or is written twice")
    public static class Actual {
        private static final int READ_BYTES = 1;
        private static final int BATCH_BYTES = 4 * Frame.HEADER_BYTES;

        private final CountingSocket socket = new CountingSocket();
        private final FrameChannel channel =
                new FrameChannel(socket, CountingSocket.KEY, READ_BYTES, READ_BYTES, BATCH_BYTES);

        @Actor
        public void one() {
            channel.send(Frame.of(Frame.BELL, 1));
        }

        @Actor
        public void two() {
            channel.send(Frame.of(Frame.BELL, 2));
        }

        @Arbiter
        public void after(I_Result result) {
            result.r1 = 2 * Frame.HEADER_BYTES - socket.bytes;
        }
    }
}
