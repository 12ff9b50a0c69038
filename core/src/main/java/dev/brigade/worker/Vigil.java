package dev.brigade.worker;

import java.util.ArrayList;
import java.util.List;

/**
 * Looks after the rings of results, beside the sockets.
 *
 * <p>Design note: on the channel's thread only. Before that thread waits it asks all workers to ring, and then looks once more; so
 * a worker that has to be heard soon is. Others are not waited for: while anything is queued behind a body, {@link Watch} lets the
 * thread sleep for a millisecond only, and longer and longer while nothing comes.
 */
final class Vigil {
    /** Those who are told. */
    interface Hall {
        /** The worker has published a result; false when it is too early for it, and the socket will bring what comes before. */
        boolean settles(Worker worker, Frame result);

        /** What the worker's ring holds cannot be read. */
        void broken(Worker worker, BrokenChannelException why);
    }

    private final Hall hall;
    private final List<Worker> workers = new ArrayList<>();

    /** Whether any worker has answered since the clock last asked. */
    private boolean news;

    /** Makes one; {@code hall} gets the results, and hears of rings that are broken. */
    Vigil(Hall hall) {
        this.hall = hall;
    }

    /** The worker has connected, and mapped its ring if it has one, which is looked after from now on. */
    void begin(Worker worker) {
        ResultRing.Reader ring = worker.ring;
        if (ring != null) {
            workers.add(worker);
            Rings.hide(ring);
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
    void take(Worker worker) {
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
        } catch (BrokenChannelException e) {
            distrust(worker, ring, e);
        } catch (InternalError e) {
            distrust(worker, ring, cutOff(e));
        }
    }

    private void distrust(Worker worker, ResultRing.Reader ring, BrokenChannelException why) {
        workers.remove(worker);
        ring.distrust();
        hall.broken(worker, why);
    }

    /** How the JVM tells that there is no file under the memory any more. */
    private static BrokenChannelException cutOff(InternalError e) {
        return new BrokenChannelException("its ring of results cannot be read", e);
    }

    /** Takes what a dead worker has left, unless its ring has turned out not to be trusted. */
    void takeLast(Worker worker) {
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

    private boolean sleepsOver(Worker worker) {
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
    void passed(Worker worker, Frame frame) {
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
    private static void release(Worker worker) {
        ResultRing.Reader ring = worker.ring;
        if (ring != null) {
            ring.release();
        }
    }
}
