package dev.brigade.worker;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts, watches and kills the workers' processes.
 *
 * <p>Design note: all of it on helper threads, since starting and looking at processes may take a while; what it learns is told
 * on the channel's thread. The crew's lock guards the workers' fields.
 */
final class Processes implements Supervisor.Deeds {
    private static final Logger LOG = LoggerFactory.getLogger(Processes.class);

    /** How long after a worker's exit its last output is waited for: something that it has started may hold the pipe. */
    private static final long DRAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private static final long KILL_AGAIN_MILLIS = 100;

    /** Where the processes belong. */
    interface Home {
        /** Starts the worker's process. */
        Process start(Worker worker) throws IOException;

        /** What the worker, which is dead, was at; null when it never got so far. */
        Logbook.@Nullable Entry lastEntry(Worker worker);

        /** Has it done on the channel's thread. */
        void onLoop(Runnable action);

        /** The worker has not even got a process; its cause says why. */
        void startFailed(Worker worker);

        /** The worker's process is gone: reads what it left in its channel. On the channel's thread. */
        void readRest(Worker worker);

        /** The worker has written a line past the standard streams of Java. */
        void print(Worker worker, String line);
    }

    private final Crew crew;
    private final Executor helpers;
    private final Home home;

    Processes(Crew crew, Executor helpers, Home home) {
        this.crew = crew;
        this.helpers = helpers;
        this.home = home;
    }

    @Override
    public void launch(Worker worker) {
        try {
            helpers.execute(() -> launchNow(worker));
        } catch (OutOfMemoryError e) {
            // No thread is left for it.
            failed(worker, e);
        }
    }

    private void launchNow(Worker worker) {
        try {
            String token = Tokens.next();
            synchronized (crew) {
                worker.token = token;
            }
            launched(worker, home.start(worker));
        } catch (IOException | RuntimeException | Error e) {
            failed(worker, e);
        }
    }

    private void failed(Worker worker, Throwable why) {
        LOG.debug("{} could not be started", worker.name(), why);
        // There may be a process all the same, which nobody could watch.
        killNow(worker);
        Kin.end(List.of(), worker.cookie);
        synchronized (crew) {
            worker.cause = why;
            worker.exited = true;
            worker.drained = true;
        }
        try {
            home.startFailed(worker);
        } finally {
            Logbook.Entry ignored = worker.takeAccount(); // nobody waits for its exit
        }
    }

    /** On a helper thread; on the calling one when the machine has no thread left: late is better than never. */
    private void executeOrRun(Runnable action) {
        try {
            helpers.execute(action);
        } catch (OutOfMemoryError e) {
            action.run();
        }
    }

    private void launched(Worker worker, Process process) {
        boolean doomed;
        synchronized (crew) {
            worker.process = process;
            doomed = worker.killedFor != null;
        }
        LOG.debug("{} started", worker.describe());
        helpers.execute(
                new RawOutput(process.getInputStream(), line -> home.print(worker, line), () -> drained(worker)));
        // Also when that fails: it does where the JDK finds no thread to tell it on.
        CompletionStage<Process> ignored =
                process.onExit().whenComplete((same, noThread) -> executeOrRun(() -> exited(worker)));
        if (doomed) {
            kill(worker);
        }
        home.onLoop(
                () -> LOG.trace("{} has a deadline to be ready", worker.name())); // the loop looks at its clock again
    }

    private void drained(Worker worker) {
        home.onLoop(() -> {
            synchronized (crew) {
                worker.drained = true;
            }
        });
    }

    private void exited(Worker worker) {
        Logbook.Entry last = lastEntry(worker);
        endKin(worker);
        home.onLoop(() -> {
            try {
                home.readRest(worker);
            } finally {
                synchronized (crew) {
                    worker.lastEntry = last;
                    worker.exited = true;
                    worker.buryByNanos = System.nanoTime() + DRAIN_NANOS;
                }
            }
        });
    }

    /** Whatever fails here, the worker is dead: where no descriptor is left, not even a class can be loaded. */
    private Logbook.@Nullable Entry lastEntry(Worker worker) {
        try {
            return home.lastEntry(worker);
        } catch (RuntimeException | Error e) {
            LOG.warn("it is not known what {} was at when it died", worker.describe(), e);
            return null;
        }
    }

    private static void endKin(Worker worker) {
        try {
            Kin.end(List.of(), worker.cookie);
        } catch (RuntimeException | Error e) {
            LOG.warn("what {} has started may go on", worker.describe(), e);
        }
    }

    @Override
    public void kill(Worker worker) {
        try {
            helpers.execute(() -> killUntilItIsDead(worker));
        } catch (OutOfMemoryError e) {
            killNow(worker);
        }
    }

    /** Where the machine has no descriptor left, the JDK cannot even send a signal: then it is sent later. */
    private static void killUntilItIsDead(Worker worker) {
        killNow(worker);
        Process process = worker.process;
        try {
            while (process != null && !process.waitFor(KILL_AGAIN_MILLIS, TimeUnit.MILLISECONDS)) {
                process.toHandle().destroyForcibly();
            }
        } catch (InterruptedException e) {
            // The pool closes, and has seen to it that all are dead, or gives up.
            Thread.currentThread().interrupt();
        }
    }

    static void killNow(Worker worker) {
        Process process = worker.process;
        if (process != null) {
            worker.stateAtKill = Kin.state(process.pid());
            List<ProcessHandle> kin = Kin.before(process.toHandle());
            // Not Process.destroyForcibly: that closes the streams and loses what the worker had printed.
            process.toHandle().destroyForcibly();
            kin.forEach(ProcessHandle::destroyForcibly);
        }
    }
}
