package dev.brigade.process;

import dev.brigade.process.protocol.Frame;
import dev.brigade.process.protocol.ProtocolException;
import dev.brigade.process.protocol.ResultRing;
import java.util.ArrayList;
import java.util.List;

/**
 * Looks after the rings of results, beside the sockets.
 *
 * <p>Design note: on the channel's thread only. Before that thread waits it asks all workers to ring, and then looks once more; so
 * a worker that has to be heard soon is. Others are not waited for: while anything is queued behind a body, {@link PollBackoff} lets the
 * thread sleep for a millisecond only, and longer and longer while nothing comes.
 */
final class ResultRingPoller {
    /** Those who are told. */
    interface ResultListener {
        /** The worker has published a result; false when it is too early for it, and the socket will bring what comes before. */
        boolean settles(WorkerRecord worker, Frame result);

        /** What the worker's ring holds cannot be read. */
        void broken(WorkerRecord worker, ProtocolException why);
    }

    private final ResultListener hall;
    private final List<WorkerRecord> workers = new ArrayList<>();

    /** Whether any worker has answered since the clock last asked. */
    private boolean news;

    /** Makes one; {@code hall} gets the results, and hears of rings that are broken. */
    ResultRingPoller(ResultListener hall) {
        this.hall = hall;
    }

    /** The worker has connected, and mapped its ring if it has one, which is looked after from now on. */
    void begin(WorkerRecord worker) {
        ResultRing.Reader ring = worker.ring;
        if (ring != null) {
            workers.add(worker);
            ResultRingFiles.hide(ring);
        }
    }

    /** Takes all results that are there; returns whether there have been any since it was last called, wherever they came from. */
    boolean takeAll() {
        for (int i = workers.size() - 1; i >= 0; i--) {
            take(workers.get(i));
        }
        boolean any = news;
        news = false;
        return any;
    }

    /** Takes the results of one worker that are there now: what comes meanwhile must not keep this thread from all else. */
    void take(WorkerRecord worker) {
        ResultRing.Reader ring = worker.ring;
        if (ring == null) {
            return;
        }
        try {
            int until = ring.published();
            for (Frame result = ring.peek(until); result != null; result = ring.peek(until)) {
                if (!hall.settles(worker, result)) {
                    ring.hold();
                    return;
                }
                news = true;
                ring.remove(result);
            }
        } catch (ProtocolException e) {
            distrust(worker, ring, e);
        } catch (InternalError e) {
            distrust(worker, ring, cutOff(e));
        }
    }

    private void distrust(WorkerRecord worker, ResultRing.Reader ring, ProtocolException why) {
        workers.remove(worker);
        ring.distrust();
        hall.broken(worker, why);
    }

    /** How the JVM tells that there is no file under the memory any more. */
    private static ProtocolException cutOff(InternalError e) {
        return new ProtocolException("its ring of results cannot be read", e);
    }

    /** Takes what a dead worker has left, unless its ring has turned out not to be trusted. */
    void takeLast(WorkerRecord worker) {
        release(worker);
        take(worker);
        workers.remove(worker);
    }

    /** Whether the thread may wait: the workers have been asked to ring, and nothing has come before that. */
    boolean mayWait() {
        boolean empty = true;
        for (int i = workers.size() - 1; i >= 0; i--) {
            empty &= sleepsOver(workers.get(i));
        }
        return empty;
    }

    private boolean sleepsOver(WorkerRecord worker) {
        ResultRing.Reader ring = worker.ring;
        try {
            return ring == null || ring.sleepsOver();
        } catch (InternalError e) {
            distrust(worker, ring, cutOff(e));
            return false;
        }
    }

    /** The thread has waited: nobody need ring. */
    void waited() {
        for (int i = workers.size() - 1; i >= 0; i--) {
            ResultRing.Reader ring = workers.get(i).ring;
            if (ring != null) {
                ring.wakes();
            }
        }
    }

    /** The socket has brought a frame, and it has been handled. */
    void passed(WorkerRecord worker, Frame frame) {
        ResultRing.Reader ring = worker.ring;
        if (frame.type() == Frame.RESULT) {
            news = true;
            if (ring != null) {
                ring.passed(frame.id());
            }
        }
        release(worker);
    }

    /** What was held back for the socket's sake may come now. */
    private static void release(WorkerRecord worker) {
        ResultRing.Reader ring = worker.ring;
        if (ring != null) {
            ring.release();
        }
    }
}
