package dev.brigade.process.connection;

import dev.brigade.process.protocol.Frame;
import dev.brigade.process.protocol.FrameChannel;
import dev.brigade.process.protocol.ResultRing;
import dev.brigade.process.scheduling.WorkerRecord;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A worker with its connection: the socket, the result ring, and the last lines of its stderr.
 *
 * <p>Design note: each volatile field is set once. The thread that starts the worker sets the token and the ring, and the event loop
 * sets the channel. The event loop takes the ring away when the worker is dead.
 */
public abstract class ConnectedWorker extends WorkerRecord {
    private final FrameFlusher flusher;
    private final StderrTail stderr = new StderrTail();

    /** True while the worker is in the flusher's queue. */
    final AtomicBoolean unflushed = new AtomicBoolean();

    /** Proves that a connection is the worker's; empty until its process is started. */
    private volatile String token = "";

    private volatile @Nullable FrameChannel channel;
    private volatile ResultRing.@Nullable Reader ring;

    /** The number of RUN frames sent. Written by the thread that drains the actions, one at a time. */
    private int sentTasks;

    /**
     * Makes one without a connection.
     *
     * @param flusher is told of the frames that wait to be written
     * @param number its number in the pool, from 1
     * @param slot its place
     * @param startDeadlineNanos when it must be ready, by {@link System#nanoTime}
     */
    protected ConnectedWorker(FrameFlusher flusher, int number, int slot, long startDeadlineNanos) {
        super(number, slot, startDeadlineNanos);
        this.flusher = flusher;
    }

    /** Returns its name in logs. */
    public abstract String describe();

    /** Sets the token that a connection has to know, to be called before the process is started. */
    public void setToken(String secret) {
        token = secret;
    }

    public String token() {
        return token;
    }

    /** Sets the ring that small results come through, to be called before the process is started. */
    public void setRing(ResultRing.Reader reader) {
        ring = reader;
    }

    /** Returns the ring that small results come through; null if all results take the socket, and once the worker is dead. */
    ResultRing.@Nullable Reader ring() {
        return ring;
    }

    /** Returns the ring the first time, and null from then on: the ring is not read any more. */
    public ResultRing.@Nullable Reader takeRing() {
        ResultRing.Reader taken = ring;
        ring = null;
        return taken;
    }

    void setChannel(FrameChannel open) {
        channel = open;
    }

    /** Returns the socket's frames; null before the worker has connected. */
    @Nullable
    FrameChannel channel() {
        return channel;
    }

    /** Returns the last lines of what the worker wrote to stderr. */
    public StderrTail stderr() {
        return stderr;
    }

    /** Returns how many attempts were sent. */
    public int sentTasks() {
        return sentTasks;
    }

    @Override
    protected void send(Frame frame) {
        FrameChannel open = channel;
        if (open == null) {
            return;
        }
        try {
            open.append(frame);
            sentTasks += frame.type() == Frame.RUN ? 1 : 0;
            // The release of a batch goes along with the next frame.
            if (frame.type() != Frame.RELEASE) {
                flusher.add(this);
            }
        } catch (RuntimeException | Error e) {
            open.fail(e); // the frame may never be written: the connection ends, and PoolState.disconnected kills the
            // worker
        }
    }

    @Override
    protected void sendBrokeOff() {
        FrameChannel open = channel;
        if (open != null) {
            open.fail(new IllegalStateException("a frame was lost, at the end of a thread's stack"));
        }
    }
}
