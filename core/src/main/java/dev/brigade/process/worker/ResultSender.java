package dev.brigade.process.worker;

import dev.brigade.process.protocol.Frame;
import dev.brigade.process.protocol.FrameChannel;
import dev.brigade.process.protocol.ResultRing;
import dev.brigade.transport.Payload;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * How a worker's results reach the parent: through the {@link ResultRing} where they can, else by the socket. Either way a result
 * is out of this process's hands before the next body begins.
 *
 * <p>Design note: body thread only. Results in the ring wait for the parent to look; it is rung awake when it has to act soon, or
 * after a body that was long enough for it to have stopped looking. Else it looks by itself within a millisecond
 * (its polling interval), and takes many at once.
 */
final class ResultSender {
    /** The parent goes on looking for longer than that. */
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

    FrameChannel link() {
        return channel;
    }

    /**
     * Answers an item.
     *
     * @param id the item
     * @param reply its result or failure
     * @param nanos how long it took
     * @param printed whether frames of this item are on the socket, which its result must not overtake
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
            // Asked when the result can be seen: what is given back from now on makes the parent look, and see it.
            if ((nanos > QUICK_NANOS || inbox.isLow()) && open.mustRing()) {
                ring();
            }
        }
    }

    private void sendBySocket(int id, Payload reply, long nanos) {
        Frame frame = new Frame(Frame.RESULT, id, 0, 0, reply.kind(), nanos, reply.bytes());
        channel.awaitWritten(channel.send(frame));
    }

    /** The parent is behind by a whole ring: as with a full socket, the worker waits. */
    private void awaitRoom(ResultRing.Writer full) {
        if (full.mustRing()) {
            ring();
        }
        LockSupport.parkNanos(ROOM_NANOS);
    }

    private void ring() {
        channel.send(Frame.of(Frame.BELL, 0));
    }
}
