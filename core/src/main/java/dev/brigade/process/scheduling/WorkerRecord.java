package dev.brigade.process.scheduling;

import dev.brigade.WorkerLostException.Reason;
import dev.brigade.process.protocol.Frame;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A worker as the pool's decisions see it. Subclasses have the process and the connection, and carry out what is decided.
 *
 * <p>Design note: the pool's lock guards the fields that are not final.
 *
 * <pre>
 * STARTING -> READY -> RETIRING -> LEAVING -> REAPED     each may go to REAPED at any time
 *             READY -> LEAVING                           idle, or the pool closes
 * </pre>
 */
public abstract class WorkerRecord {
    /** The state of a worker. */
    enum State {
        /** The process is being started, or has not said that it is ready. */
        STARTING,
        /** It takes attempts. */
        READY,
        /** It finishes what it has, and takes nothing more. */
        RETIRING,
        /** It has been told to exit; its slot is free. */
        LEAVING,
        /** Its process has ended and everything is settled. */
        REAPED
    }

    /** Nothing more is queued behind a body that has run this long, whatever the prefetch depth of its batch was. */
    private static final long LONG_HEAD_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private final int number;
    private final String name;
    final int slot;
    final long startDeadlineNanos;

    /** The attempts that it has been given and has not answered, in the order in which it runs them. As far as the parent can know, the head runs. */
    final AttemptQueue queue = new AttemptQueue();

    /** The batches whose functions it has. */
    final Set<Integer> functions = new HashSet<>();

    State state = State.STARTING;

    /** The next of those that leave; null for the last. */
    @Nullable
    WorkerRecord nextLeaving;

    /** The number of its process; 0 while there is none. */
    long pid;

    boolean wasReady;

    /** It wants to leave, and has its initializer to run yet. */
    boolean retiresOnceReady;

    long queuedBytes;
    int tasks;
    long idleSinceNanos;
    long headSinceNanos;

    /** Time at which it must have exited; meaningful if {@code exitDue}. */
    long exitByNanos;

    boolean exitDue;

    /** Reason that it was killed; null while it was not. */
    @Nullable
    Reason killedFor;

    @Nullable
    String killNote;

    /** The stacks of its threads, while the attempt with the number {@code dumpedId} ignored its cancellation. */
    @Nullable
    String dump;

    int dumpedId;

    /** The JVM announced its shutdown. */
    boolean exiting;

    /** The shutdown was begun by a signal. */
    boolean terminated;

    /** It has had a connection. */
    boolean connected;

    /** Its connection has ended. */
    boolean disconnected;

    /** Its process has ended, and its last output is waited for. */
    boolean ended;

    /** Why its connection failed; null while it has not. */
    @Nullable
    Throwable cause;

    /**
     * Makes a worker that is to be started.
     *
     * @param number its number in the pool, from 1
     * @param slot its slot
     * @param startDeadlineNanos the time at which it must be ready, by {@link System#nanoTime}
     */
    protected WorkerRecord(int number, int slot, long startDeadlineNanos) {
        this.number = number;
        name = "worker-" + number;
        this.slot = slot;
        this.startDeadlineNanos = startDeadlineNanos;
    }

    /** Starts its process, on another thread: {@link PoolState#launched} or {@link PoolState#launchFailed} follows. */
    protected abstract void launch();

    /** Kills its process. */
    protected abstract void kill();

    /** Queues a frame to be sent to it; a frame that cannot be queued ends the connection. */
    protected abstract void send(Frame frame);

    /** Ends the connection: frames may be lost, and if they were queued again, they might be there twice. */
    protected abstract void sendBrokeOff();

    /**
     * Called when it is dead, and all its attempts are settled or elsewhere.
     *
     * @param exit the facts that are known of its end
     * @param reason the reason, as in {@link dev.brigade.WorkerLostException}, or {@code DISMISSED}
     * @param archiveSuspected true if it was started from a class archive and died before it had connected
     */
    protected abstract void reaped(WorkerExit exit, String reason, boolean archiveSuspected);

    /**
     * Returns its number in the pool.
     *
     * @return from 1
     */
    public final int number() {
        return number;
    }

    /**
     * Returns its name in logs and messages.
     *
     * @return the name
     */
    public final String name() {
        return name;
    }

    String describe() {
        return pid == 0 ? name : name + " (pid " + pid + ")";
    }

    /** Returns true if its end is under way: it is given nothing more. */
    boolean isDying() {
        return killedFor != null || exiting || ended || disconnected;
    }

    /** Returns true if an attempt may be given to it, behind {@code depth} others at most. */
    boolean takes(PoolAttempt attempt, int depth, long maxQueuedBytes, long now) {
        if (state != State.READY || isDying()) {
            return false;
        }
        PoolAttempt head = queue.first();
        if (head == null) {
            return true;
        }
        return !attempt.runsAlone()
                && !head.runsAlone()
                && head.stop == null
                && now - headSinceNanos < LONG_HEAD_NANOS
                && queue.size() <= depth
                && attempt.batch.fits(attempt, this, maxQueuedBytes);
    }

    /** Returns true if it has that attempt behind others and may still report on those: its connection has not ended. */
    boolean hasBehind(int id) {
        PoolAttempt head = queue.first();
        return head != null && head.id != id && !disconnected && queue.find(id) != null;
    }

    /** Frames for a worker, in order. */
    static final class Send extends Action {
        private final WorkerRecord worker;
        private final List<Frame> frames;

        Send(WorkerRecord worker, List<Frame> frames) {
            this.worker = worker;
            this.frames = frames;
        }

        @Override
        void run() {
            for (int i = 0; i < frames.size(); i++) {
                worker.send(frames.get(i));
            }
        }

        @Override
        void recover() {
            worker.sendBrokeOff();
        }
    }
}
