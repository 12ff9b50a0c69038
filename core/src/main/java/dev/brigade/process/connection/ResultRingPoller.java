package dev.brigade.process.connection;

import dev.brigade.process.protocol.Frame;
import dev.brigade.process.protocol.ProtocolException;
import dev.brigade.process.protocol.ResultRing;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Takes results from the workers' rings, beside the sockets.
 *
 * <p>Design note: on the event loop's thread only. Before that thread waits, it arms the doorbells of all workers and looks once more, so
 * no result is missed. A worker with more tasks need not ring: while anything is queued behind a body, the state's polling interval lets
 * the thread sleep for a millisecond, and longer and longer while nothing comes.
 */
public final class ResultRingPoller {
    /** Most results taken in one decision: enough for a burst, and few enough to give other workers their turn. */
    private static final int MAX_RESULTS = 256;

    /** Receives what the rings bring. */
    interface ResultListener {
        /** The worker has published results; returns how many were taken, when the next one has to wait for the socket. */
        int results(ConnectedWorker worker, List<Frame> results);

        /** The worker's ring cannot be read. */
        void broken(ConnectedWorker worker, ProtocolException why);
    }

    private final ResultListener listener;

    /** The workers whose rings are polled, each with the results that wait for what the socket brings. */
    private final Map<ConnectedWorker, List<Frame>> held = new HashMap<>();

    private final List<ConnectedWorker> workers = new ArrayList<>();

    /** True if a worker has answered since {@code pollAll} last returned. */
    private boolean news;

    ResultRingPoller(ResultListener listener) {
        this.listener = listener;
    }

    /** The worker has connected, and mapped its ring if it has one, which is polled from now on. */
    void register(ConnectedWorker worker) {
        ResultRing.Reader ring = worker.ring();
        if (ring != null) {
            workers.add(worker);
            held.put(worker, new ArrayList<>());
            ResultRingFiles.hide(ring);
        }
    }

    /** Takes all results that are there; returns whether there have been any since it was last called, wherever they came from. */
    public boolean pollAll() {
        for (int i = workers.size() - 1; i >= 0; i--) {
            poll(workers.get(i));
        }
        boolean any = news;
        news = false;
        return any;
    }

    /** Takes the results of one worker that are there now: those that come meanwhile must not keep this thread from all else. */
    void poll(ConnectedWorker worker) {
        ResultRing.Reader ring = worker.ring();
        List<Frame> waiting = held.get(worker);
        if (ring == null || waiting == null || !waiting.isEmpty()) {
            return; // the socket has something to bring before
        }
        try {
            int until = ring.published();
            boolean more = true;
            while (more) {
                more = read(ring, until, waiting);
                deliver(worker, waiting);
                more &= waiting.isEmpty();
            }
        } catch (ProtocolException e) {
            invalidate(worker, ring, e);
        } catch (InternalError e) {
            invalidate(worker, ring, cutOff(e));
        }
    }

    /** Reads a burst of results; returns false at the end of the ring. Results before a broken record count. */
    private boolean read(ResultRing.Reader ring, int until, List<Frame> into) throws ProtocolException {
        for (Frame result = ring.peek(until); result != null; result = ring.peek(until)) {
            into.add(result);
            ring.remove(result);
            if (into.size() == MAX_RESULTS) {
                return true;
            }
        }
        return false;
    }

    private void deliver(ConnectedWorker worker, List<Frame> waiting) {
        if (waiting.isEmpty()) {
            return;
        }
        int taken = listener.results(worker, waiting);
        news |= taken > 0;
        waiting.subList(0, taken).clear();
    }

    private void invalidate(ConnectedWorker worker, ResultRing.Reader ring, ProtocolException why) {
        List<Frame> before = held.get(worker);
        if (before != null) {
            deliver(worker, before);
        }
        workers.remove(worker);
        held.remove(worker);
        ring.invalidate();
        listener.broken(worker, why);
    }

    /** Translates the JVM's error for an access to mapped memory whose file was truncated. */
    private static ProtocolException cutOff(InternalError e) {
        return new ProtocolException("its ring of results cannot be read", e);
    }

    /** Takes what a dead worker has left, unless its ring has turned out to be invalid. */
    void pollLast(ConnectedWorker worker) {
        release(worker);
        poll(worker);
        workers.remove(worker);
        held.remove(worker);
    }

    /** Returns true if the thread may wait: the doorbells are armed, and nothing has come before that. */
    public boolean mayWait() {
        boolean empty = true;
        for (int i = workers.size() - 1; i >= 0; i--) {
            empty &= armDoorbell(workers.get(i));
        }
        return empty;
    }

    private boolean armDoorbell(ConnectedWorker worker) {
        ResultRing.Reader ring = worker.ring();
        try {
            // Results that wait for the socket are no reason to stay awake: the socket wakes.
            return ring == null || ring.armDoorbell() || isHeld(worker);
        } catch (InternalError e) {
            invalidate(worker, ring, cutOff(e));
            return false;
        }
    }

    private boolean isHeld(ConnectedWorker worker) {
        List<Frame> waiting = held.get(worker);
        return waiting != null && !waiting.isEmpty();
    }

    /** The thread has waited: no doorbell is needed. */
    public void waited() {
        for (int i = workers.size() - 1; i >= 0; i--) {
            ResultRing.Reader ring = workers.get(i).ring();
            if (ring != null) {
                ring.disarmDoorbell();
            }
        }
    }

    /** The socket has brought a frame, and it has been handled. */
    void handled(ConnectedWorker worker, Frame frame) {
        ResultRing.Reader ring = worker.ring();
        if (frame.type() == Frame.RESULT) {
            news = true;
            if (ring != null) {
                ring.passed(frame.id());
            }
        }
        release(worker);
    }

    /** Delivers what was held back for the socket's sake. */
    private void release(ConnectedWorker worker) {
        ResultRing.Reader ring = worker.ring();
        List<Frame> waiting = held.get(worker);
        if (ring != null) {
            ring.release();
        }
        if (waiting != null) {
            deliver(worker, waiting);
        }
    }
}
