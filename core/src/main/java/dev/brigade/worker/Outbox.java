package dev.brigade.worker;

import java.util.ArrayList;
import java.util.List;

/** The workers with frames queued and not yet sent, so that a burst of starts is sent at once. Guarded by the crew's lock. */
final class Outbox {
    private final List<Worker> dirty = new ArrayList<>();

    /** Queues a frame. */
    void add(Worker worker, Frame frame) {
        worker.append(frame);
        if (!worker.dirty) {
            worker.dirty = true;
            dirty.add(worker);
        }
    }

    /** Those that are to be flushed, once each. */
    List<Worker> take() {
        if (dirty.isEmpty()) {
            return List.of();
        }
        List<Worker> all = List.copyOf(dirty);
        dirty.forEach(worker -> worker.dirty = false);
        dirty.clear();
        return all;
    }
}
