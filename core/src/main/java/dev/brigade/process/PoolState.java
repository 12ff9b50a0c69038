package dev.brigade.process;

import dev.brigade.WorkerLostException;
import dev.brigade.engine.Strategy.Stop;
import dev.brigade.process.protocol.Frame;
import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who works on what: the lanes with items that wait, the workers, and what each has been given.
 *
 * <p>Design note: the state of a pool and the decisions on it, without a thread, process or socket. Its lock ({@code this}) guards
 * all of it, {@link WorkerRecord}, {@link PoolBatch}, {@link PoolAttempt} and {@link WorkerSupervisor} included. Frames are queued under it, so that a
 * worker's ledger and what it reads have one order; all else that must happen is put into {@link PoolActions}.
 */
final class PoolState {
    /** So many bytes may be on their way to a worker, or wait in it; what is larger goes to an idle one, and nothing behind it. */
    static final long MAX_QUEUED_BYTES = 1024 * 1024;

    private final int maxTasks;
    private final long graceNanos;
    /** How long a JVM may take to exit: no grace makes that an offence. */
    final long exitNanos;

    private final @Nullable WorkerRecord[] slots;

    /** Lanes with items that no worker has; each at most once, in turn. */
    private final ArrayDeque<PoolBatch<?, ?>> lanes = new ArrayDeque<>();

    private final FlushList outbox = new FlushList();
    /** Of all lanes together: what a new lane assumes. */
    final PrefetchDepth pace = new PrefetchDepth(null);

    int waitingItems;
    private final RoundTripAverage roundTrip = new RoundTripAverage();
    /** An item waits because every worker is taken: one more would help. */
    boolean starved;

    /** The last worker to be started did not get ready: none is waited for. */
    boolean startsFail;

    final PollBackoff watch = new PollBackoff();
    /** Nothing more is started. One way: false to true. */
    boolean closed;

    PoolState(int workers, int maxTasks, long graceNanos) {
        slots = new WorkerRecord[workers];
        this.maxTasks = maxTasks;
        this.graceNanos = graceNanos;
        exitNanos = Math.max(graceNanos, WorkerRecord.EXIT_NANOS);
    }

    @Nullable
    WorkerRecord[] slots() {
        return slots;
    }

    synchronized int room(PoolBatch<?, ?> lane) {
        return closed ? 0 : lane.room(slots.length, roundTrip.nanos());
    }

    /** Takes an item; false when the pool is closed. */
    synchronized boolean start(PoolAttempt item, PoolActions effects) {
        if (closed) {
            return false;
        }
        WorkerLostException hopeless = item.lane.hopeless;
        if (hopeless != null) {
            effects.failed(item, WorkerLossReport.hopeless(item, hopeless));
            return true;
        }
        item.lane.entered(item);
        waitingItems++;
        enqueue(item.lane);
        assign(effects);
        return true;
    }

    /** The lanes with items that no worker takes, perhaps among others. */
    Iterable<PoolBatch<?, ?>> lanes() {
        return lanes;
    }

    /** The workers that have something to be sent, once each. */
    synchronized List<WorkerRecord> takeDirty() {
        return outbox.take();
    }

    void queue(WorkerRecord worker, Frame frame) {
        outbox.add(worker, frame);
    }

    private void enqueue(PoolBatch<?, ?> lane) {
        if (!lane.queued) {
            lane.queued = true;
            lanes.addLast(lane);
        }
    }

    /** Gives waiting items to workers, lane by lane, until none can take one more. */
    void assign(PoolActions effects) {
        assign(System.nanoTime(), effects);
    }

    /** Reading the clock is a good part of what an item costs: once for all that happens at a time. */
    private void assign(long now, PoolActions effects) {
        starved = false;
        int passed = 0;
        while (passed < lanes.size()) {
            PoolBatch<?, ?> lane = lanes.element();
            PoolAttempt item = lane.firstWaiting();
            WorkerRecord worker = item == null ? null : pick(lane, item, now);
            if (item != null && worker == null && starved) {
                return;
            }
            lanes.remove();
            lane.queued = false;
            if (item != null) {
                passed = worker == null ? passed + 1 : 0;
                give(item, worker, now, effects);
            }
            if (lane.firstWaiting() != null) {
                enqueue(lane);
            }
        }
    }

    /** The least loaded worker that takes the item; null when none does, and then {@code starved} says whose fault it is. */
    private @Nullable WorkerRecord pick(PoolBatch<?, ?> lane, PoolAttempt item, long now) {
        boolean mayUseMore = lane.slotsUsed < lane.spec().limit();
        int depth = mayUseMore && !startsFail && !WorkerRecord.allUp(slots) ? 0 : lane.pace.depth(roundTrip.nanos());
        WorkerRecord best = null;
        for (int slot = 0; slot < slots.length; slot++) {
            WorkerRecord worker = slots[slot];
            if (worker != null && lane.mayUse(slot) && worker.takes(item, depth, MAX_QUEUED_BYTES, now)) {
                best = best == null || worker.ledger.size() < best.ledger.size() ? worker : best;
            }
        }
        starved = best == null && mayUseMore;
        return best;
    }

    private void give(PoolAttempt item, @Nullable WorkerRecord worker, long now, PoolActions effects) {
        if (worker == null) {
            return;
        }
        PoolBatch<?, ?> lane = item.lane;
        lane.waiting.removeFirst();
        waitingItems--;
        item.worker = worker;
        item.recalled = false;
        item.sentAtNanos = worker.ledger.size() == 0 ? now : 0;
        lane.arrivedAt(worker);
        worker.ledger.add(item);
        worker.tasks++;
        if (worker.tasks == maxTasks) {
            worker.state = WorkerRecord.State.RETIRING;
        }
        lane.framesFor(item, worker).forEach(frame -> queue(worker, frame));
        worker.queuedBytes += item.sentBytes;
        beginHead(worker, now, effects);
        if (watch.begins(worker.ledger.size() > 1)) {
            effects.wakeClock();
        }
    }

    /** What has come to the head of the ledger begins, as far as the parent can know. */
    private void beginHead(WorkerRecord worker, long now, PoolActions effects) {
        PoolAttempt head = worker.ledger.head();
        if (head == null) {
            worker.idleSinceNanos = now;
        } else if (!head.begun && worker.killedFor == null) {
            head.begun = true;
            worker.headSinceNanos = now;
            effects.begun(head, worker.name());
        }
    }

    /** The worker has sent the item's result; null when it has been settled before. */
    synchronized @Nullable PoolAttempt settle(WorkerRecord worker, int id, long bodyNanos, PoolActions effects) {
        boolean alone = worker.ledger.size() == 1;
        PoolAttempt item = takeOut(worker, id);
        if (item == null) {
            return null;
        }
        if (!item.begun) {
            item.begun = true; // the last words of a dead worker, which cannot say what it gave back before
            effects.begun(item, worker.name());
        }
        item.over = true;
        item.lane.left(item);
        item.lane.pace.sample(bodyNanos);
        item.lane.lostUnbegun = 0;
        item.lane.functionWorks = true;
        long now = System.nanoTime();
        if (alone && item.sentAtNanos != 0) {
            roundTrip.sample(now - item.sentAtNanos - bodyNanos);
        }
        afterSettling(worker, now, effects);
        return item;
    }

    /** The worker has given the item back, because it was asked to or because it retires. */
    synchronized void returned(WorkerRecord worker, int id, PoolActions effects) {
        PoolAttempt item = takeOut(worker, id);
        if (item != null) {
            putBack(item, effects);
            afterSettling(worker, System.nanoTime(), effects);
        }
    }

    private static @Nullable PoolAttempt takeOut(WorkerRecord worker, int id) {
        PoolAttempt item = worker.ledger.settle(id);
        if (item != null) {
            item.lane.leftWorker(item, worker);
        }
        return item;
    }

    private void afterSettling(WorkerRecord worker, long now, PoolActions effects) {
        beginHead(worker, now, effects);
        if (worker.state == WorkerRecord.State.RETIRING && worker.ledger.size() == 0) {
            dismiss(worker);
        }
        if (waitingItems > 0) {
            assign(now, effects);
        }
    }

    /** To the front, as it came before all that wait; or to the engine, when it is stopped or was said to have begun. */
    void putBack(PoolAttempt item, PoolActions effects) {
        if (item.stop != null || item.begun || closed) {
            item.over = true;
            item.lane.left(item);
            if (item.begun && item.stop == Stop.TIMEOUT) {
                // By the parent's clock it had begun, and its time is up; only its worker had not come to it.
                effects.failed(item, new IllegalStateException(item.label() + " was not begun in time"));
            } else {
                effects.returned(item);
            }
            return;
        }
        item.lane.waiting.addFirst(item);
        waitingItems++;
        if (item.lane.queued) {
            lanes.remove(item.lane);
        }
        item.lane.queued = true;
        lanes.addFirst(item.lane);
    }

    /** Tells a worker without items to go. */
    void dismiss(WorkerRecord worker) {
        worker.state = WorkerRecord.State.LEAVING;
        worker.exitDue = true;
        worker.exitByNanos = System.nanoTime() + exitNanos;
        queue(worker, Frame.of(Frame.BYE, 0));
    }

    /** Asks for the item's end. */
    synchronized void stop(PoolAttempt item, Stop why, PoolActions effects) {
        boolean hard = why != Stop.CANCEL;
        if (item.over || (item.stop != null && (!hard || item.killDue))) {
            return;
        }
        item.stop = why;
        WorkerRecord worker = item.worker;
        if (worker == null) {
            dropWaiting(item);
            effects.returned(item);
            return;
        }
        if (hard) {
            item.killDue = true;
            item.killAtNanos = System.nanoTime() + graceNanos;
        }
        queue(worker, Frame.of(Frame.CANCEL, item.id, hard ? 1 : 0));
    }

    private void dropWaiting(PoolAttempt item) {
        item.over = true;
        waitingItems--;
        item.lane.left(item);
    }

    /** Takes out all that wait; they are over. */
    List<PoolAttempt> dropAllWaiting() {
        return lanes.stream().flatMap(lane -> dropWaiting(lane).stream()).toList();
    }

    /** Takes out all of one lane that wait; they are over. */
    List<PoolAttempt> dropWaiting(PoolBatch<?, ?> lane) {
        List<PoolAttempt> dropped =
                lane.waiting.stream().filter(item -> !item.over).toList();
        lane.waiting.clear();
        dropped.forEach(this::dropWaiting);
        return dropped;
    }

    synchronized void release(PoolBatch<?, ?> lane) {
        lane.release(slots);
    }
}
