package dev.brigade.process.connection;

import dev.brigade.process.protocol.FrameChannel;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Writes the frames that decisions have queued, once for many.
 *
 * <p><b>Thread safety</b>: all methods, from any thread; none blocks.
 */
public final class FrameFlusher {
    /** Workers with frames to be written, each at most once. */
    private final Queue<ConnectedWorker> unflushed = new ConcurrentLinkedQueue<>();

    /** Notes that the worker has frames to be written. */
    void add(ConnectedWorker worker) {
        if (!worker.unflushed.get() && worker.unflushed.compareAndSet(false, true)) {
            boolean added = false;
            try {
                unflushed.add(worker);
                added = true;
            } finally {
                if (!added) {
                    worker.unflushed.set(false); // where memory ends, a later frame must not find it noted
                }
            }
        }
    }

    /** Writes to the sockets of all noted workers, as far as those take it. */
    public void flush() {
        for (ConnectedWorker worker = unflushed.poll(); worker != null; worker = unflushed.poll()) {
            worker.unflushed.set(false);
            FrameChannel channel = worker.channel();
            if (channel != null) {
                flush(worker, channel);
            }
        }
    }

    private void flush(ConnectedWorker worker, FrameChannel channel) {
        boolean done = false;
        try {
            channel.flush();
            done = true;
        } finally {
            if (!done) {
                add(worker); // the event loop flushes in its next round
            }
        }
    }
}
