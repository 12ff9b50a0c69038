package dev.brigade.process;

import dev.brigade.WorkerLostException.Reason;
import dev.brigade.process.launch.CdsArchive;
import dev.brigade.process.protocol.Frame;
import dev.brigade.process.protocol.FrameChannel;
import dev.brigade.process.protocol.ProgressFile;
import dev.brigade.process.protocol.ResultRing;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A worker as the parent sees it.
 *
 * <p>Design note: the pool's lock guards the fields that are not final. The channel's thread alone sets {@code link},
 * {@code exited} and {@code drained}.
 *
 * <pre>
 * STARTING -> READY -> RETIRING -> LEAVING -> DEAD     each may go to DEAD at any time
 *             READY -> LEAVING                         idle, or the pool closes
 * </pre>
 */
final class WorkerRecord {
    /** Where it stands. */
    enum State {
        /** The process is being started, or has not said that it is ready. */
        STARTING,
        /** It takes items. */
        READY,
        /** It finishes what it has, and takes nothing more. */
        RETIRING,
        /** It has been told to go; its slot is free. */
        LEAVING,
        /** Its process has ended and everything is settled. */
        DEAD
    }

    /** Behind a body that has run this long nothing more is queued, whatever its lane's pace was. */
    private static final long LONG_HEAD_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    /** How long its process may live without its channel, and how long its exit may take at the least. */
    static final long EXIT_NANOS = TimeUnit.SECONDS.toNanos(1);

    final int number;
    private final String name;
    final int slot;
    final String cookie;
    final WorkerQueue<PoolAttempt> ledger = new WorkerQueue<>(item -> item.id);
    final Set<Integer> functions = new HashSet<>();
    final StderrTail tail = new StderrTail();
    final long startDeadlineNanos;

    /** From now to its burial. */
    final WorkerEvent event = new WorkerEvent();

    /** What it must say to be let in; empty until its process is started. */
    String token = "";

    State state = State.STARTING;

    @Nullable
    Process process;

    @Nullable
    FrameChannel link;

    /**
     * What its small results come through; null when all take the socket. Set by the thread that starts it, and back when the worker
     * is dead.
     */
    volatile ResultRing.@Nullable Reader ring;

    /** What it was at. Set before its process is started, and back when it has been read. */
    volatile ProgressFile.@Nullable Reader logbook;

    /** What it was started from; null when it was an ordinary start. Set once, by the thread that starts it. */
    volatile @Nullable CdsArchive archive;

    boolean everReady;

    /** It wants to go, and has its initializer to run yet. */
    boolean retiresOnceReady;

    /** What it was sent as its initializer. */
    long initializerBytes;

    long queuedBytes;
    int tasks;
    long idleSinceNanos;
    long headSinceNanos;

    /** It must have exited by then; meaningful when {@code exitDue}. */
    long exitByNanos;

    boolean exitDue;

    /** Why it was killed, once it was. */
    @Nullable
    Reason killedFor;

    @Nullable
    String killNote;

    /** The stacks of its threads, while the item of that number ignored its end. */
    @Nullable
    String dump;

    int dumpedItem;

    /** What the operating system said of the process just before the kill; empty where it cannot be asked. */
    String stateAtKill = "";

    /** The JVM announced its shutdown: an exit code 3 is then not the end of memory. */
    boolean exiting;

    /** What began the shutdown was a signal. */
    boolean terminated;

    /** Its process could not even be started, or its channel broke. */
    @Nullable
    Throwable cause;

    /** What it was at when it died; null while it lives, or when it never got so far. */
    ProgressFile.@Nullable Entry lastEntry;

    boolean exited;

    /** Its channel has ended. */
    boolean disconnected;

    boolean drained;
    long buryByNanos;

    /** In the pool's list of workers to flush. */
    boolean dirty;

    WorkerRecord(int number, int slot, String cookie, long startDeadlineNanos) {
        this.number = number;
        name = "worker-" + number;
        this.slot = slot;
        this.cookie = cookie;
        this.startDeadlineNanos = startDeadlineNanos;
        event.begin();
    }

    /** Reads what it was at when it died, and lets go of the file; null the second time, or when it never got so far. */
    ProgressFile.@Nullable Entry takeAccount() {
        ProgressFile.Reader account = logbook;
        logbook = null;
        return account == null ? null : account.take();
    }

    /** What it is at; null where that cannot be read, or it has not got so far. */
    ProgressFile.@Nullable Entry peekAccount() {
        ProgressFile.Reader account = logbook;
        return account == null ? null : account.peek();
    }

    String name() {
        return name;
    }

    /** Whether its end is under way: it is given nothing more. */
    boolean isDying() {
        return killedFor != null || exiting || exited || disconnected;
    }

    /**
     * Whether all workers are up. Until then, what may be run by one that is to come waits for it in turn. At another worker it would
     * wait behind a body while the new one is given what came later; where bodies wait for each other, perhaps for ever. Once all are
     * up, an item may wait behind a body that is longer than those before it, until some worker is idle.
     */
    static boolean allUp(@Nullable WorkerRecord[] slots) {
        for (WorkerRecord worker : slots) {
            if (worker == null || worker.state != State.READY || worker.isDying()) {
                return false;
            }
        }
        return true;
    }

    /** Whether an item may be given to it, behind {@code depth} others at most. */
    boolean takes(PoolAttempt item, int depth, long maxQueuedBytes, long now) {
        if (state != State.READY || isDying()) {
            return false;
        }
        PoolAttempt head = ledger.head();
        if (head == null) {
            return true;
        }
        return !item.runsAlone()
                && !head.runsAlone()
                && head.stop == null
                && now - headSinceNanos < LONG_HEAD_NANOS
                && ledger.size() <= depth
                && item.lane.fits(item, this, maxQueuedBytes);
    }

    /** Whether it has that item, behind others; of one that has ended, there is nothing to wait for. */
    boolean hasBehind(int id) {
        PoolAttempt head = ledger.head();
        return head != null && head.id != id && !disconnected && ledger.find(id) != null;
    }

    /** Queues a frame, once there is a channel. */
    void append(Frame frame) {
        FrameChannel open = link;
        if (open != null) {
            open.append(frame);
        }
    }

    String describe() {
        Process started = process;
        return started == null ? name() : name() + " (pid " + started.pid() + ")";
    }
}
