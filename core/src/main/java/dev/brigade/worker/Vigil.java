package dev.brigade.worker;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks after the rings of results, beside the sockets.
 *
 * <p>Design note: on the channel's thread only. Before that thread waits it asks all workers to ring, and then looks once more; so
 * a worker that has to be heard soon is. Others are not waited for: while anything is queued at a worker, {@link Balance} lets the
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

    private static final Logger LOG = LoggerFactory.getLogger(Vigil.class);

    private final Hall hall;
    private final List<Worker> workers = new ArrayList<>();

    /** Makes one; {@code hall} gets the results, and hears of rings that are broken. */
    Vigil(Hall hall) {
        this.hall = hall;
    }

    /** The worker has connected, and mapped its ring if it has one, which is looked after from now on. */
    void begin(Worker worker) {
        ResultRing.Reader ring = worker.ring;
        if (ring != null) {
            workers.add(worker);
            try {
                ring.hide();
            } catch (IOException e) {
                LOG.debug("{} stays until the pool is closed", ring.file, e);
            }
        }
    }

    /** Takes all results that are there; returns whether there were any. */
    boolean takeAll() {
        boolean any = false;
        for (int i = workers.size() - 1; i >= 0; i--) {
            any |= take(workers.get(i));
        }
        return any;
    }

    /** Takes the results of one worker; returns whether there were any. */
    boolean take(Worker worker) {
        ResultRing.Reader ring = worker.ring;
        if (ring == null || ring.isEmpty()) {
            return false;
        }
        try {
            boolean any = false;
            for (Frame result = ring.peek(); result != null; result = ring.peek()) {
                if (!hall.settles(worker, result)) {
                    ring.hold();
                    return any;
                }
                any = true;
                ring.remove(result);
            }
            return any;
        } catch (BrokenChannelException e) {
            workers.remove(worker);
            hall.broken(worker, e);
        }
        return false;
    }

    /** Takes what a dead worker has left, unless its ring has turned out not to be trusted. */
    void takeLast(Worker worker) {
        if (workers.contains(worker)) {
            release(worker);
            take(worker);
            workers.remove(worker);
        }
    }

    /** Whether the thread may wait: the workers have been asked to ring, and nothing has come before that. */
    boolean mayWait() {
        boolean empty = true;
        for (Worker worker : workers) {
            ResultRing.Reader ring = worker.ring;
            if (ring != null) {
                ring.setAsleep(true);
                empty &= ring.isEmpty();
            }
        }
        return empty;
    }

    /** The thread has waited: nobody need ring. */
    void waited() {
        for (Worker worker : workers) {
            ResultRing.Reader ring = worker.ring;
            if (ring != null) {
                ring.setAsleep(false);
            }
        }
    }

    /** The socket has brought a frame, and it has been handled. */
    static void passed(Worker worker, Frame frame) {
        ResultRing.Reader ring = worker.ring;
        if (ring != null && frame.type() == Frame.RESULT) {
            ring.passed(frame.id());
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
