package dev.brigade.process;

import dev.brigade.process.os.BestEffort;
import dev.brigade.process.os.DescendantReaper;
import dev.brigade.process.os.OutputPipe;
import dev.brigade.process.os.ProcessOutputReader;
import dev.brigade.process.protocol.HandshakeToken;
import dev.brigade.process.protocol.ProgressFile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts, watches and kills the workers' processes.
 *
 * <p>Design note: all of this runs on helper threads, since starting and inspecting processes may take a while. Its results are passed to
 * the event loop's thread. A living worker occupies two helper threads: one waits for its exit, one reads its output. Both are started
 * with the process, so that a shortage of threads cannot hide its end.
 */
final class ProcessManager {
    private static final Logger LOG = LoggerFactory.getLogger(ProcessManager.class);

    private static final long KILL_AGAIN_MILLIS = 100;

    /** The pool that the processes belong to. */
    interface ProcessListener {
        /** Starts the worker's process. */
        Process start(ProcessWorker worker) throws IOException;

        /** Has it done on the event loop's thread. */
        void onLoop(Runnable action);

        /** The worker has a process. */
        void launched(ProcessWorker worker, Process process);

        /** The worker has no process, or its process could not be watched and was killed. */
        void launchFailed(ProcessWorker worker, Throwable why);

        /**
         * The worker's process has ended. On the event loop's thread.
         *
         * @param last what it was at; null when it never got so far
         */
        void ended(ProcessWorker worker, ProgressFile.@Nullable Entry last);

        /** The worker has written a line past the standard streams of Java. */
        void print(ProcessWorker worker, String line);
    }

    private final Executor helpers;
    private final ProcessListener listener;

    ProcessManager(Executor helpers, ProcessListener listener) {
        this.helpers = helpers;
        this.listener = listener;
    }

    /** Starts the worker's process, on a helper thread. */
    void launch(ProcessWorker worker) {
        try {
            helpers.execute(() -> launchNow(worker));
        } catch (OutOfMemoryError | RejectedExecutionException e) {
            // No thread is left for it, or the pool has closed.
            failed(worker, e);
        }
    }

    private void launchNow(ProcessWorker worker) {
        try {
            worker.setToken(HandshakeToken.next());
            launched(worker, listener.start(worker));
        } catch (Throwable e) {
            failed(worker, e);
        }
    }

    private void failed(ProcessWorker worker, Throwable why) {
        LOG.debug("{} could not be started", worker.name(), why);
        // There may be a process all the same, which no thread could watch.
        BestEffort.attempt("ending a process that is not watched", () -> killNow(worker));
        endDescendants(worker);
        try {
            listener.launchFailed(worker, why);
        } finally {
            ProgressFile.Entry ignored = worker.takeProgress(); // no thread waits for its exit
        }
    }

    private void launched(ProcessWorker worker, Process process) {
        worker.process = process;
        LOG.debug("{} started", worker.describe());
        OutputPipe output = new OutputPipe(process);
        helpers.execute(new ProcessOutputReader(output, line -> listener.print(worker, line), () -> drained(worker)));
        helpers.execute(() -> awaitExit(worker, process, output));
        listener.launched(worker, process);
    }

    /**
     * On a thread of its own from start to end. Process.onExit tells on the common pool, which the application may keep busy for as
     * long as it likes, perhaps with what waits for this worker.
     */
    private void awaitExit(ProcessWorker worker, Process process, OutputPipe output) {
        try {
            process.waitFor();
            exited(worker);
            output.endOnceSilent(PoolTick.DRAIN_NANOS);
        } catch (InterruptedException e) {
            // The pool has closed, and sees to what this worker leaves.
            Thread.currentThread().interrupt();
        }
    }

    private void drained(ProcessWorker worker) {
        listener.onLoop(worker.drained::countDown);
    }

    private void exited(ProcessWorker worker) {
        // Whatever fails here, the worker is dead: where no descriptor is left, not even a class can be loaded.
        AtomicReference<ProgressFile.@Nullable Entry> last = new AtomicReference<>();
        BestEffort.attempt("reading what " + worker.name() + " was at", () -> last.set(worker.takeProgress()));
        endDescendants(worker);
        listener.onLoop(() -> listener.ended(worker, last.get()));
    }

    private static void endDescendants(ProcessWorker worker) {
        BestEffort.attempt(
                "ending what " + worker.name() + " has started", () -> DescendantReaper.end(List.of(), worker.cookie));
    }

    /** Kills the worker's process: on a helper thread, and here where there is none. */
    void kill(ProcessWorker worker) {
        try {
            helpers.execute(() -> killUntilItIsDead(worker));
        } catch (OutOfMemoryError | RejectedExecutionException e) {
            killNow(worker);
        }
    }

    /** Kills the process, again and again if need be: without a free descriptor the JDK cannot send a signal. */
    private static void killUntilItIsDead(ProcessWorker worker) {
        BestEffort.attempt("killing " + worker.name(), () -> killNow(worker));
        Process process = worker.process;
        try {
            while (process != null && !process.waitFor(KILL_AGAIN_MILLIS, TimeUnit.MILLISECONDS)) {
                BestEffort.attempt(
                        "killing " + worker.name(), () -> process.toHandle().destroyForcibly());
            }
        } catch (InterruptedException e) {
            // The pool closes, and has seen to it that all are dead, or gives up.
            Thread.currentThread().interrupt();
        }
    }

    static void killNow(ProcessWorker worker) {
        Process process = worker.process;
        if (process != null) {
            List<ProcessHandle> descendants = new ArrayList<>();
            BestEffort.attempt(
                    "asking for its state", () -> worker.stateAtKill = DescendantReaper.state(process.pid()));
            BestEffort.attempt(
                    "asking for its children", () -> descendants.addAll(DescendantReaper.before(process.toHandle())));
            // Process.destroyForcibly would close the streams and lose the worker's last output.
            process.toHandle().destroyForcibly();
            descendants.forEach(ProcessHandle::destroyForcibly);
        }
    }
}
