package dev.brigade.process;

import dev.brigade.process.os.BestEffort;
import dev.brigade.process.os.DescendantReaper;
import dev.brigade.process.os.ProcessOutput;
import dev.brigade.process.os.ProcessOutputReader;
import dev.brigade.process.protocol.HandshakeToken;
import dev.brigade.process.protocol.ProgressFile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts, watches and kills the workers' processes.
 *
 * <p>Design note: all of it on helper threads, since starting and looking at processes may take a while; what it learns is told
 * on the channel's thread. A worker takes two of them for as long as it lives: one waits for its exit, one for its output. Each
 * thread that tells of its end is there before, so that no shortage can keep it. The crew's lock guards the workers' fields.
 */
final class ProcessManager implements WorkerSupervisor.ProcessActions {
    private static final Logger LOG = LoggerFactory.getLogger(ProcessManager.class);

    /** How long after a worker's exit more output is waited for: something that it has started may hold the pipe. */
    private static final long DRAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private static final long KILL_AGAIN_MILLIS = 100;

    /** Where the processes belong. */
    interface ProcessListener {
        /** Starts the worker's process. */
        Process start(WorkerRecord worker) throws IOException;

        /** What the worker, which is dead, was at; null when it never got so far. */
        ProgressFile.@Nullable Entry lastEntry(WorkerRecord worker);

        /** Has it done on the channel's thread. */
        void onLoop(Runnable action);

        /** The worker has not even got a process; its cause says why. */
        void startFailed(WorkerRecord worker);

        /** The worker's process is gone: reads what it left in its channel. On the channel's thread. */
        void readRest(WorkerRecord worker);

        /** The worker has written a line past the standard streams of Java. */
        void print(WorkerRecord worker, String line);
    }

    private final PoolState crew;
    private final Executor helpers;
    private final ProcessListener home;

    ProcessManager(PoolState crew, Executor helpers, ProcessListener home) {
        this.crew = crew;
        this.helpers = helpers;
        this.home = home;
    }

    @Override
    public void launch(WorkerRecord worker) {
        try {
            helpers.execute(() -> launchNow(worker));
        } catch (OutOfMemoryError e) {
            // No thread is left for it.
            failed(worker, e);
        }
    }

    private void launchNow(WorkerRecord worker) {
        try {
            String token = HandshakeToken.next();
            synchronized (crew) {
                worker.token = token;
            }
            launched(worker, home.start(worker));
        } catch (Throwable e) {
            failed(worker, e);
        }
    }

    private void failed(WorkerRecord worker, Throwable why) {
        LOG.debug("{} could not be started", worker.name(), why);
        // There may be a process all the same, which nobody could watch.
        BestEffort.attempt("ending a process that nobody watches", () -> killNow(worker));
        endKin(worker);
        synchronized (crew) {
            worker.cause = why;
            worker.exited = true;
            worker.drained = true;
        }
        try {
            home.startFailed(worker);
        } finally {
            ProgressFile.Entry ignored = worker.takeAccount(); // nobody waits for its exit
        }
    }

    private void launched(WorkerRecord worker, Process process) {
        boolean doomed;
        synchronized (crew) {
            worker.process = process;
            doomed = worker.killedFor != null;
            crew.notifyAll(); // the exit hook may wait for it
        }
        LOG.debug("{} started", worker.describe());
        ProcessOutput output = new ProcessOutput(process);
        helpers.execute(new ProcessOutputReader(output, line -> home.print(worker, line), () -> drained(worker)));
        helpers.execute(() -> awaitExit(worker, process, output));
        if (doomed) {
            killNow(worker); // here, since a pool that has been closed has no helpers
            kill(worker);
        }
        home.onLoop(
                () -> LOG.trace("{} has a deadline to be ready", worker.name())); // the loop looks at its clock again
    }

    /**
     * On a thread of its own from start to end. Process.onExit tells on the common pool, which the application may keep busy for as
     * long as it likes, perhaps with what waits for this worker.
     */
    private void awaitExit(WorkerRecord worker, Process process, ProcessOutput output) {
        try {
            process.waitFor();
            exited(worker);
            output.endOnceSilent(DRAIN_NANOS);
        } catch (InterruptedException e) {
            // The pool has closed, and sees to what this worker leaves.
            Thread.currentThread().interrupt();
        }
    }

    private void drained(WorkerRecord worker) {
        home.onLoop(() -> {
            synchronized (crew) {
                worker.drained = true;
            }
        });
    }

    private void exited(WorkerRecord worker) {
        // Whatever fails here, the worker is dead: where no descriptor is left, not even a class can be loaded.
        AtomicReference<ProgressFile.@Nullable Entry> last = new AtomicReference<>();
        BestEffort.attempt("reading what " + worker.name() + " was at", () -> last.set(home.lastEntry(worker)));
        endKin(worker);
        home.onLoop(() -> {
            BestEffort.attempt("reading the rest of " + worker.name(), () -> home.readRest(worker));
            synchronized (crew) {
                worker.lastEntry = last.get();
                worker.exited = true;
                // Twice, so that the end of the output, where that is made, comes before.
                worker.buryByNanos = System.nanoTime() + 2 * DRAIN_NANOS;
            }
        });
    }

    private static void endKin(WorkerRecord worker) {
        BestEffort.attempt(
                "ending what " + worker.name() + " has started", () -> DescendantReaper.end(List.of(), worker.cookie));
    }

    @Override
    public void kill(WorkerRecord worker) {
        try {
            helpers.execute(() -> killUntilItIsDead(worker));
        } catch (OutOfMemoryError e) {
            killNow(worker);
        }
    }

    /** Where the machine has no descriptor left, the JDK cannot even send a signal: then it is sent later. */
    private static void killUntilItIsDead(WorkerRecord worker) {
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

    static void killNow(WorkerRecord worker) {
        Process process = worker.process;
        if (process != null) {
            List<ProcessHandle> kin = new ArrayList<>();
            BestEffort.attempt(
                    "asking for its state", () -> worker.stateAtKill = DescendantReaper.state(process.pid()));
            BestEffort.attempt(
                    "asking for its children", () -> kin.addAll(DescendantReaper.before(process.toHandle())));
            // Not Process.destroyForcibly: that closes the streams and loses what the worker had printed.
            process.toHandle().destroyForcibly();
            kin.forEach(ProcessHandle::destroyForcibly);
        }
    }
}
