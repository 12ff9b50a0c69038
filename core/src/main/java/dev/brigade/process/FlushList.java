package dev.brigade.process;

import dev.brigade.process.protocol.Frame;
import java.util.ArrayList;
import java.util.List;

/** The workers with frames queued and not yet sent, so that a burst of starts is sent at once. Guarded by the crew's lock. */
final class FlushList {
    private final List<WorkerRecord> dirty = new ArrayList<>();

    /** Queues a frame. */
    void add(WorkerRecord worker, Frame frame) {
        worker.append(frame);
        if (!worker.dirty) {
            worker.dirty = true;
            dirty.add(worker);
        }
    }

    /** Those that are to be flushed, once each. */
    List<WorkerRecord> take() {
        if (dirty.isEmpty()) {
            return List.of();
        }
        List<WorkerRecord> all = List.copyOf(dirty);
        dirty.forEach(worker -> worker.dirty = false);
        dirty.clear();
        return all;
    }
}
