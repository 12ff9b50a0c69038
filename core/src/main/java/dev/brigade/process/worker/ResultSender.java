package dev.brigade.process.worker;

import dev.brigade.process.protocol.Frame;
import dev.brigade.process.protocol.FrameChannel;
import dev.brigade.process.protocol.ResultRing;
import dev.brigade.transport.Payload;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Sends a worker's results to the parent: through the {@link ResultRing} if possible, else by the socket. Either way a result has left this
 * process before the next body begins.
 *
 * <p>Design note: body's thread only. The parent looks for results in the ring by itself within a millisecond (its polling interval), and
 * takes many at once. The doorbell wakes it if it has to act sooner, or after a long body, during which it may have stopped looking.
 */
final class ResultSender {
    /** Longest body without a doorbell: the parent goes on looking for longer than that. */
    private static final long QUICK_NANOS = TimeUnit.MICROSECONDS.toNanos(500);

    private static final long ROOM_NANOS = TimeUnit.MICROSECONDS.toNanos(50);

    private final FrameChannel channel;
    private final ResultRing.@Nullable Writer ring;
    private final TaskInbox inbox;

    ResultSender(FrameChannel channel, ResultRing.@Nullable Writer ring, TaskInbox inbox) {
        this.channel = channel;
        this.ring = ring;
        this.inbox = inbox;
    }

    FrameChannel channel() {
        return channel;
    }

    /**
     * Sends the result of an attempt.
     *
     * @param id the number of the attempt
     * @param reply its result or failure
     * @param nanos the time that it took
     * @param printed true if output of the attempt is on the socket, which its result must not overtake
     */
    void send(int id, Payload reply, long nanos, boolean printed) {
        ResultRing.Writer open = ring;
        if (open == null) {
            sendBySocket(id, reply, nanos);
        } else if (printed || reply.size() > ResultRing.MAX_PAYLOAD_BYTES) {
            while (!open.mark(id)) {
                awaitRoom(open);
            }
            sendBySocket(id, reply, nanos);
        } else {
            while (!open.offer(id, reply.kind(), nanos, reply.bytes())) {
                awaitRoom(open);
            }
            // The result is published by now. If a task is given back from here on, its frame makes the parent take the
            // result.
            if ((nanos > QUICK_NANOS || inbox.isLow()) && open.mustRing()) {
                ringDoorbell();
            }
        }
    }

    private void sendBySocket(int id, Payload reply, long nanos) {
        Frame frame = new Frame(Frame.RESULT, id, 0, 0, reply.kind(), nanos, reply.bytes());
        channel.awaitWritten(channel.send(frame));
    }

    /** Waits while the parent is behind by a whole ring, as with a full socket. */
    private void awaitRoom(ResultRing.Writer full) {
        if (full.mustRing()) {
            ringDoorbell();
        }
        LockSupport.parkNanos(ROOM_NANOS);
    }

    private void ringDoorbell() {
        channel.send(Frame.of(Frame.BELL, 0));
    }
}
