package dev.brigade.process;

import dev.brigade.process.launch.CdsArchive;
import dev.brigade.process.protocol.Frame;
import dev.brigade.process.protocol.FrameChannel;
import dev.brigade.process.protocol.ProgressFile;
import dev.brigade.process.protocol.ResultRing;
import dev.brigade.process.scheduling.WorkerExit;
import dev.brigade.process.scheduling.WorkerRecord;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A worker with its process and connection.
 *
 * <p>Design note: each volatile field is set once, by the thread that starts the worker or by the event loop, and {@code ring} and
 * {@code progress} are taken away again when the worker is dead.
 */
final class ProcessWorker extends WorkerRecord {
    /** Carries out what is decided about workers. */
    interface ProcessActions {
        /** Starts the worker's process, on another thread. */
        void launch(ProcessWorker worker);

        /** Kills the worker's process. */
        void kill(ProcessWorker worker);

        /** The worker has frames to be flushed. */
        void hasFrames(ProcessWorker worker);

        /** The worker is reaped. */
        void reaped(ProcessWorker worker, WorkerExit exit, String reason);
    }

    private final ProcessActions actions;

    /** Marks the process and all that it starts. */
    final String cookie;

    final StderrTail tail = new StderrTail();

    /** From now to its reaping. */
    final WorkerEvent event = new WorkerEvent();

    /** Its output has been read to the end. */
    final CountDownLatch drained = new CountDownLatch(1);

    /** It is among those that are to be flushed. */
    final AtomicBoolean unflushed = new AtomicBoolean();

    /** Proves that a connection is the worker's; empty until its process is started. */
    volatile String token = "";

    volatile @Nullable Process process;
    volatile @Nullable FrameChannel channel;

    /** Its small results come through this; null when all take the socket. */
    volatile ResultRing.@Nullable Reader ring;

    /** Tells what it was at; set before its process is started. */
    volatile ProgressFile.@Nullable Reader progress;

    /** The archive it was started from; null when it was an ordinary start. */
    volatile @Nullable CdsArchive archive;

    /** What the operating system said of the process just before the kill; empty where it cannot be asked. */
    volatile String stateAtKill = "";

    /** How many frames it was given to run a task; event loop and whoever drains the actions, one thread at a time. */
    int sentTasks;

    ProcessWorker(ProcessActions actions, int number, int slot, String cookie, long startDeadlineNanos) {
        super(number, slot, startDeadlineNanos);
        this.actions = actions;
        this.cookie = cookie;
        event.begin();
    }

    @Override
    protected void launch() {
        actions.launch(this);
    }

    @Override
    protected void kill() {
        actions.kill(this);
    }

    @Override
    protected void send(Frame frame) {
        FrameChannel open = channel;
        if (open == null) {
            return;
        }
        try {
            open.append(frame);
            sentTasks += frame.type() == Frame.RUN ? 1 : 0;
        } catch (RuntimeException | Error e) {
            open.fail(e); // the worker would wait for it, and answer what comes later
        }
        // A batch's release goes along with the next frame.
        if (frame.type() != Frame.RELEASE) {
            actions.hasFrames(this);
        }
    }

    @Override
    protected void sendBrokeOff() {
        FrameChannel open = channel;
        if (open != null) {
            open.fail(new IllegalStateException("a frame was lost, at the end of a thread's stack"));
        }
    }

    @Override
    protected void reaped(WorkerExit exit, String reason, boolean archiveSuspected) {
        CdsArchive from = archive;
        if (archiveSuspected && from != null) {
            from.invalidate(); // the pool's next workers start without it
        }
        actions.reaped(this, exit, reason);
    }

    /** Reads what it was at when it died, and lets go of the file; null the second time, or when it never got so far. */
    ProgressFile.@Nullable Entry takeProgress() {
        ProgressFile.Reader account = progress;
        progress = null;
        return account == null ? null : account.take();
    }

    /** Returns what it is at; null where that cannot be read, or it has not got so far. */
    ProgressFile.@Nullable Entry peekProgress() {
        ProgressFile.Reader account = progress;
        return account == null ? null : account.peek();
    }

    /** Returns its name in logs. */
    String describe() {
        Process started = process;
        return started == null ? name() : name() + " (pid " + started.pid() + ")";
    }
}
