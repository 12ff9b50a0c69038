package dev.brigade.process;

import dev.brigade.process.connection.ConnectedWorker;
import dev.brigade.process.connection.FrameFlusher;
import dev.brigade.process.launch.CdsArchive;
import dev.brigade.process.protocol.ProgressFile;
import dev.brigade.process.scheduling.WorkerExit;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/**
 * A worker with its process.
 *
 * <p>Design note: each volatile field is set once, by the thread that starts the worker. {@code progress} is taken away again when
 * the worker is dead.
 */
final class ProcessWorker extends ConnectedWorker {
    /** Carries out what is decided about workers. */
    interface ProcessActions {
        /** Starts the worker's process, on another thread. */
        void launch(ProcessWorker worker);

        /** Kills the worker's process. */
        void kill(ProcessWorker worker);

        /** The worker is reaped. */
        void reaped(ProcessWorker worker, WorkerExit exit, String reason);
    }

    private final ProcessActions actions;

    /** Marks the process and all that it starts. */
    final String cookie;

    /** From now to its reaping. */
    final WorkerEvent event = new WorkerEvent();

    /** Its output has been read to the end. */
    final CountDownLatch drained = new CountDownLatch(1);

    volatile @Nullable Process process;

    /** Tells what it was at; set before its process is started. */
    volatile ProgressFile.@Nullable Reader progress;

    /** The archive it was started from; null when it was an ordinary start. */
    volatile @Nullable CdsArchive archive;

    /** The operating system's state of the process just before the kill; empty where there is no such information. */
    volatile String stateAtKill = "";

    ProcessWorker(
            ProcessActions actions,
            FrameFlusher flusher,
            int number,
            int slot,
            String cookie,
            long startDeadlineNanos) {
        super(flusher, number, slot, startDeadlineNanos);
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

    @Override
    public String describe() {
        Process started = process;
        return started == null ? name() : name() + " (pid " + started.pid() + ")";
    }
}
